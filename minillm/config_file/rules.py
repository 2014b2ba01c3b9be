"""What a field may be told besides its type."""

from dataclasses import dataclass
from decimal import Decimal

__all__ = ["BadValue", "Bounds", "NonEmpty"]


class BadValue(ValueError):
    """Raised in a dataclass's ``__post_init__``: what is wrong with which of its keys.

    Args:
        message: what was found, and what is allowed; no secrets, no long texts.
        key: the key as the file spells it; "" for the table as a whole.
    """

    def __init__(self, message: str, key: str | int | tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.key = key if isinstance(key, tuple) else (key,) if key != "" else ()


@dataclass(frozen=True, slots=True)
class Bounds:
    """A number's limits, each with its own: ``Annotated[int, Bounds(at_least=1)]``."""

    at_least: float | None = None
    at_most: float | None = None
    above: float | None = None
    below: float | None = None

    def complaint(self, value: float | Decimal) -> str:
        fits = (
            (self.at_least is None or value >= self.at_least)
            and (self.at_most is None or value <= self.at_most)
            and (self.above is None or value > self.above)
            and (self.below is None or value < self.below)
        )
        return "" if fits else f"is {value if -1e15 < value < 1e15 else 'a huge number'}; allowed: {self}"

    def __str__(self) -> str:
        said = {"at least": self.at_least, "above": self.above, "at most": self.at_most, "below": self.below}
        return " and ".join(f"{words} {limit}" for words, limit in said.items() if limit is not None)


@dataclass(frozen=True, slots=True)
class NonEmpty:
    """A text with more than white space in it, or a list or table with an item: ``Annotated[str, NonEmpty()]``."""

    def complaint(self, value: object) -> str:
        empty = not value.strip() if isinstance(value, str) else not value
        return "is empty" if empty else ""
