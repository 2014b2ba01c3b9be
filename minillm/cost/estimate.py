"""What a request will take, in tokens and USD, before it is sent: lower, likely, upper.

The prompt is counted without any vocabulary and without any download; experience (a
:class:`~minillm.cost.calibration.Calibration`) makes the figures better. The answer is bounded by the ceiling
that the request or the model sets. Where a request brings in text that nobody here can see, there is no upper
bound, and the estimate says why.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

from ..types import ChatRequest, MediaPart, TextPart, TokenPrice, ToolCallPart, ToolResultPart
from .calibration import Calibration, default_calibration, expected, shape_of
from .families import family_of
from .size import RequestSize, measure

__all__ = ["Bounds", "Estimate", "estimate_request"]

N = TypeVar("N", int, Decimal)

_MILLION = Decimal(1_000_000)
_CENT_OF_A_CENT = Decimal("0.0000001")
# Of what is likely: 98 % of recorded prompts are longer.
_LEAST = 0.5
# An answer of which nothing is known but its ceiling: some 300 words.
_USUAL_ANSWER = 400


@dataclass(frozen=True, slots=True)
class Bounds(Generic[N]):
    """A number before it is known; None where nothing can be said."""

    lower: N | None
    likely: N | None
    upper: N | None

    def __str__(self) -> str:
        low, likely, high = ("?" if each is None else str(each) for each in (self.lower, self.likely, self.upper))
        return f"{likely} ({low} to {high})"


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a request will take.

    Args:
        model: the model it is for.
        input: prompt tokens, whether a cache holds them or not.
        output: answer tokens, thinking included; ``upper`` is the ceiling that the request or the model sets.
        usd: the sum. ``lower`` as if a cache held the whole prompt, ``upper`` at the dearest rate that may apply.
        price: the price it was reckoned with, None where none is known.
        unseen: what brings in text that nobody here can see; with it the upper bounds of the prompt and of the sum
            are None.
    """

    model: str
    input: Bounds[int]
    output: Bounds[int]
    usd: Bounds[Decimal]
    price: TokenPrice | None = None
    unseen: tuple[str, ...] = ()

    def __str__(self) -> str:
        dollars = f"${self.usd}" if self.usd.likely is not None else "no price known"
        unbounded = f"; unbounded: {', '.join(self.unseen)}" if self.unseen else ""
        return f"{self.model}: {self.input} tokens in, {self.output} out, {dollars}{unbounded}"


def estimate_request(
    request: ChatRequest,
    *,
    host: str = "",
    model: str | None = None,
    price: TokenPrice | None = None,
    max_output: int | None = None,
    calibration: Calibration | None = None,
) -> Estimate:
    """Estimate a request.

    Args:
        request: exactly what will be sent.
        host: the provider row's name; calibrations are kept by host and model.
        model: the model; None is the request's.
        price: USD per million tokens; None leaves the sum unknown.
        max_output: the longest answer the model can give, where the request sets no ceiling.
        calibration: experience; None is the process's own.
    """
    name = model or request.model or ""
    experience = default_calibration() if calibration is None else calibration
    size = measure(request)
    tokens = experience.corrected(expected(request, size, name), host=host, model=name, shape=shape_of(size))
    likely = max(round(tokens.likely), 1)
    upper = None if size.unseen else max(int(tokens.upper) + 1, likely)
    inputs: Bounds[int] = Bounds(int(tokens.likely * _LEAST), likely, upper)
    outputs = _outputs(request, max_output, experience.output_of(host, name))
    usd = _usd(inputs, outputs, price, request, size, name)
    return Estimate(name, inputs, outputs, usd, price, size.unseen)


def _outputs(request: ChatRequest, max_output: int | None, usual: int | None) -> Bounds[int]:
    ceiling = request.parameters.get("max_tokens")
    if ceiling is None:
        ceiling = max_output
    answers = request.parameters.get("n") or 1
    likely = _USUAL_ANSWER if usual is None else usual
    likely = (likely if ceiling is None else min(likely, ceiling)) * answers
    return Bounds(0, likely, None if ceiling is None else ceiling * answers)


def _usd(
    inputs: Bounds[int],
    outputs: Bounds[int],
    price: TokenPrice | None,
    request: ChatRequest,
    size: RequestSize,
    model: str,
) -> Bounds[Decimal]:
    if price is None or price.input is None or price.output is None:
        return Bounds(None, None, None)
    heard = _heard(size, model)
    if heard[1] and price.audio_input is None:
        return Bounds(None, None, None)  # hosts bill sound at many times the rate of text
    writes = _write_rates(request, price)

    def total(tokens: int, spoken: float, written: int, rate: Decimal, rates: TokenPrice) -> Decimal:
        sound = min(int(spoken), tokens)
        dear = rates.audio_input or Decimal(0)
        sum_ = (rate * (tokens - sound) + dear * sound + (rates.output or Decimal(0)) * written) / _MILLION
        return (sum_ + rates.per_request).quantize(_CENT_OF_A_CENT)

    low, likely = price.for_input(inputs.lower or 0), price.for_input(inputs.likely or 0)
    least = min((rate for rate in (low.input, low.cache_read) if rate is not None), default=Decimal(0))
    upper = None
    if inputs.upper is not None and outputs.upper is not None:
        high = price.for_input(inputs.upper)
        dearest = max(
            [high.input or Decimal(0), *(rate for ttl, rate in (high.cache_write or {}).items() if ttl in writes)]
        )
        upper = total(inputs.upper, heard[1], outputs.upper, dearest, high)
    return Bounds(
        total(inputs.lower or 0, 0, outputs.lower or 0, least, low),
        total(inputs.likely or 0, heard[0], outputs.likely or 0, likely.input or Decimal(0), likely),
        upper,
    )


def _heard(size: RequestSize, model: str) -> tuple[float, float]:
    """Tokens of sound, likely and at most."""
    family = family_of(model)
    sounds = [family.medium(medium) for medium in size.media if medium.kind == "audio"]
    return sum(each.likely for each in sounds), sum(each.upper for each in sounds)


def _write_rates(request: ChatRequest, price: TokenPrice) -> frozenset[str]:
    """Lifetimes of cache entries that this request may write: those it asks for, and what the host writes unasked."""
    marks = [part.cache for part in _marked(request) if part.cache is not None]
    if not marks:
        return frozenset() if "5m" in (price.cache_write or {}) else frozenset({""})
    return frozenset({"", *(mark.ttl or "5m" for mark in marks)})


def _marked(request: ChatRequest) -> Iterable[TextPart | MediaPart | ToolCallPart | ToolResultPart]:
    for message in request.messages:
        if not isinstance(message.content, str):
            for part in message.content:
                if isinstance(part, TextPart | MediaPart | ToolCallPart | ToolResultPart):
                    yield part
