"""The inside of a JSON string that comes in pieces, cut anywhere: inside an escape, between two surrogates."""

import re
from json import JSONDecoder

__all__ = ["StreamedText", "joined_surrogates"]

_decode = JSONDecoder(strict=False).decode
_SURROGATE = re.compile("[\ud800-\udfff]")
_BACKSLASH = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})?')


class StreamedText:
    """Decodes the text of one string piece by piece.

    Args:
        lenient: a backslash before anything that is no escape is itself, raw line breaks are text, and half a
            surrogate pair becomes U+FFFD; else it stays what it is, as in Python's own ``json``.
    """

    __slots__ = ("_high", "_lenient", "_pieces")

    def __init__(self, *, lenient: bool = False) -> None:
        self._pieces: list[str] = []
        self._high = ""
        self._lenient = lenient

    def take(self, raw: str) -> str:
        """What these characters say; no escape in them is cut. A first half of a pair waits for its second."""
        text = raw
        if "\\" in raw:
            if self._lenient:
                raw = _BACKSLASH.sub(_escaped, raw)
            text = _decode(f'"{raw}"')
        if self._high or not text.isascii():
            text = joined_surrogates(self._high + text)
            self._high = text[-1] if text and "\ud800" <= text[-1] <= "\udbff" else ""
            if self._high:
                text = text[:-1]
        return self._kept(text)

    def end(self) -> str:
        """The half pair that was still waiting, if any."""
        high, self._high = self._high, ""
        return self._kept(high)

    def value(self) -> str:
        """All of it."""
        return "".join(self._pieces)

    def _kept(self, text: str) -> str:
        if self._lenient and not text.isascii():
            text = _SURROGATE.sub("\ufffd", text)
        if text:
            self._pieces.append(text)
        return text


def _escaped(found: "re.Match[str]") -> str:
    """An escape as it is; a backslash that begins none as the escape of itself."""
    return found[0] if len(found[0]) > 1 else "\\\\"


def joined_surrogates(text: str) -> str:
    """Neighbouring halves of a pair as the one character they mean."""
    if _SURROGATE.search(text) is None:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
