"""How much a server may send: it is somebody else's program, and what it says goes into prompts and onto screens."""

from dataclasses import dataclass, fields

from ...errors import ConfigurationError

__all__ = ["Limits", "one_line", "shortened"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What goes over a limit is cut or left out, and said to be; only an endless message ends the connection.

    Args:
        message_bytes: one message of the server, whatever is in it.
        tools: how many it may list.
        description: characters of a tool's description; the rest is cut.
        schema: characters of a tool's JSON schema; a tool with a larger one is left out.
        text: characters of text in a result; the rest is cut.
        media_bytes: bytes of pictures, sounds and files in a result; what is beyond is left out.
    """

    message_bytes: int = 32 * 1024 * 1024
    tools: int = 500
    description: int = 8_000
    schema: int = 100_000
    text: int = 200_000
    media_bytes: int = 20 * 1024 * 1024

    def __post_init__(self) -> None:
        for field in fields(self):
            value: object = getattr(self, field.name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise ConfigurationError(f"Limits({field.name}=...) must be a whole number of at least 1")


def one_line(text: str, limit: int = 400) -> str:
    """A server's words on one line, without what steers a terminal or turns the direction of writing."""
    # Cut first: a megabyte costs no more than what is seen of it.
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * limit]).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def shortened(text: str, limit: int) -> str:
    """The text, its end replaced by a word on what is missing if it is too long."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}\n[cut here: {len(text) - limit:,} of {len(text):,} characters are left out]"
