"""What a model sent as arguments, as a JSON object: repaired where it is not one, refused where it breaks off."""

from dataclasses import dataclass
from typing import Any

from ..errors import DecodeError, ToolError
from ..json.repair import repair_json_async
from ..json.serialization import loads
from ..types import ToolCallPart

__all__ = ["Arguments", "parse_arguments"]


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of a call, and whether its text had to be repaired to give them."""

    value: dict[str, Any]
    repaired: bool = False


async def parse_arguments(call: ToolCallPart) -> Arguments:
    """The arguments of a call; none sent, or null, is ``{}``.

    Text that is no JSON is repaired (:func:`minillm.json.repair_json`), unless it breaks off: half a path or half
    a command must not run.

    Raises:
        ToolError: the call was cut off.
        InvalidOutput: there is no JSON object in the text.
    """
    if call.incomplete:
        raise ToolError("the arguments were cut off, so it was not run")
    if not call.arguments.strip():
        return Arguments({})
    try:
        value = loads(call.arguments)
    except DecodeError:
        # A closing brace is what the last word of a whole object is; models that forget one are asked again.
        if not call.arguments.rstrip(" \t\r\n`~").endswith("}"):
            raise ToolError("the arguments break off, so it was not run") from None
    else:
        if value is None or isinstance(value, dict):
            return Arguments(value or {})
    result = await repair_json_async(call.arguments, expect="object")
    return Arguments(result.value, repaired=True)
