"""json-repair under a budget.

It is a parser of guesses with unbounded look-ahead: six thousand characters of ``'{]`` keep
version 0.64 busy for ten seconds, and a long string costs it time by the square. Time is not a
test that repeats, so what is bounded is the number of characters it may look at: it reads its text
only by subscript, and the text it is given counts.
"""

from typing import Any, Self, SupportsIndex

__all__ = ["MOST_CHARACTERS", "MOST_LOOKS", "TooMuchWork", "repaired"]

#: The longest text json-repair is given. Beyond, one long string alone could keep it for seconds.
MOST_CHARACTERS = 128 * 1024

#: How many characters it may look at in all: at worst a second or two. Plain faults cost two to four a character.
MOST_LOOKS = 600_000


class TooMuchWork(Exception):
    """The budget is spent."""


class _Purse:
    __slots__ = ("left",)

    def __init__(self, looks: int) -> None:
        self.left = looks


class _CountedText(str):
    """Text that pays for every look at it; what is cut out of it or joined to it pays too."""

    __slots__ = ("purse",)
    purse: _Purse

    def __new__(cls, text: str, purse: _Purse) -> Self:
        self = super().__new__(cls, text)
        self.purse = purse
        return self

    def __getitem__(self, key: SupportsIndex | slice) -> str:
        found = str.__getitem__(self, key)
        purse = self.purse
        if isinstance(key, slice):
            purse.left -= 1 + len(found) // 32
            found = _CountedText(found, purse)
        else:
            purse.left -= 1
        if purse.left < 0:
            raise TooMuchWork
        return found

    def __add__(self, other: str) -> str:
        return _CountedText(str.__add__(self, other), self.purse)


def repaired(text: str, looks: int = MOST_LOOKS) -> Any:
    """What json-repair makes of the text; ``""`` where it finds nothing.

    Raises:
        TooMuchWork: the budget is spent.
        ValueError: it gives up.
    """
    from json_repair import repair_json

    try:
        value = repair_json(_CountedText(text, _Purse(looks)), return_objects=True, skip_json_loads=True)
    except TooMuchWork:
        raise
    except Exception as error:
        raise ValueError(f"json-repair gave up ({type(error).__name__})") from error
    return _plain(value)


def _plain(value: Any) -> Any:
    """Counted text as plain ``str``, and non-finite numbers by their names, since JSON has none."""
    root = [value]
    waiting: list[Any] = [root]
    for container in waiting:  # grows while it is read
        items: list[tuple[Any, Any]]
        if isinstance(container, dict):
            items = [(str(key), item) for key, item in container.items()]
            container.clear()
        else:
            items = list(enumerate(container))
        for key, item in items:
            container[key] = _leaf(item)
            if isinstance(item, (dict, list)):
                waiting.append(item)
    return root[0]


def _leaf(item: Any) -> Any:
    if isinstance(item, str):
        return str(item)
    if isinstance(item, float) and item - item != 0.0:
        return "Infinity" if item > 0 else "-Infinity" if item < 0 else "NaN"
    return item
