"""One request, with a clock beside it."""

from collections.abc import Callable, Sequence

from ..chat_model import ChatModel
from ..cost import Budget
from ..errors import BudgetExceeded, ConfigurationError, MiniLLMError
from ..policies.options import CallOptions
from ..stack import build
from ..types import (
    Attempt,
    AudioDelta,
    ChatRequest,
    ChatResponse,
    CostInfo,
    PartStart,
    ReasoningDelta,
    ReasoningPart,
    RefusalDelta,
    RefusalPart,
    StreamEvent,
    TextDelta,
    TextPart,
    ToolCallDelta,
    total_cost,
)
from .measurement import Measurement
from .plan import Target

__all__ = ["ask"]

Clock = Callable[[], float]

_LONGEST_MESSAGE = 300
_SHELLS = (TextPart, RefusalPart, ReasoningPart)  # parts that open empty and grow by deltas


async def ask(
    target: Target,
    request: ChatRequest,
    measured: Measurement,
    clock: Clock,
    *,
    due: float | None,
    within: float,
    budgets: Sequence[Budget] = (),
) -> None:
    """Send ``request`` and fill ``measured`` in. A failure is a fact like others, and not raised.

    Args:
        clock: seconds; the same one for all times of a run.
        due: when it had to be sent; None is now.
        within: after so many seconds it has failed.

    Raises:
        BudgetExceeded: it may cost more than is left.
        ConfigurationError: a key or a setting is missing: no later request would fare better.
    """
    attempts: list[Attempt] = []
    # No second try: it would hide the failure of the first, and its time would be nobody's.
    options = CallOptions(retry=0, deadline=within, unsupported="drop")
    model = build(target.model, options, attempts=attempts, budgets=budgets)
    response: ChatResponse | None = None
    measured.sent = clock()
    measured.due = measured.sent if due is None else due
    try:
        if target.streams:
            response = await _streamed(model, request, measured, clock)
        else:
            response = await model.complete(request)
            measured.ended = clock()
    except (BudgetExceeded, ConfigurationError):
        raise
    except Exception as error:
        measured.ended = clock()
        measured.error = type(error).__name__
        if isinstance(error, MiniLLMError):
            # Ours hold no key, prompt or answer; nobody knows what stands in others'.
            measured.message = str(error)[:_LONGEST_MESSAGE]
            response = error.partial
            attempts = attempts or list(error.attempts)
    _count(measured, response, attempts or list(() if response is None else response.attempts))


async def _streamed(model: ChatModel, request: ChatRequest, measured: Measurement, clock: Clock) -> ChatResponse:
    """Read the answer, and note when its pieces come."""
    shown_thinking = False
    async with model.stream(request) as stream:
        while True:
            now = clock()  # whatever is ready has come by now
            pieces = 0
            for event in stream.ready():
                if not _is_piece(event):
                    continue
                pieces += 1
                if type(event) is ReasoningDelta:
                    shown_thinking = True
                elif measured.first_text is None:
                    measured.first_text = now
            if pieces:
                _came(measured, pieces, now)
            measured.ended = now
            if not await stream.fill():
                break
        response = await stream.judged()
    usage = response.usage
    if usage is not None and usage.reasoning_tokens and not shown_thinking:
        measured.hidden_tokens = usage.reasoning_tokens
    return response


def _came(measured: Measurement, pieces: int, now: float) -> None:
    """Note what came at once: the first of it was waited for, the others were not."""
    if measured.last is None:
        measured.first = now
    else:
        wait = now - measured.last
        measured.waits.append(wait)
        measured.longest_wait = max(wait, measured.longest_wait or 0.0)
    measured.waits.extend([0.0] * (pieces - 1))
    measured.last = now
    measured.pieces += pieces


def _is_piece(event: StreamEvent) -> bool:
    """Whether something came that a model has generated: an empty shell of a part is nothing yet."""
    kind = type(event)
    if kind is TextDelta or kind is ReasoningDelta or kind is ToolCallDelta or kind is RefusalDelta:
        return bool(event.delta)  # type: ignore[union-attr]
    if kind is AudioDelta:
        return bool(event.data or event.transcript)  # type: ignore[union-attr]
    if kind is PartStart:
        part = event.part  # type: ignore[union-attr]
        return bool(part.text) if isinstance(part, _SHELLS) else True  # a call's name, a picture
    return False


def _count(measured: Measurement, response: ChatResponse | None, attempts: Sequence[Attempt]) -> None:
    """What the host reported of it."""
    last = attempts[-1] if attempts else None
    usage = None if last is None else last.usage
    if usage is None and response is not None:
        usage = response.usage
    if usage is not None:
        measured.input_tokens = usage.input_tokens
        measured.cached_tokens = usage.cache_read_tokens
        measured.output_tokens = usage.output_tokens
    bill = total_cost(attempts) if attempts else CostInfo()
    measured.usd, measured.known_usd, measured.priced = bill.usd, bill.known_usd, bill.resolution.value
    if last is not None:
        measured.status, measured.request_id = last.status, last.request_id
    if response is not None and response.choices and response.choices[0].finish_reason is not None:
        measured.finish = str(response.choices[0].finish_reason)
