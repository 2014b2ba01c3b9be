"""What a call cost, and telling it: once, whatever the end; an error in a callback never loses an answer."""

from collections.abc import Awaitable, Sequence
from inspect import isawaitable
from typing import Any

from ..cost import CostLedger
from ..errors import MiniLLMError
from ..generator import GeneratorInfo
from ..policies.options import CostCallback
from ..routing import Model
from ..types import Attempt, CostInfo, Outcome, total_cost

__all__ = ["settled", "tell_bill"]


def settled(error: BaseException | None, attempts: Sequence[Attempt], begun: Sequence[Attempt]) -> Sequence[Attempt]:
    """All exchanges of a call that failed or was left; those still in flight are cancelled.

    Args:
        error: what ended it; None where it was left without one.
        attempts: those that are known, where the error knows of none.
        begun: those that have begun, in the order in which they did.
    """
    if isinstance(error, MiniLLMError) and error.attempts:
        attempts = error.attempts
    if len(begun) >= len(attempts):
        attempts = begun  # also those in flight when it was cancelled
    for attempt in attempts:
        if attempt.outcome is Outcome.PENDING:
            attempt.outcome = Outcome.CANCELLED
    return attempts


async def tell_bill(callback: CostCallback | None, model: Model, attempts: Sequence[Attempt]) -> None:
    """Tell the bill of one call. What goes wrong in the callback is logged; nothing is raised but cancellation.

    Args:
        model: who answered: a generator's exchanges are all known, so that where there was none, nothing was sent.
    """
    if callback is None:
        return
    known = attempts or getattr(model, "tells_exchanges", isinstance(model, GeneratorInfo))
    try:
        if attempts and isinstance(callback, CostLedger):
            callback.book(attempts)
            return
        result = callback(total_cost(attempts) if known else CostInfo())
        if result is not None and isawaitable(result):
            await _to_its_end(result)
    except BaseException as error:
        if not isinstance(error, Exception) and _is_the_calls(error):
            raise
        import logging

        logging.getLogger("minillm").exception("the cost callback failed; the answer is kept")


def _is_the_calls(error: BaseException) -> bool:
    """Whether it ends the call; a cancellation from within the callback is a failure like others."""
    from asyncio import CancelledError, current_task

    task = current_task()
    return not isinstance(error, CancelledError) or task is None or bool(task.cancelling())


_callbacks: set[Any] = set()  # asyncio itself holds tasks weakly


async def _to_its_end(callback: Awaitable[None]) -> None:
    """A call that is cancelled while its bill is being told tells it all the same, behind the caller's back."""
    import asyncio

    task = asyncio.ensure_future(callback)
    _callbacks.add(task)
    task.add_done_callback(_callbacks.discard)
    await asyncio.shield(task)
