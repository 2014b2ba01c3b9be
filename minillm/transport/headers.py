"""An answer's headers, as a mapping by lower-case name."""

from collections.abc import ItemsView, Iterator, Mapping
from typing import Any

__all__ = ["Headers"]


class Headers(Mapping[str, str]):
    """A view of a case-insensitive multi-mapping. A look-up asks that; the first walk through makes a dictionary.

    Any case finds a header, names come out in lower case, a repeated header's values are joined by a comma
    (RFC 9110, section 5.3).
    """

    __slots__ = ("_by_name", "_raw")

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._by_name: dict[str, str] | None = None

    def __getitem__(self, name: str) -> str:
        return ", ".join(self._raw.getall(name))

    def get(self, name: str, default: Any = None) -> Any:
        """The value, or ``default``: without the price of an exception, since most headers asked for are absent."""
        return self[name] if name in self._raw else default

    def names(self) -> tuple[str, ...]:
        """As they came: in any case, and each as often as it stands there."""
        return tuple(self._raw)

    def __contains__(self, name: object) -> bool:
        return name in self._raw

    def __iter__(self) -> Iterator[str]:
        return iter(self._dictionary())

    def items(self) -> ItemsView[str, str]:
        """Names in lower case, with their values."""
        return self._dictionary().items()

    def __len__(self) -> int:
        return len(self._dictionary())

    def __repr__(self) -> str:
        return f"Headers({list(self)})"  # names only: a value may be a cookie

    def _dictionary(self) -> dict[str, str]:
        by_name = self._by_name
        if by_name is None:
            by_name = {name.lower(): value for name, value in self._raw.items()}
            if len(by_name) < len(self._raw):  # some are repeated
                by_name = {name: self[name] for name in by_name}
            self._by_name = by_name
        return by_name
