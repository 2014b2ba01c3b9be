"""What a probe has found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

__all__ = [
    "Finding",
    "Verdict",
    "degraded",
    "failed",
    "inconclusive",
    "passed",
    "unsupported",
]


class Verdict(StrEnum):
    """How a probe ended, the best first."""

    PASS = "pass"  # noqa: S105  no password
    DEGRADED = "degraded"
    UNSUPPORTED = "unsupported"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    SKIPPED = "skipped"

    @property
    def meaning(self) -> str:
        """One sentence for tables and pages."""
        return _MEANINGS[self]


_MEANINGS = {
    Verdict.PASS: "the answer shows an effect that a host which ignores the request would not have",
    Verdict.DEGRADED: "it works in part, or in a weaker form",
    Verdict.UNSUPPORTED: "the host refuses it with an error of its own, or its protocol has no form for it",
    Verdict.FAIL: "the host took the request and did something else, or broke its protocol",
    Verdict.INCONCLUSIVE: "the request was taken, but the answer shows neither that it worked nor that it did not",
    Verdict.SKIPPED: "not asked",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict and why.

    Args:
        verdict: see :class:`Verdict`.
        reason: for people; what was seen. It quotes little of an answer and never a key.
        learned: what a profile takes from it, by dotted name (``"quirks.max_tokens_field"``).
        ignored: the host took the wish and left it unread, so that a client does better not to send it.
    """

    verdict: Verdict
    reason: str
    learned: Mapping[str, Any] = field(default_factory=dict)
    ignored: bool = False


def passed(reason: str, **learned: Any) -> Finding:
    return Finding(Verdict.PASS, reason, _dotted(learned))


def degraded(reason: str, **learned: Any) -> Finding:
    return Finding(Verdict.DEGRADED, reason, _dotted(learned))


def unsupported(reason: str, **learned: Any) -> Finding:
    return Finding(Verdict.UNSUPPORTED, reason, _dotted(learned))


def failed(reason: str, *, ignored: bool = False, **learned: Any) -> Finding:
    return Finding(Verdict.FAIL, reason, _dotted(learned), ignored)


def inconclusive(reason: str) -> Finding:
    return Finding(Verdict.INCONCLUSIVE, reason)


def _dotted(learned: Mapping[str, Any]) -> dict[str, Any]:
    """``quirks__prefill`` is a possible keyword; ``quirks.prefill`` is what it means."""
    return {name.replace("__", "."): value for name, value in learned.items()}
