"""Who is asked, as a file says it: ``[providers.NAME]``; and the kinds of values such files hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Literal

from ..config_file import Bounds, NonEmpty

__all__ = ["Count", "Money", "Name", "Positive", "ProviderTable", "Rate", "Whole", "Wire"]

Wire = Literal["openai_chat_completions", "openai_responses", "anthropic_messages", "gemini_generate_content"]
Count = Annotated[int, Bounds(at_least=0)]
Whole = Annotated[int, Bounds(at_least=1)]
Positive = Annotated[float, Bounds(above=0)]
Name = Annotated[str, NonEmpty()]
Rate = Annotated[Decimal, Bounds(at_least=0)]
Money = Annotated[Decimal, Bounds(above=0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderTable:
    """``[providers.NAME]``.

    Args:
        host: a known one, ``local`` or ``custom``; None is the one that is called as the table.
        enabled: False is asked only by name.
        input_price: USD a million tokens, where no price is known; the other two likewise.
    """

    host: Name | None = None
    models: Sequence[Name] = ()
    base_url: Name | None = None
    wire: Wire | None = None
    api_key_env: Name | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    enabled: bool = True
    input_price: Rate | None = None
    output_price: Rate | None = None
    cached_price: Rate | None = None
