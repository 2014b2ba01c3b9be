"""What a transform of texts says about the text of one part, as it grows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from ..types import Citation

__all__ = ["Edit", "Scanner", "Scanners"]


@dataclass(slots=True)
class Edit:
    """What becomes of a stretch of the text.

    Args:
        start, end: the stretch; empty for something put between.
        text: said instead.
        into: everything behind it belongs to a part of this kind.
        citation: a source that is told before ``text``.
        moves_only: the same text in other pieces.
    """

    start: int
    end: int
    text: str = ""
    into: type[Any] | None = None
    citation: Citation | None = None
    moves_only: bool = False


class Scanner(Protocol):
    """Reads one part. What it decides may depend on the text alone, never on where it was cut."""

    @property
    def patient(self) -> bool:
        """Whether it may go on waiting when another part of the answer begins."""
        ...

    def is_plain(self, text: str) -> bool:
        """Whether it is seen at a glance that this goes on as it is, if nothing before it waits: it spares a scan."""
        ...

    def scan(self, text: str, at: int, *, final: bool, cut: bool) -> tuple[list[Edit], int]:
        """Decide on more of the text.

        Args:
            text: what is not decided yet, from ``at`` on, with a little of what stands before it.
            final: nothing more comes for now: everything has to be decided.
            cut: it is no good end: the stream broke off.

        Returns:
            What changes, in order, and up to where all is decided.
        """
        ...


#: For each kind of part what makes the scanner of one, or gives None for a part to be left alone. It is given the
#: part as it began, and the choice.
Scanners: TypeAlias = Mapping[type[Any], Callable[[Any, int], Scanner | None]]
