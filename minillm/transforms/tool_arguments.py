"""Arguments of tool calls that are no JSON, mended before anybody reads them."""

from functools import partial
from typing import Any

from ..errors import DecodeError, InvalidOutput
from ..json.repair import repair_json
from ..json.serialization import loads
from ..types import ToolCallPart
from .chain import Transform
from .rewriting import Rewriting
from .scanner import Edit, Scanners

__all__ = ["repair_tool_arguments"]

_LONGEST = 32 * 1024


def repair_tool_arguments(*, longest: int = _LONGEST) -> Transform:
    """Arguments that are meant to be a JSON object become one: raw line breaks, single quotes, trailing commas, fences,
    prose around it, JSON inside a JSON string (:func:`minillm.json.repair_json`).

    Sound arguments stay as they are. So do those that nobody can read, and those that **break off**: half a path
    or half a command must not look like a whole one. In a stream the arguments of a call come when it is
    complete, since what was shown cannot be taken back; who wants to see them grow reads them as they come, with
    ``ArgumentStream(lenient=True)``.

    Args:
        longest: no arguments of more characters are mended; it takes time, in the caller's thread.

    Example:
        >>> reply = await node.complete(gen, tools=[search], transforms=[repair_tool_arguments()])
    """
    return Transform(stream=partial(Rewriting, partial(_scanners, longest)))


def _scanners(longest: int) -> Scanners:
    return {ToolCallPart: partial(_scanner, longest)}


def _scanner(longest: int, part: Any, _choice: int) -> "_ArgumentScanner | None":
    return None if part.kind == "custom" or part.incomplete else _ArgumentScanner(longest)


class _ArgumentScanner:
    patient = True  # calls may come interleaved

    def __init__(self, longest: int) -> None:
        self._longest = longest

    def is_plain(self, text: str) -> bool:
        return False

    def scan(self, text: str, at: int, *, final: bool, cut: bool) -> tuple[list[Edit], int]:
        if not final:
            return [], at
        said = text[at:]
        mended = said if cut or len(said) > self._longest else _mended(said)
        return ([] if mended == said else [Edit(at, len(text), mended)]), len(text)


def _mended(text: str) -> str:
    if not text.strip():
        return text
    try:
        value = loads(text)
    except DecodeError:
        # As the tools themselves see it: a closing brace is the last word of a whole object.
        if not text.rstrip(" \t\r\n`~").endswith("}"):
            return text
    else:
        if value is None or isinstance(value, dict):
            return text
    try:
        return repair_json(text, expect="object").text
    except InvalidOutput:
        return text
