"""What a function returned, as the content of a tool's result."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from enum import Enum
from os import PathLike, fspath
from typing import Any

from ..errors import EncodeError, ToolError
from ..json.serialization import dumps
from ..types import MediaPart, NativePart, Part, TextPart, as_content

__all__ = ["result_content"]

_PARTS = (TextPart, MediaPart, NativePart)


def result_content(value: Any) -> str | tuple[Part, ...]:
    """Text as it is; parts (images, files, text), alone or in a list with texts, as parts; everything else as JSON.

    JSON is made of all that JSON holds, and of dataclasses, pydantic models, enums, dates, sets, paths and Decimals
    (as text, so that none of their digits is lost).

    Raises:
        ToolError: a value that none of this can say.
    """
    if isinstance(value, str) and not isinstance(value, Enum):
        return value
    if isinstance(value, _PARTS):
        return (value,)  # type: ignore[return-value]
    if isinstance(value, list | tuple) and any(isinstance(item, _PARTS) for item in value):
        if all(isinstance(item, (str, *_PARTS)) for item in value):
            return as_content(value)
        raise ToolError("a list with parts in it may hold only parts and texts")
    try:
        return _json(value)
    except (EncodeError, RecursionError) as error:
        problem = error.message if isinstance(error, EncodeError) else "it holds itself"
        raise ToolError(f"what it returned cannot be said as JSON: {problem}") from error


def _json(value: Any) -> str:
    try:
        return dumps(value).decode()
    except EncodeError:
        return dumps(_plain(value)).decode()


def _plain(value: Any) -> Any:
    """What JSON has no word for, in JSON's words."""
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, Decimal | PathLike):
        return str(value) if isinstance(value, Decimal) else fspath(value)
    if isinstance(value, bytes | bytearray | memoryview | str):
        return value
    if hasattr(value, "model_dump") and not isinstance(value, type):  # pydantic
        return value.model_dump(mode="json")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {_key(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence | AbstractSet):
        return [_plain(item) for item in value]
    as_list = getattr(value, "tolist", None)  # numpy's arrays and numbers have it
    if callable(as_list):
        return _plain(as_list())
    return value


def _key(key: Any) -> Any:
    """A mapping's key as JSON would write it as a value, since keys are texts there."""
    if isinstance(key, Enum):
        return _key(key.value)
    if isinstance(key, bool | int | float | None):
        return dumps(key).decode()
    return str(key) if isinstance(key, dt.date | dt.time | uuid.UUID | Decimal | PathLike) else key
