"""An answer's headers, as a mapping by lower-case name."""

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["Headers"]


class Headers(Mapping[str, str]):
    """A view of a case-insensitive multi-mapping: of twenty headers a client reads two, so no dictionary is made.

    Any case finds a header, names come out in lower case, a repeated header's values are joined by a comma
    (RFC 9110, section 5.3).
    """

    __slots__ = ("_raw",)

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def __getitem__(self, name: str) -> str:
        return ", ".join(self._raw.getall(name))

    def __contains__(self, name: object) -> bool:
        return name in self._raw

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name.lower() for name in self._raw))

    def __len__(self) -> int:
        return len({name.lower() for name in self._raw})

    def __repr__(self) -> str:
        return f"Headers({list(self)})"  # names only: a value may be a cookie
