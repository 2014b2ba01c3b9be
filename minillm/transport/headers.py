"""An answer's headers, as a mapping by lower-case name."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

__all__ = ["Headers", "Shape", "shape_of"]


class Shape:
    """The names of an answer's headers, and where each stands.

    A host's answers have the same names again and again, so this is worked out once (:func:`shape_of`).
    """

    __slots__ = ("lowered", "names", "places", "repeats")

    def __init__(self, names: tuple[bytes, ...]) -> None:
        self.names = tuple(name.decode("utf-8", "surrogateescape") for name in names)
        self.lowered = tuple(name.lower() for name in self.names)
        self.repeats = len(set(self.lowered)) < len(names)
        self.places: dict[str, int] = {}
        """By the name in lower case, and as it is spelt."""
        for place, name in enumerate(self.lowered):
            self.places[name] = self.places[self.names[place]] = place


@lru_cache(maxsize=256)
def shape_of(names: tuple[bytes, ...]) -> Shape:
    """The shape of headers with these names, in this order."""
    return Shape(names)


class Headers(Mapping[str, str]):
    """Any case finds a header, names come out in lower case, a repeated header's values are joined by a comma
    (RFC 9110, section 5.3).

    Args:
        shape: of names that stand there once each.
        values: theirs, in the same order, as they came but for the white space around them.
    """

    __slots__ = ("_shape", "_values")

    def __init__(self, shape: Shape, values: Sequence[bytes]) -> None:
        self._shape = shape
        self._values = values

    @classmethod
    def of(cls, pairs: Iterable[tuple[bytes, bytes]]) -> "Headers":
        """Those of an answer, as they came."""
        names, values = tuple(zip(*pairs, strict=True)) or ((), ())
        shape = shape_of(names)
        if not shape.repeats:
            return cls(shape, values)
        joined: dict[bytes, bytes] = {}
        for name, value in zip((name.lower() for name in names), values, strict=True):
            joined[name] = b"%b, %b" % (joined[name], value) if name in joined else value
        return cls(shape_of(tuple(joined)), tuple(joined.values()))

    def __getitem__(self, name: str) -> str:
        value: str | None = self.get(name)
        if value is None:
            raise KeyError(name)
        return value

    def get(self, name: str, default: Any = None) -> Any:
        """The value, or ``default``: without the price of an exception, since most headers asked for are absent."""
        places = self._shape.places
        place = places.get(name)
        if place is None:
            place = places.get(name.lower())
            if place is None:
                return default
        return self._values[place].decode("utf-8", "surrogateescape")  # as aiohttp reads them

    def some(self, names: Iterable[str]) -> dict[str, str]:
        """Those headers, which are there, by these names of theirs: for the price of about one :meth:`get`."""
        places, values = self._shape.places, self._values
        return {name: values[places[name]].decode("utf-8", "surrogateescape") for name in names}

    def names(self) -> tuple[str, ...]:
        """In any case; the same tuple whenever the same names come again."""
        return self._shape.names

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._shape.places

    def __iter__(self) -> Iterator[str]:
        return iter(self._shape.lowered)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Headers({list(self)})"  # names only: a value may be a cookie
