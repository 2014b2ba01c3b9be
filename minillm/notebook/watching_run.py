"""What is to be seen of a tool run while it goes on: its rounds, its calls, and what becomes of each."""

from collections.abc import Callable
from time import monotonic
from typing import Any

from ..chat.run import Run
from ..chat.run_events import (
    CallApproved,
    CallDeferred,
    CallDenied,
    CallFinished,
    CallInterrupted,
    CallStarted,
    RoundStarted,
    RunEvent,
)
from ..chat.run_limits import StopReason
from ..chat.run_pending import pending_turn
from ..tree import Node
from ..tree.render.figures import cost_words
from ..tree.render.part_text import message_text
from ..types import Message, ToolCallPart, ToolResultPart
from .cards import figures, shortened, tail, who
from .columns import State
from .fragment import Fragment
from .run_page import ShownCall, ShownRound, run_page

__all__ = ["WatchedRun"]

_TAIL = 1500  # letters shown of a turn that is being written
_LONGEST = 20_000


class _Round:
    """A round while it goes on.

    Args:
        number: 0 for a turn that an earlier run left.
        place: of its reply among the run's.
        turn: that turn.
    """

    def __init__(self, number: int, place: int, turn: Node | None = None) -> None:
        self.number = number
        self.place = place
        self.turn = turn
        self.calls: list[tuple[ToolCallPart, ShownCall]] = []

    def call(self, call: ToolCallPart) -> ShownCall:
        """The entry of a call; of several with one id the first that has not ended: they run one after another."""
        alike = [shown for known, shown in self.calls if known.id == call.id]
        for shown in alike:
            if not shown.result:
                return shown
        self.add(call)
        return self.calls[-1][1]

    def add(self, call: ToolCallPart) -> None:
        self.calls.append((call, ShownCall(call.name, call.arguments)))


class WatchedRun:
    """A run, followed by its events; it is read as streams, so that its text is seen as it comes."""

    def __init__(self, run: Run[Any, Any]) -> None:
        self._run = run
        self._rounds: list[_Round] = []
        self._error: BaseException | None = None
        self._began = monotonic()
        run.follow(self._told)

    async def enter(self) -> Run[Any, Any]:
        run: Run[Any, Any] = await self._run.__aenter__()
        left = pending_turn(run.node)
        if left is not None:
            self._rounds.append(_Round(0, 0, left.node))
        return run

    async def leave(self, *error: Any) -> None:
        self._error = error[1] if len(error) > 1 else None
        await self._run.__aexit__(*error)

    async def result(self) -> Any:
        return await self._run.finish()

    def picture(self, *, ended: bool) -> Fragment:
        self._look()
        shown = [self._shown(each, ended, last=each is self._rounds[-1]) for each in self._rounds]
        return run_page(shown, self._head(ended))

    # ------------------------------------------------------------------ what it is told

    def _told(self, event: RunEvent) -> None:
        if isinstance(event, RoundStarted):
            self._look()
            self._rounds.append(_Round(event.round, len(self._run.replies)))
            return
        change = _CHANGES.get(type(event))
        if change is None:
            return
        self._look()
        told: Any = event
        change(self._rounds[-1].call(told.call), told)

    def _look(self) -> None:
        """The calls of a turn that has come."""
        if self._rounds and not self._rounds[-1].calls:
            reply = self._reply(self._rounds[-1])
            for call in () if reply is None else reply.message.tool_calls:
                self._rounds[-1].add(call)

    def _reply(self, each: _Round) -> Node | None:
        replies = self._run.replies
        if each.turn is not None:
            return each.turn
        return replies[each.place] if each.place < len(replies) else None

    # ------------------------------------------------------------------ what it looks like

    def _head(self, ended: bool) -> str:
        run = self._run
        words = [self._state(ended), _counted(run.rounds, "round"), _counted(len(run.finished), "result")]
        words.append(f"{monotonic() - self._began:.1f} s")
        if run.attempts:
            words.append(cost_words(run.cost))
        return " · ".join(words)

    def _state(self, ended: bool) -> str:
        reason, error = self._run.stop_reason, self._error
        if reason is StopReason.FAILED or (reason is StopReason.LEFT and isinstance(error, Exception)):
            return f"failed: {type(error).__name__}: {error}" if error is not None else "failed"
        if reason is None:
            return "left" if ended else "running"
        return str(_ENDS.get(reason, reason.value))

    def _shown(self, each: _Round, ended: bool, *, last: bool) -> ShownRound:
        calls = [shown for _, shown in each.calls]
        if ended:
            for shown in calls:
                if shown.state in ("waiting", "approved", "running"):
                    shown.state, shown.note = "left", ""
        reply = self._reply(each)
        title = f"round {each.number}" if each.number else "a turn of an earlier run"
        if reply is not None:
            name = who(reply)
            text = shortened(message_text(_without_calls(reply.message), reasoning=True), _LONGEST)
            busy = last and not ended and any(not shown.result for shown in calls)
            state: State = "writing" if busy else "done"
            return ShownRound(f"{title} · {name}" if name else title, text, figures(reply), state, calls)
        text = self._run.text if last else ""
        if ended or not last:
            failed = isinstance(self._error, Exception) and self._run.stop_reason is StopReason.FAILED
            return ShownRound(title, text[-_TAIL:], "not answered", "failed" if failed else "left", calls)
        if not text:
            return ShownRound(title, "", "waiting", "waiting", calls)
        return ShownRound(title, tail(text, _TAIL), f"writing · {len(text):,} characters", "writing", calls)


_ENDS = {
    StopReason.DONE: "done",
    StopReason.ROUNDS: "stopped: no more rounds were allowed",
    StopReason.CALLS: "stopped: no more calls were allowed",
    StopReason.SECONDS: "stopped: its time was over",
    StopReason.BUDGET: "stopped: a budget was used up",
    StopReason.WAITING: "stopped: calls wait for a result from elsewhere",
    StopReason.LEFT: "left",
}


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _without_calls(message: Message) -> Message:
    """They are shown by themselves."""
    if isinstance(message.content, str):
        return message
    return Message(message.role, tuple(part for part in message.content if not isinstance(part, ToolCallPart)))


def _result_text(result: ToolResultPart) -> str:
    return message_text(Message("tool", (result,))) or "(nothing)"


_AGAIN = "begun again"

# ---------------------------------------------------------------------- what each event makes of a call


def _interrupted(shown: ShownCall, event: CallInterrupted) -> None:
    shown.state, shown.note = "interrupted", "begun by an earlier run, which did not see its result"


def _approved(shown: ShownCall, event: CallApproved) -> None:
    shown.note = _AGAIN if shown.state == "interrupted" else ""
    shown.state = "approved"
    if event.edited:
        shown.arguments, shown.note = event.call.arguments, "with other arguments"


def _denied(shown: ShownCall, event: CallDenied) -> None:
    shown.state = "denied"


def _deferred(shown: ShownCall, event: CallDeferred) -> None:
    shown.state, shown.note = "deferred", ""


def _started(shown: ShownCall, event: CallStarted) -> None:
    words = {"approved": f"approved {shown.note}".strip(), "interrupted": _AGAIN}
    shown.state, shown.note = "running", words.get(shown.state, "")


def _finished(shown: ShownCall, event: CallFinished) -> None:
    allowed = shown.note if shown.state == "running" else ""
    if shown.state != "denied":
        shown.state = "failed" if event.result.is_error else "done"
    facts = (
        allowed,
        "" if event.seconds is None else f"{event.seconds:.1f} s",
        "arguments repaired" if event.repaired else "",
        "taken from another branch" if event.reused else "",
    )
    shown.note = " · ".join(fact for fact in facts if fact)
    shown.result = _result_text(event.result)


_CHANGES: dict[type, Callable[[ShownCall, Any], None]] = {
    CallInterrupted: _interrupted,
    CallApproved: _approved,
    CallDenied: _denied,
    CallDeferred: _deferred,
    CallStarted: _started,
    CallFinished: _finished,
}
