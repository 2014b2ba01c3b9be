"""What was measured of one request. All times are in seconds since the run began, on one clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any

__all__ = ["Measurement"]


@dataclass(slots=True, kw_only=True)
class Measurement:
    """One request.

    Args:
        target: whom it asked.
        prompt: what it asked.
        load: how hard the host was asked meanwhile.
        number: which of its series.
        warm_up: it went ahead of the series and counts nowhere.
        due: when it had to be sent. In an open loop that is what the schedule says, else when it was sent.
        sent: when it was.
        first: when the first token of any kind came, thinking included; None for a whole answer or none.
        first_text: when the first token came that users see.
        last: when the last token came.
        ended: when the answer was whole, or failed.
        pieces: how many pieces the answer came in.
        waits: the waits between pieces; empty where they are not kept.
        longest_wait: the longest of them.
        input_tokens: of the prompt, as the host reported; None where it did not. So are all counts.
        cached_tokens: those of them that came out of the host's cache.
        output_tokens: of the answer, thinking included.
        hidden_tokens: those of them that were thought and not streamed.
        usd: what it cost; None where a part of that is not known.
        known_usd: the part that is.
        priced: why ``usd`` is known or not (``resolved``, ``unpriced``, ``unknown``, ``pending``).
        status: the HTTP status.
        finish: why the answer ended.
        error: the kind of failure; None for an answer.
        message: what was said of it; never a key, a prompt or an answer.
        request_id: the host's id of the exchange.
    """

    target: str
    prompt: str
    load: str
    number: int
    due: float = 0.0
    sent: float = 0.0
    ended: float = 0.0
    warm_up: bool = False
    first: float | None = None
    first_text: float | None = None
    last: float | None = None
    pieces: int = 0
    waits: list[float] = field(default_factory=list)
    longest_wait: float | None = None
    input_tokens: int | None = None
    cached_tokens: int | None = None
    output_tokens: int | None = None
    hidden_tokens: int = 0
    usd: Decimal | None = None
    known_usd: Decimal = Decimal(0)
    priced: str = "unknown"
    status: int | None = None
    finish: str | None = None
    error: str | None = None
    message: str | None = None
    request_id: str | None = None

    @property
    def series(self) -> tuple[str, str, str]:
        """Target, prompt, load."""
        return self.target, self.prompt, self.load

    @property
    def ok(self) -> bool:
        return self.error is None

    @property
    def first_token(self) -> float | None:
        """From when it was due to the first token."""
        return None if self.first is None else self.first - self.due

    @property
    def end_to_end(self) -> float:
        """From when it was due to its end."""
        return self.ended - self.due

    @property
    def since_sent(self) -> float:
        """From when it was sent to its end: in an open loop this hides how late it was."""
        return self.ended - self.sent

    @property
    def late(self) -> float:
        """How much later than due it was sent."""
        return self.sent - self.due

    @property
    def inter_token(self) -> float | None:
        """The time a token takes after the first.

        None for fewer than two tokens, where the host counted none, and where all came at once: how fast they were
        made is then not to be seen, and 0 would make whoever gathers an answer the fastest.
        """
        if self.first is None or self.last is None or self.output_tokens is None or self.last <= self.first:
            return None
        after_first = self.output_tokens - self.hidden_tokens - 1
        return (self.last - self.first) / after_first if after_first > 0 else None

    @property
    def tokens_per_second(self) -> float | None:
        """Output tokens over end to end."""
        if self.output_tokens is None or self.end_to_end <= 0:
            return None
        return self.output_tokens / self.end_to_end

    def to_json(self) -> dict[str, Any]:
        """As a row of a results file; times in microseconds' precision."""
        row: dict[str, Any] = {"kind": "request"}
        for name in _FIELDS:
            value = getattr(self, name)
            if isinstance(value, float):
                value = round(value, 6)
            elif isinstance(value, Decimal):
                value = f"{value:f}"
            elif name == "waits":
                value = [round(wait, 6) for wait in value]
            row[name] = value
        return row

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> "Measurement":
        """From such a row; what a newer version wrote beside it is left out.

        Raises:
            ValueError: a field is missing, or of another kind.
        """
        try:
            values = {name: row[name] for name in _FIELDS if name in row}
            for name in ("usd", "known_usd"):
                if values.get(name) is not None:
                    values[name] = Decimal(str(values[name]))
            for name in _TIMES:
                if values.get(name) is not None:
                    values[name] = float(values[name])
            values["waits"] = [float(wait) for wait in values.get("waits") or ()]
            for name in ("target", "prompt", "load"):
                if not isinstance(values[name], str):
                    raise TypeError(name)
            return cls(**values)
        except (KeyError, TypeError, ArithmeticError, ValueError) as error:
            raise ValueError(f"no row of a request: {type(error).__name__} {error}") from None


_FIELDS = tuple(each.name for each in fields(Measurement))
_TIMES = ("due", "sent", "ended", "first", "first_text", "last", "longest_wait")
