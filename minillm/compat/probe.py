"""A probe: what it asks, how it judges, and what errors mean to all of them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import (
    APIError,
    AuthenticationError,
    BudgetExceeded,
    ConfigurationError,
    ConnectError,
    ContextLengthError,
    DecodeError,
    EncodeError,
    MiniLLMError,
    QuotaError,
    RateLimitError,
    StreamInterrupted,
    TimeoutExceeded,
    TransportError,
)
from .subject import Subject
from .verdict import Finding, Verdict, failed, inconclusive, unsupported

__all__ = ["PROBES", "Probe", "judged", "of_error", "probe", "said_of"]

Ask = Callable[[Subject], Awaitable[Finding]]

_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Probe:
    """One question to a host.

    Args:
        name: how tables and files call it.
        group: what it belongs to.
        asks: what is asked, in a sentence.
        proves: what a pass needs, and what else is judged how.
        ask: asks and judges. A failure of the exchange may go through; :func:`judged` knows what it means.
        requests: about how many it sends.
        refused: what a profile learns where the host refuses the wish or leaves it unread.
        granted: what it learns from a pass.
    """

    name: str
    group: str
    asks: str
    proves: str
    ask: Ask = field(repr=False)
    requests: int = 1
    refused: Mapping[str, Any] = field(default_factory=dict)
    granted: Mapping[str, Any] = field(default_factory=dict)

    def learned(self, finding: Finding) -> dict[str, Any]:
        """All that a profile takes from a finding."""
        if finding.verdict is Verdict.PASS:
            return {**self.granted, **finding.learned}
        if finding.verdict is Verdict.UNSUPPORTED or finding.ignored:
            return {**self.refused, **finding.learned}
        return dict(finding.learned)


#: All probes by name, in their order; filled by ``minillm.compat.probes``.
PROBES: dict[str, Probe] = {}


def probe(
    group: str,
    asks: str,
    proves: str,
    *,
    requests: int = 1,
    refused: Mapping[str, Any] | None = None,
    granted: Mapping[str, Any] | None = None,
) -> Callable[[Ask], Ask]:
    """Enter a function as the probe of its name."""

    def entered(ask: Ask) -> Ask:
        name = getattr(ask, "__name__", "")
        PROBES[name] = Probe(name, group, asks, proves, ask, requests, refused or {}, granted or {})
        return ask

    return entered


async def judged(asked: Probe, subject: Subject) -> Finding:
    """Ask and judge; a failure of an exchange is a finding as well.

    Raises:
        ConfigurationError: a key or a setting is missing: no other probe would fare better.
    """
    try:
        return await asked.ask(subject)
    except ConfigurationError:
        raise
    except MiniLLMError as error:
        return of_error(error)


def of_error(error: MiniLLMError) -> Finding:
    """What a failed exchange says of the feature that it was to show."""
    told = said_of(error)
    if isinstance(error, EncodeError):
        # Nothing was sent: the protocol has no form for it, or the host's row says that it is not taken.
        return Finding(Verdict.UNSUPPORTED, f"not sent: {told}")
    if isinstance(error, BudgetExceeded):
        return Finding(Verdict.SKIPPED, "the budget is spent")
    if isinstance(error, APIError):
        return _of_status(error, told)
    if isinstance(error, StreamInterrupted):
        return failed(f"the answer was cut, or ended without its end mark: {told}")
    if isinstance(error, DecodeError):
        return failed(f"the answer is not what the protocol allows: {told}")
    if isinstance(error, TimeoutExceeded):
        return inconclusive(f"no answer in time: {told}")
    if isinstance(error, ConnectError):
        return failed(f"cannot be reached: {told}")
    if isinstance(error, TransportError):
        return failed(f"the exchange broke: {told}")
    return inconclusive(told)


def _of_status(error: APIError, told: str) -> Finding:
    status = error.status
    if isinstance(error, RateLimitError | QuotaError):
        return inconclusive(f"asked too often or beyond the quota: {told}")
    if isinstance(error, AuthenticationError):
        return inconclusive(f"no access: {told}")
    if isinstance(error, ContextLengthError):
        return unsupported(f"too long for the model, refused as such: {told}")
    if status in (408, 425, 502, 503, 504, 529):
        return inconclusive(f"out of order for the moment: {told}")
    if status == 500 and "support" not in told.lower():
        return failed(f"breaks the server instead of being refused: {told}")
    if status is None or status < 400:
        return failed(f"an error inside an answer of success: {told}")
    return unsupported(f"refused: {told}")


def said_of(error: MiniLLMError) -> str:
    """The error on one short line."""
    text = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, EncodeError):  # without what a caller could do about it
        text = text.partition(" unsupported='")[0].rstrip(".;")
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
