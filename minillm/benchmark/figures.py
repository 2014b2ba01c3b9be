"""The figures of one series, and how each of them is computed."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from .measurement import Measurement
from .plan import Limits
from .spread import Spread

__all__ = ["FORMULAE", "TIMES", "Figures", "Time", "figures_of"]


@dataclass(frozen=True, slots=True)
class Time:
    """A figure that every request has.

    Args:
        name: of the field in :class:`Figures`.
        label: for people.
        unit: ``"s"``, or ``"/s"`` where more is better.
        formula: how it is computed.
        values: of one request: none, one or many.
    """

    name: str
    label: str
    unit: str
    formula: str
    values: Callable[[Measurement], Iterable[float | None]]


TIMES = (
    Time(
        "first_token",
        "time to first token",
        "s",
        "first token of any kind, thinking included - when the request was due",
        lambda row: (row.first_token,),
    ),
    Time(
        "first_text",
        "time to first text",
        "s",
        "first token that is no thinking - when the request was due",
        lambda row: (None if row.first_text is None else row.first_text - row.due,),
    ),
    Time(
        "inter_token",
        "inter-token latency",
        "s",
        "(last token - first token) / (output tokens - thinking that was not streamed - 1); one value a request, "
        "none for an answer that came at once",
        lambda row: (row.inter_token,),
    ),
    Time(
        "wait",
        "wait between pieces",
        "s",
        "a piece of the answer - the piece before it, all pieces of all requests; what comes together waits 0",
        lambda row: row.waits,
    ),
    Time(
        "speed",
        "output tokens per second",
        "/s",
        "output tokens / end to end; one value a request",
        lambda row: (row.tokens_per_second,),
    ),
    Time(
        "end_to_end",
        "end to end",
        "s",
        "end of the answer - when the request was due",
        lambda row: (row.end_to_end,),
    ),
    Time(
        "since_sent",
        "since sent",
        "s",
        "end of the answer - when the request was sent; equal to end to end unless the program was late",
        lambda row: (row.since_sent,),
    ),
    Time(
        "late",
        "sent late by",
        "s",
        "when the request was sent - when it was due: by how much this program, not the host, was slow",
        lambda row: (row.late,),
    ),
)

#: What is printed under every table: a figure, and how it is computed.
FORMULAE: Mapping[str, str] = {
    **{time.label: time.formula for time in TIMES},
    "due": "closed loop: the moment a request is sent. Open loop: the moment the schedule says, answers or not",
    "output tokens": "as the host reports them in usage, thinking included; never counted here, never prompt tokens",
    "percentiles": "over answered requests, between the two nearest in proportion (p50 is the median)",
    "duration": "end of the last request - when the first was due; warm-up is outside",
    "requests per second": "answered requests / duration",
    "throughput": "output tokens of answered requests / duration",
    "tokens a piece": "(output tokens - thinking that was not streamed) / pieces, told where that is not about 1",
    "goodput": "requests answered within all limits / duration; what is limited and not known is not within; its share "
    "is of all requests, failed ones included",
    "cache hits": "prompt tokens read from the host's cache / prompt tokens, as the host reports them",
    "cost": "what the host billed, else usage x price, failed requests included; unknown where either is",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """What one series came to. Times are in seconds.

    Args:
        requests: measured ones, failed ones included.
        failed: those that were not answered.
        errors: how many of each kind.
        duration: see :data:`FORMULAE`, as for all that follows.
        output_tokens: None where no answer told its count.
        uncounted: answers whose host did not report usage.
        tokens_per_piece: how many tokens came together; None where nobody knows.
        good: requests within the limits; None without limits.
    """

    target: str
    prompt: str
    load: str
    requests: int
    failed: int
    errors: Mapping[str, int]
    first_token: Spread
    first_text: Spread
    inter_token: Spread
    wait: Spread
    speed: Spread
    end_to_end: Spread
    since_sent: Spread
    late: Spread
    duration: float
    output_tokens: int | None
    uncounted: int
    tokens_per_piece: float | None
    input_tokens: int | None
    cached_tokens: int | None
    good: int | None
    usd: Decimal | None
    known_usd: Decimal
    priced: str

    @property
    def answered(self) -> int:
        return self.requests - self.failed

    @property
    def requests_per_second(self) -> float | None:
        return self.answered / self.duration if self.duration > 0 else None

    @property
    def throughput(self) -> float | None:
        """Output tokens a second, of all requests together."""
        if self.output_tokens is None or self.duration <= 0:
            return None
        return self.output_tokens / self.duration

    @property
    def goodput(self) -> float | None:
        """Requests a second within the limits."""
        return None if self.good is None or self.duration <= 0 else self.good / self.duration

    @property
    def good_share(self) -> float | None:
        return None if self.good is None or not self.requests else self.good / self.requests

    @property
    def cache_hits(self) -> float | None:
        """The share of prompt tokens that came out of the cache."""
        if self.cached_tokens is None or not self.input_tokens:
            return None
        return self.cached_tokens / self.input_tokens

    def to_json(self) -> dict[str, Any]:
        """As a JSON value; sums are text, what is not known is null."""
        return {
            "target": self.target,
            "prompt": self.prompt,
            "load": self.load,
            "requests": self.requests,
            "failed": self.failed,
            "errors": dict(self.errors),
            **{time.name: getattr(self, time.name).to_json() for time in TIMES},
            "duration": self.duration,
            "requests_per_second": self.requests_per_second,
            "output_tokens": self.output_tokens,
            "uncounted": self.uncounted,
            "tokens_per_piece": self.tokens_per_piece,
            "throughput": self.throughput,
            "good": self.good,
            "goodput": self.goodput,
            "good_share": self.good_share,
            "input_tokens": self.input_tokens,
            "cached_tokens": self.cached_tokens,
            "cache_hits": self.cache_hits,
            "usd": None if self.usd is None else f"{self.usd:f}",
            "known_usd": f"{self.known_usd:f}",
            "priced": self.priced,
        }


def figures_of(rows: Sequence[Measurement], limits: Limits) -> Figures:
    """The figures of the measured requests of one series, of which there is at least one."""
    answered = [row for row in rows if row.ok]
    target, prompt, load = rows[0].series
    spreads = {time.name: Spread.of(value for row in answered for value in time.values(row)) for time in TIMES}
    counted = [row for row in answered if row.output_tokens is not None]
    cached = [row for row in answered if row.cached_tokens is not None and row.input_tokens is not None]
    known = sum((row.known_usd for row in rows), Decimal(0))
    why = sorted({row.priced for row in rows if row.usd is None})
    return Figures(
        target=target,
        prompt=prompt,
        load=load,
        requests=len(rows),
        failed=len(rows) - len(answered),
        errors=dict(Counter(kind_of(row) for row in rows if not row.ok).most_common()),
        **spreads,
        duration=max(row.ended for row in rows) - min(row.due for row in rows),
        output_tokens=sum(row.output_tokens or 0 for row in counted) if counted else None,
        uncounted=len(answered) - len(counted),
        tokens_per_piece=_tokens_per_piece(counted),
        input_tokens=_sum(row.input_tokens for row in (cached or answered)),
        cached_tokens=_sum(row.cached_tokens for row in cached),
        good=sum(is_good(row, limits) for row in rows) if limits else None,
        usd=None if why else known,
        known_usd=known,
        priced=why[0] if why else "resolved",
    )


def kind_of(row: Measurement) -> str:
    """The kind of a failure: its class, and the status where there was one."""
    return f"{row.error} {row.status}" if row.status not in (None, 200) else str(row.error)


def is_good(row: Measurement, limits: Limits) -> bool:
    """Whether it was answered within all limits; what is limited and not known is not within."""
    if not row.ok:
        return False
    single = row.output_tokens is not None and row.output_tokens - row.hidden_tokens <= 1  # nothing between tokens
    pairs = (
        (row.first_token, limits.first_token),
        (0.0 if single else row.inter_token, limits.inter_token),
        (row.end_to_end, limits.end_to_end),
    )
    return all(limit is None or (value is not None and value <= limit) for value, limit in pairs)


def _tokens_per_piece(counted: Sequence[Measurement]) -> float | None:
    pieced = [row for row in counted if row.pieces]
    pieces = sum(row.pieces for row in pieced)
    return sum((row.output_tokens or 0) - row.hidden_tokens for row in pieced) / pieces if pieces else None


def _sum(counts: Iterable[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
