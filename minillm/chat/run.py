"""The tool loop: ask, run what the model asks for, ask again, until it answers or a limit is met."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, nullcontext
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from ..errors import BudgetExceeded, ConfigurationError, MiniLLMError, RunStopped, StreamConsumed, TimeoutExceeded
from ..generator import GeneratorInfo
from ..observe import RunObservation, begin_run
from ..policies.deadline import Deadline
from ..policies.output import judge
from ..stack import Model
from ..tree import Node
from ..tree.totals import response_of
from ..types import UNSET, Attempt, CostInfo, FinishReason, Role, ToolCallPart, ToolMode, total_cost
from .completion import Completion, MakeReply
from .parameters import NodeCompletionParameters, Params
from .run_calls import TurnCalls
from .run_events import CallFinished, CallInterrupted, RoundEnded, RoundStarted, RunEnded, RunEvent
from .run_limits import StopReason
from .run_pending import PendingTurn, pending_turn
from .run_rules import rules_of
from .stream import ChatStream

if TYPE_CHECKING:
    import anyio
    from anyio.abc import TaskGroup

__all__ = ["Run"]

R = TypeVar("R", bound=Node)
N = TypeVar("N", bound=Node)
T = TypeVar("T")


class Run(Generic[R, N]):
    """Await it for the model's answer, or use it as ``async with`` and take the events as they come.

    Every turn, and every result as it comes, is a node; ``node`` is the last of them. Leaving the block, or
    cancelling the task, stops the model and the tools at once. A run is used once; going on is another, from
    ``node``. The block is entered and left in one task, that of its tools' group.

    Example:
        >>> reply = await node.run(gen, tools=[search, book], user="Two nights in Lagos, please.")
        >>> async with node.run(gen, tools=[search, book], approve=ask) as run:
        ...     async for event in run:
        ...         match event:
        ...             case TextDelta(delta=text):
        ...                 print(text, end="")
        ...             case CallFinished(call=call, result=result):
        ...                 print(call.name, "->", result.text)
        >>> run.stop_reason, run.rounds, run.cost
    """

    def __init__(
        self,
        make_reply: MakeReply[R],
        as_reply: Callable[[Any], R],
        node: N,
        model: Model,
        params: Params,
        options: Mapping[str, Any],
        output: Any = None,
    ) -> None:
        #: The last node so far: what a later run goes on from.
        self.node: N = node
        #: Why it ended; None while it goes on.
        self.stop_reason: StopReason | None = None
        #: How often the model was asked.
        self.rounds = 0
        #: How many tools were begun.
        self.calls = 0
        #: What the model said, a turn a round that was answered.
        self.replies: tuple[R, ...] = ()
        #: The calls that got a result, in the order in which they did.
        self.finished: tuple[CallFinished, ...] = ()
        #: The calls that an earlier run had begun and not seen the end of.
        self.interrupted: tuple[CallInterrupted, ...] = ()
        #: The calls that still wait for a result from elsewhere.
        self.waiting: tuple[ToolCallPart, ...] = ()
        self._make_reply = make_reply
        self._as_reply = as_reply
        self._model, self._params, self._output = model, params, output
        self._user = options.get("user")
        self._rules = rules_of(options, params)
        self._options = {name: value for name, value in options.items() if name not in _OWN}
        if self._rules.offered:  # examined once, not in every round
            self._options["tools"] = self._rules.offered
        self._attempts: list[Attempt] = []
        self._answer: R | None = None
        self._cause: Exception | None = None
        self._streams = True
        self._reading = False
        self._steps: AsyncGenerator[RunEvent, None] | None = None
        self._group: TaskGroup | None = None
        self._places: anyio.Semaphore | None = None
        self._deadline: Deadline | None = None
        self._watch: RunObservation | None = None
        self._following: list[Callable[[RunEvent], object]] = []
        self._writing: ChatStream[R] | None = None

    # ------------------------------------------------------------------ what came of it

    @property
    def reply(self) -> R:
        """The model's answer.

        Raises:
            RunStopped: a limit was met first, or calls wait for results.
            StreamConsumed: the run has not ended, or was left.
        """
        if self._answer is not None:
            return self._answer
        if self.stop_reason in _WHY:
            raise self._stopped() from self._cause
        if self.stop_reason is None:
            raise StreamConsumed("there is no answer: the run has not ended (await run.finish() goes on)")
        raise StreamConsumed("there is no answer: the run was left or failed; run() on .node goes on")

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """Every HTTP exchange of every round, those that failed too."""
        return tuple(self._attempts)

    @property
    def cost(self) -> CostInfo:
        """What those cost, with the usage of all rounds; each reply has its own."""
        return total_cost(self._attempts)

    @property
    def text(self) -> str:
        """What the model has written in the last round so far; empty where rounds are not streamed."""
        return "" if self._writing is None else self._writing.text

    def __repr__(self) -> str:
        state = "under way" if self.stop_reason is None else self.stop_reason.value
        return f"Run({state}: {_counted(self.rounds, 'round')}, {_counted(self.calls, 'call')})"

    # ------------------------------------------------------------------ ways to use it

    def __await__(self) -> Generator[Any, None, R]:
        return self._all().__await__()

    async def _all(self) -> R:
        self._streams = False
        async with self:
            return await self.finish()

    async def finish(self) -> R:
        """Go on to the end, and give the answer.

        Raises:
            RunStopped: a limit was met first, or calls wait for results; ``.node`` is where to go on from.
            InterruptedToolCalls: an earlier run left calls of which nobody knows whether they were carried out.
        """
        async for _ in self:
            pass
        return self.reply

    async def __aenter__(self) -> "Run[R, N]":
        import anyio

        if self._steps is not None:
            raise StreamConsumed("this run has been used; call node.run() again for a new one")
        limits = self._rules.limits
        self._deadline = None if limits.seconds is None else Deadline(limits.seconds)
        self._places = None if limits.parallel is None else anyio.Semaphore(limits.parallel)
        group = anyio.create_task_group()
        await group.__aenter__()
        self._group = group
        self._steps = self._all_steps()
        self._watch = self._observed()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        group, steps = self._group, self._steps
        if group is None or steps is None:
            raise StreamConsumed(_NOT_OPEN)
        try:
            await steps.aclose()
        finally:
            if self.stop_reason is None:
                self.stop_reason = StopReason.LEFT
            group.cancel_scope.cancel()
            # The caller's own error goes its own way: handed to the group it would come back in an ExceptionGroup.
            try:
                await group.__aexit__(None, None, None)
            finally:
                self._tell_end(error)

    def follow(self, told: Callable[[RunEvent], object]) -> "Run[R, N]":
        """Call ``told(event)`` with every event before the reader gets it: for a display, which takes nothing."""
        self._following.append(told)
        return self

    def __aiter__(self) -> AsyncIterator[RunEvent]:
        return self

    async def __anext__(self) -> RunEvent:
        if self._steps is None:
            raise StreamConsumed(_NOT_OPEN)
        if self._reading:
            raise StreamConsumed("this run is already being read: it has one reader")
        self._reading = True
        try:
            if self._watch is None:
                event = await anext(self._steps)
            else:
                with self._watch.around():  # not longer: between two events the program is at work
                    event = await anext(self._steps)
            for told in self._following:
                told(event)
            return event
        finally:
            self._reading = False

    def _observed(self) -> RunObservation | None:
        """The run for those who watch; mostly nobody."""
        model, own = self._model, self._options.get("observe", UNSET)
        if own is UNSET and isinstance(self._params, NodeCompletionParameters):
            own = self._params.observe
        own = None if own is UNSET else own
        if not isinstance(model, GeneratorInfo):
            return begin_run(own, model=getattr(model, "name", type(model).__name__))
        return begin_run(own, model.observe, host=model.provider.name, model=model.model)

    def _tell_end(self, error: BaseException | None) -> None:
        watch, self._watch = self._watch, None
        if watch is None:
            return
        if error is not None and self.stop_reason in (StopReason.FAILED, StopReason.LEFT):
            watch.failed(error)
        else:
            cost = self.cost
            reason = "" if self.stop_reason is None else self.stop_reason.value
            watch.ended(reason, rounds=self.rounds, usage=cost.usage, cost=cost)

    # ------------------------------------------------------------------ the loop

    async def _all_steps(self) -> AsyncGenerator[RunEvent, None]:
        try:
            forced = self.node.role != Role.TOOL and pending_turn(self.node) is None
            while self.stop_reason is None:
                turn = pending_turn(self.node)
                if turn is not None:
                    _refuse_piece(turn.node)
                    steps = self._run_calls(turn)
                elif self._user is None and (answer := _answer_in(self.node)) is not None:
                    _refuse_piece(answer)
                    self._answer = await self._judged(answer)
                    self.stop_reason = StopReason.DONE
                    break
                elif (met := self._limit_met()) is not None:
                    self.stop_reason = met
                    break
                else:
                    steps, forced = self._ask(forced), False
                async with aclosing(steps):
                    async for event in steps:
                        yield event
            yield RunEnded(self.stop_reason, self.node)
        except Exception:
            self.stop_reason = StopReason.FAILED
            raise

    def _limit_met(self) -> StopReason | None:
        limits = self._rules.limits
        if limits.rounds is not None and self.rounds >= limits.rounds:
            return StopReason.ROUNDS
        if limits.calls is not None and self.calls >= limits.calls:
            return StopReason.CALLS
        return StopReason.SECONDS if self._is_late() else None

    def _is_late(self) -> bool:
        return self._deadline is not None and not self._deadline.left()

    # ------------------------------------------------------------------ the model's turn

    async def _ask(self, forced: bool) -> AsyncGenerator[RunEvent, None]:
        self._writing = None
        yield RoundStarted(self.rounds + 1, self.node)
        completion = self._completion(forced)
        self.rounds += 1
        try:
            if self._streams:
                async with AsyncExitStack() as stack:
                    stream = self._writing = ChatStream(completion)
                    await self._in_time(partial(stack.enter_async_context, stream))
                    events = stream.events()
                    async for event in events if self._deadline is None else self._deadline.each(events):
                        yield event
                reply = stream.node
            else:
                reply = await self._in_time(completion.run)
        except Exception as error:
            self._note_failed(completion, error)
            if isinstance(error, BudgetExceeded):
                self.stop_reason, self._cause = StopReason.BUDGET, error
                self.rounds -= not completion.attempts  # the model was not asked
            elif isinstance(error, TimeoutExceeded) and self._is_late():
                self.stop_reason, self._cause = StopReason.SECONDS, error
            else:
                raise
            return
        except BaseException as error:
            self._note_failed(completion, error)
            raise
        self._replied(reply, completion.attempts)
        if pending_turn(reply) is None:
            yield RoundEnded(self.rounds, reply)

    def _completion(self, forced: bool) -> Completion[R]:
        options = self._options
        if self.rounds:  # only the first hangs under a node that others may share
            options = {**options, "attach": True}
        with self._rules.limits.budget or nullcontext():
            arguments = (self._make_reply, self.node, self._model, self._params)
            completion = Completion(*arguments, options, self._output, self._user)
            choice = completion.call.tool_choice
            if not forced and choice is not None and choice.mode is ToolMode.REQUIRED:
                # It has been obeyed. Demanded in every round, a call would never be followed by an answer.
                completion = Completion(*arguments, {**options, "tool_choice": None}, self._output, self._user)
        return completion

    def _replied(self, reply: R, attempts: Sequence[Attempt]) -> None:
        self._attempts += attempts
        self._user = None
        self.replies = (*self.replies, reply)
        self.node = reply  # type: ignore[assignment]  # replies are nodes of the tree's kind

    def _note_failed(self, completion: Completion[R], error: BaseException) -> None:
        told = error.attempts if isinstance(error, MiniLLMError) else ()
        self._attempts += told if len(told) > len(completion.attempts) else completion.attempts

    async def _in_time(self, call: Callable[[], Awaitable[T]]) -> T:
        return await (call() if self._deadline is None else self._deadline.within(call))

    # ------------------------------------------------------------------ its calls

    async def _run_calls(self, turn: PendingTurn) -> AsyncGenerator[RunEvent, None]:
        assert self._group is not None
        calls = TurnCalls(turn, self._rules, self._group, self._places)
        begun = self.calls
        try:
            async for event in calls.events():
                if isinstance(event, CallFinished):
                    self.finished = (*self.finished, event)
                elif isinstance(event, CallInterrupted):
                    self.interrupted = (*self.interrupted, event)
                yield event
        finally:
            self.node, self.calls = cast("N", calls.turn.tip), begun + calls.begun
        if calls.deferred:
            self.waiting = tuple(calls.deferred)
            self.stop_reason = StopReason.WAITING
        yield RoundEnded(self.rounds, self.node)

    # ------------------------------------------------------------------ its end

    async def _judged(self, node: Node) -> R:
        """The answer as a reply. One that an earlier run left is judged again: files keep no value."""
        if self.replies and self.replies[-1] is node:
            return self.replies[-1]
        reply = self._as_reply(node)
        response = response_of(reply)
        if response is not None and self._output is not None:
            call = Completion(self._make_reply, node, self._model, self._params, self._options, self._output).call
            judged = await judge(response, call.options)
            if response.raw_text is not None:  # what the model said before that was repaired
                judged = replace(judged, raw_text=response.raw_text, repaired=response.repaired)
            reply.remember(judged)
        return reply

    def _stopped(self) -> RunStopped:
        assert self.stop_reason is not None
        waiting = ", ".join(f"{call.name} ({call.id})" for call in self.waiting)
        why = _WHY[self.stop_reason] + (f": {waiting}" if waiting else "")
        return RunStopped(
            f"the run stopped after {_counted(self.rounds, 'round')} and {_counted(self.calls, 'call')}, "
            f"since {why}; run() on .node goes on",
            reason=self.stop_reason,
            node=self.node,
            calls=self.waiting,
            attempts=self._attempts,
        )


_OWN = ("user", "approve", "limits", "on_interrupted")  # what no single call is told
_NOT_OPEN = "use it as: async with node.run(...) as run: async for event in run"

_WHY = {
    StopReason.ROUNDS: "no more rounds were allowed",
    StopReason.CALLS: "no more calls were allowed",
    StopReason.SECONDS: "its time was over",
    StopReason.BUDGET: "a budget was used up",
    StopReason.WAITING: "calls wait for a result from elsewhere",
}


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _refuse_piece(node: Node) -> None:
    response = response_of(node)
    if response is not None and response.finish_reason is FinishReason.INTERRUPTED:
        raise ConfigurationError(
            "this answer was left before its end, so nobody can go on from it: run from the node above it"
        )


def _answer_in(node: Node) -> Node | None:
    """The node, if a model ended the conversation there; what somebody wrote in its place is to be continued."""
    if node.role != Role.ASSISTANT:
        return None
    response = response_of(node)
    return None if response is None or response.finish_reason is FinishReason.PAUSED else node
