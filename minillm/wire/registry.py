"""Which wires there are, and their codecs by name."""

from importlib import import_module

from ..errors import ConfigurationError
from .codec import Codec, Quirks

__all__ = ["WIRES", "get_codec"]

WIRES: tuple[str, ...] = (
    "openai_chat_completions",
    "openai_responses",
    "anthropic_messages",
    "gemini_generate_content",
)
"""The protocols that can be spoken; each is a folder here."""


def get_codec(name: str, quirks: Quirks | None = None) -> Codec:
    """The codec of a wire.

    Args:
        name: one of :data:`WIRES`.
        quirks: how one host's dialect differs; None is the reference protocol.

    Raises:
        ConfigurationError: no such wire.
    """
    if name not in WIRES:
        raise ConfigurationError(f"no wire is called {name!r}; known are {', '.join(WIRES)}")
    codec: Codec = import_module(f".{name}", __package__).Codec(quirks)
    return codec
