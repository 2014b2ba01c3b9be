"""JSON as Python sees it, and the "nothing was said" marker."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Final, Literal, TypeAlias

__all__ = ["UNSET", "JSONObject", "JSONValue", "Unset"]

JSONValue: TypeAlias = None | bool | int | float | str | Sequence["JSONValue"] | Mapping[str, "JSONValue"]
JSONObject: TypeAlias = Mapping[str, JSONValue]


class Unset(Enum):
    """The type of :data:`UNSET`: apart from ``None``, which means "deliberately not sent"."""

    UNSET = "UNSET"

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET
