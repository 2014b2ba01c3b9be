"""What is to be seen of a call while it runs: one column an answer; of a tool run, its rounds."""

from collections.abc import Sequence
from time import monotonic
from typing import Any, Protocol

from ..chat import Branch, ChatStream, Run
from ..chat.branch import BranchRun
from ..chat_model import EventStream
from ..errors import BranchFailed
from ..tree import Node
from ..tree.scores import score_of
from .cards import figures, full_text, tail, who
from .columns import Column, columns
from .fragment import Fragment
from .watching_run import WatchedRun

__all__ = ["WatchedBranch", "WatchedCall", "WatchedStream", "watched"]

_TAIL = 1500  # letters shown of an answer that is being written
_LONGEST = 20_000


class WatchedCall(Protocol):
    """A running call, and what it looks like from outside."""

    async def enter(self) -> Any:
        """Begin it."""

    async def leave(self, *error: Any) -> None:
        """End it, whatever has come."""

    async def result(self) -> Any:
        """Wait for its end."""

    # What there is now; ``ended`` says that no more will come.
    def picture(self, *, ended: bool) -> Fragment: ...


def watched(running: BranchRun[Any] | ChatStream[Any] | Run[Any, Any]) -> WatchedCall:
    """Raises TypeError for anything else."""
    if isinstance(running, BranchRun):
        return WatchedBranch(running)
    if isinstance(running, ChatStream):
        return WatchedStream(running)
    if isinstance(running, Run):
        return WatchedRun(running)
    raise TypeError(f"show() takes node.branch(...), node.stream(...) or node.run(...), not {type(running).__name__}")


class WatchedBranch:
    """All siblings of a branch, each under the name of its model."""

    def __init__(self, run: BranchRun[Any]) -> None:
        self._run = run
        self._streams: dict[int, EventStream] = {}
        self._began = monotonic()
        run.follow(self._begun)

    def _begun(self, index: int, stream: EventStream) -> None:
        self._streams[index] = stream

    async def enter(self) -> BranchRun[Any]:
        return await self._run.__aenter__()

    async def leave(self, *error: Any) -> None:
        await self._run.__aexit__(*error)

    async def result(self) -> Branch[Any]:
        return await self._run.ended()

    def picture(self, *, ended: bool) -> Fragment:
        return columns(self.columns(ended=ended))

    def columns(self, *, ended: bool) -> list[Column]:
        seconds = monotonic() - self._began
        names = _names(self._run.models)
        return [
            _of(outcome, self._streams.get(index), index, names[index], seconds, ended)
            for index, outcome in enumerate(self._run.outcomes)
        ]


class WatchedStream:
    """One answer."""

    def __init__(self, stream: ChatStream[Any]) -> None:
        self._stream = stream
        self._error: BaseException | None = None
        self._began = monotonic()

    async def enter(self) -> ChatStream[Any]:
        try:
            return await self._stream.__aenter__()
        except BaseException as error:
            self._error = error
            raise

    async def leave(self, *error: Any) -> None:
        self._error = error[1] if len(error) > 1 else None
        await self._stream.__aexit__(*error)

    async def result(self) -> Any:
        return await self._stream.finish()

    def picture(self, *, ended: bool) -> Fragment:
        return columns(self.columns(ended=ended))

    def columns(self, *, ended: bool) -> list[Column]:
        stream = self._stream
        seconds = monotonic() - self._began
        if stream.ended_well:
            return [_replied(stream.node, who(stream.node) or "answer")]
        title = _names([stream.model])[0]
        if isinstance(self._error, Exception):
            return [_failed(self._error, title, stream.text)]
        return [_unfinished(title, stream.text, seconds, ended)]


def _names(models: Sequence[Any]) -> list[str]:
    """What each is called: a generator by its model, anything else by its class."""
    return [str(getattr(model, "model", None) or type(model).__name__) for model in models]


def _of(outcome: Any, stream: EventStream | None, index: int, name: str, seconds: float, ended: bool) -> Column:
    if isinstance(outcome, Node):
        return _replied(outcome, f"{index + 1} · {who(outcome) or name}")
    title = f"{index + 1} · {name}"
    text = "" if stream is None else stream.collector.text()
    if isinstance(outcome, Exception):
        return _failed(outcome, title, text)
    return _unfinished(title, text, seconds, ended)


def _replied(reply: Node, title: str) -> Column:
    return Column(title, full_text(reply, _LONGEST), figures(reply), "done", score_of(reply))


def _failed(error: Exception, title: str, text: str) -> Column:
    first = error.errors[0] if isinstance(error, BranchFailed) and error.errors else error
    return Column(title, text[-_TAIL:], f"{type(first).__name__}: {first}", "failed")


def _unfinished(title: str, text: str, seconds: float, ended: bool) -> Column:
    if ended:
        return Column(title, text[-_TAIL:], f"left after {seconds:.1f} s", "left")
    if not text:
        return Column(title, "", f"waiting · {seconds:.1f} s", "waiting")
    return Column(title, tail(text, _TAIL), f"writing · {len(text):,} characters · {seconds:.1f} s", "writing")
