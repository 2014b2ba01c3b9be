"""A benchmark as a file says it; ``sample.toml`` beside this module is one with a comment on each key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

from ..config_file import BadValue, Bounds, NonEmpty
from ..trials.provider_table import Count, Money, Name, Positive, ProviderTable, Whole

__all__ = ["AskedTable", "BenchmarkFile", "LimitSettings", "MessageSettings", "PromptSettings", "RunSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """``[benchmark]``; see :class:`minillm.benchmark.Plan`."""

    providers: Sequence[Name] | None = None
    prompts: Annotated[Sequence[Name], NonEmpty()] = ("short",)
    requests: Whole = 20
    concurrency: Sequence[Whole] | None = None
    rates: Sequence[Positive] = ()
    warm_up: Count | None = None
    max_tokens: Whole = 128
    temperature: Annotated[float, Bounds(at_least=0)] | None = None
    pause: Annotated[float, Bounds(at_least=0)] = 0.0
    timeout: Positive = 120.0
    unique: bool = False
    seed: int = 1
    budget_usd: Money | None = None
    keep_waits: bool = True

    def __post_init__(self) -> None:
        if self.concurrency is not None and not self.concurrency and not self.rates:
            raise BadValue("is empty, and so is rates: say how hard to ask", "concurrency")


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSettings:
    """``[limits]``, in milliseconds as people speak of them."""

    first_token_ms: Positive | None = None
    inter_token_ms: Positive | None = None
    end_to_end_ms: Positive | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedTable(ProviderTable):
    """``[providers.NAME]``, and whether its answers come in pieces."""

    stream: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSettings:
    """One message of ``[[prompts.NAME.messages]]``."""

    role: Literal["system", "user", "assistant"]
    text: str = ""
    images: Sequence[Name] = ()
    audio: Sequence[Name] = ()
    files: Sequence[Name] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptSettings:
    """``[prompts.NAME]``: a text, or messages."""

    description: str = ""
    system: Name | None = None
    text: str = ""
    images: Sequence[Name] = ()
    audio: Sequence[Name] = ()
    files: Sequence[Name] = ()
    messages: Sequence[MessageSettings] = ()

    def __post_init__(self) -> None:
        said = bool(self.text or self.images or self.audio or self.files)
        if self.messages and (said or self.system is not None):
            raise BadValue("stands beside text, system, images, audio or files: give the one or the other", "messages")
        if not self.messages and not said:
            raise BadValue("says nothing: give text, images, audio, files or messages")


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkFile:
    """The whole file."""

    benchmark: RunSettings = RunSettings()
    limits: LimitSettings = LimitSettings()
    providers: Mapping[Name, AskedTable] = field(default_factory=dict)
    prompts: Mapping[Name, PromptSettings] = field(default_factory=dict)
