"""What a conversion could not say: collected, warned about, or refused."""

import warnings
from collections.abc import Callable

from .errors import EncodeError, LossWarning
from .types import Loss, Severity

__all__ = ["Loss", "Report", "Severity"]


class Report:
    """Collects the losses of one conversion, one entry a part or field.

    Args:
        strict: raise :class:`EncodeError` at the first loss of severity ``lost``.
    """

    __slots__ = ("_ignore", "_losses", "strict")

    def __init__(self, strict: bool = False) -> None:
        self.strict = strict
        self._losses: dict[tuple[str, str, str, Severity], int] = {}
        self._ignore = False

    @classmethod
    def ignore(cls) -> "Report":
        """A report that keeps nothing: for callers who say explicitly that they do not care."""
        report = cls()
        report._ignore = True
        return report

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What was lost, in the order it was found; equal losses are counted."""
        if not self._losses:
            return ()
        return tuple(
            Loss(path, what, reason, severity, count) for (path, what, reason, severity), count in self._losses.items()
        )

    def add(self, path: str, what: str, reason: str, severity: Severity = Severity.LOST) -> None:
        """Note a loss.

        Raises:
            EncodeError: the report is strict and the severity is ``lost``.
        """
        if self._ignore:
            return
        if self.strict and severity is Severity.LOST:
            raise EncodeError(f"{what} cannot be said: {reason}", path=path)
        key = (path, what, reason, severity)
        self._losses[key] = self._losses.get(key, 0) + 1

    def note(self, path: str, what: str, reason: str) -> None:
        """A loss of no consequence to the answer."""
        self.add(path, what, reason, Severity.NOTE)

    def degraded(self, path: str, what: str, reason: str) -> None:
        """Said in a weaker form."""
        self.add(path, what, reason, Severity.DEGRADED)

    def lost(self, path: str, what: str, reason: str) -> None:
        """Not said at all."""
        self.add(path, what, reason, Severity.LOST)

    def __bool__(self) -> bool:
        """Whether anything was lost."""
        return bool(self._losses)

    def __repr__(self) -> str:
        return f"Report({len(self._losses)} losses{', strict' if self.strict else ''})"


class WarningReport(Report):
    """What ``report=None`` means: every loss is a :class:`LossWarning`."""

    __slots__ = ()

    def add(self, path: str, what: str, reason: str, severity: Severity = Severity.LOST) -> None:
        new = (path, what, reason, severity) not in self._losses
        super().add(path, what, reason, severity)
        if new:
            warnings.warn(str(Loss(path, what, reason, severity)), LossWarning, stacklevel=4)


def reporting(report: Report | None, make: Callable[[], Report] = WarningReport) -> Report:
    """The given report, or one that warns."""
    return make() if report is None else report
