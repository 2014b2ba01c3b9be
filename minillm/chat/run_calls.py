"""The calls of one turn: decided on one after another, run at the same time, each result on the tree as it comes."""

import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError, EncodeError, InterruptedToolCalls
from ..tools.execute import ExecutedCall, run_prepared
from ..tools.prepared import PreparedCall, prepare_call, with_arguments
from ..tools.results import result_content
from ..tree.call_marks import StartedCall, begun_last, mark_started
from ..types import ToolCallPart, ToolResultPart
from .run_approval import Allow, ApprovalRequest, Decision, Defer, Deny, Edit, ask_for_approval
from .run_events import (
    CallApproved,
    CallDeferred,
    CallDenied,
    CallFinished,
    CallInterrupted,
    CallStarted,
    LoopEvent,
)
from .run_pending import OpenCall, PendingTurn
from .run_rules import RunRules

if TYPE_CHECKING:
    import anyio
    from anyio.abc import TaskGroup

__all__ = ["TurnCalls"]


class TurnCalls:
    """Deals with all that is open in a turn; :meth:`events` does it and tells of it.

    A call is noted on the turn's node, and so in an open journal, before its tool runs, and its result is a node as
    soon as it is there. So whatever ends the program, the tree tells what was not begun, what was, and what is done.
    """

    def __init__(
        self, turn: PendingTurn, rules: RunRules, group: "TaskGroup", places: "anyio.Semaphore | None"
    ) -> None:
        self.turn = turn
        #: Calls that stay without a result for now.
        self.deferred: list[ToolCallPart] = []
        #: How many tools were begun.
        self.begun = 0
        self._rules = rules
        self._group = group
        self._places = places
        self._left = len(turn.calls)
        self._events: deque[LoopEvent] = deque()
        self._news: anyio.Event | None = None
        self._failure: BaseException | None = None

    async def events(self) -> AsyncIterator[LoopEvent]:
        """Raises InterruptedToolCalls, before anything is run, where nobody says what to do with those."""
        import anyio

        self._refuse_interrupted()
        for each in self.turn.calls:
            if each.started is not None and each.interrupted:
                yield CallInterrupted(each.call, each.started.started_at)
        budget = self._rules.limits.budget
        with budget or nullcontext():  # what tools ask models for themselves is paid from it too
            self._group.start_soon(self._decide_all)
        while True:
            while self._events:
                yield self._events.popleft()
            if self._failure is not None:
                raise self._failure
            if not self._left:
                return
            self._news = anyio.Event()
            await self._news.wait()

    # ------------------------------------------------------------------ one call

    async def _decide_all(self) -> None:
        try:
            for each in self.turn.calls:
                await self._deal_with(each)
        except BaseException as error:
            self._fail(error)

    async def _deal_with(self, each: OpenCall) -> None:
        call = each.call
        if each.result is not None:
            self._finish(call, each.result, reused=True)
            return
        if each.started is not None and each.started.arguments is not None:
            call = replace(call, arguments=each.started.arguments)
        if self._rules.tools.get(call.name, ...) is None:
            self._defer(call)
            return
        prepared = await prepare_call(call, self._rules.tools)
        if prepared.error is not None:
            self._finish_executed(await run_prepared(prepared))
            return
        decision = await self._decision(each, prepared)
        if isinstance(decision, Edit):
            prepared = await self._edited(prepared, decision)
        if isinstance(decision, Allow | Edit):
            await self._start(each, prepared)
        elif isinstance(decision, Defer):
            self._defer(call)
        elif isinstance(decision, Deny):
            self._tell(CallDenied(call, decision.reason))
            self._finish(call, ToolResultPart(call.id, call.name, decision.reason, is_error=True))
        else:
            self._finish(call, ToolResultPart(call.id, call.name, result_content(decision.value)))

    async def _decision(self, each: OpenCall, prepared: PreparedCall) -> Decision:
        approve, tool = self._rules.approve, prepared.tool
        if approve is None or tool is None or (each.interrupted and self._may_rerun(each)):
            return Allow()
        at = each.started.started_at if each.started is not None else None
        request = ApprovalRequest(prepared.call, tool, prepared.arguments, self.turn.node, at)
        decision = await ask_for_approval(approve, request)
        if isinstance(decision, Allow):
            self._tell(CallApproved(prepared.call))
        return decision

    async def _edited(self, prepared: PreparedCall, edit: Edit) -> PreparedCall:
        call, tool = prepared.call, prepared.tool
        said = f"approve= edited the call {call.name} ({call.id}) into one that cannot be run"
        if tool is not None and (tool.definition.kind == "custom") != isinstance(edit.arguments, str):
            raise ConfigurationError(f"{said}: a custom tool takes a text, any other its arguments by name")
        try:
            again = await prepare_call(with_arguments(call, edit.arguments), self._rules.tools)
        except EncodeError as error:
            raise ConfigurationError(f"{said}: {error}") from error
        if again.error is not None:
            raise ConfigurationError(f"{said}: {again.error}") from again.error
        self._tell(CallApproved(again.call, edited=True))
        return again

    async def _start(self, each: OpenCall, prepared: PreparedCall) -> None:
        if self.turn.alike:  # one after another: by their ids nobody could tell which of them has its result
            await self._run(each, prepared)
        else:
            self._group.start_soon(self._run, each, prepared)

    async def _run(self, each: OpenCall, prepared: PreparedCall) -> None:
        try:
            if self._places is None:
                await self._run_noted(each, prepared)
            else:
                async with self._places:
                    await self._run_noted(each, prepared)
        except BaseException as error:
            self._fail(error)

    async def _run_noted(self, each: OpenCall, prepared: PreparedCall) -> None:
        call = prepared.call
        if each.started != begun_last(self.turn.node, each.position):
            raise ConfigurationError(f"another run has begun the call {call.name} ({call.id}) meanwhile")
        edited = None if call.arguments == each.call.arguments else call.arguments
        mark_started(self.turn.node, StartedCall(each.position, time.time(), edited))
        self.begun += 1
        self._tell(CallStarted(call))
        begun = time.monotonic()
        done = await run_prepared(prepared, seconds=self._rules.limits.call_seconds)
        self._finish_executed(done, time.monotonic() - begun)

    # ------------------------------------------------------------------ what comes of it

    def _finish_executed(self, done: ExecutedCall, seconds: float | None = None) -> None:
        self._finish(done.call, done.result, seconds, error=done.error, repaired=done.repaired)

    def _finish(self, call: ToolCallPart, result: ToolResultPart, seconds: float | None = None, **facts: Any) -> None:
        self.turn.tip = self.turn.tip.add_tool_results([result])
        self._left -= 1
        self._tell(CallFinished(call, result, self.turn.tip, seconds, **facts))

    def _defer(self, call: ToolCallPart) -> None:
        self.deferred.append(call)
        self._left -= 1
        self._tell(CallDeferred(call))

    def _fail(self, error: BaseException) -> None:
        """The reader raises it: out of the task of a group it would come in an ExceptionGroup, and KeyboardInterrupt
        through the event loop, past everybody. What ends the task itself goes its way."""
        from asyncio import CancelledError

        if isinstance(error, CancelledError | GeneratorExit):
            raise error
        if self._failure is None:
            self._failure = error
        self._wake()

    def _tell(self, event: LoopEvent) -> None:
        self._events.append(event)
        self._wake()

    def _wake(self) -> None:
        if self._news is not None:
            self._news.set()

    # ------------------------------------------------------------------ interrupted

    def _refuse_interrupted(self) -> None:
        calls = [each for each in self.turn.calls if each.interrupted]
        asks = self._rules.approve is not None and self._rules.on_interrupted != "error"
        stuck = [each.call for each in calls if not (asks and self._has_tool(each)) and not self._may_rerun(each)]
        if not stuck:
            return
        names = ", ".join(f"{call.name} ({call.id})" for call in stuck)
        raise InterruptedToolCalls(
            f"{names}: begun by an earlier run, which did not live to see what came of it; nobody knows whether it was "
            "carried out. Give the tool and approve= to decide, on_interrupted='rerun' for tools that are idempotent, "
            "or the result with add_tool_results()",
            calls=stuck,
        )

    def _has_tool(self, each: OpenCall) -> bool:
        """Without it there is nothing that could be allowed."""
        return self._rules.tools.get(each.call.name) is not None

    def _may_rerun(self, each: OpenCall) -> bool:
        tool = self._rules.tools.get(each.call.name)
        return self._rules.on_interrupted == "rerun" and tool is not None and tool.idempotent
