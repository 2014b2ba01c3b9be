"""Several replies to one node, at once."""

from collections.abc import AsyncIterator, Callable, Generator, Iterable, Sequence
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, overload

from ..chat_model import EventStream
from ..errors import BranchFailed, ConfigurationError, MiniLLMError, StreamConsumed, TransportError
from ..stack import Model
from ..tree import Node
from ..tree.marks import has_marks
from .completion import Completion

if TYPE_CHECKING:
    import anyio
    from anyio.abc import TaskGroup

__all__ = ["Branch", "BranchRun", "Warm"]

R = TypeVar("R", bound=Node)
Warm = Literal["auto"] | bool


class Branch(Sequence[R], Generic[R]):
    """The replies of a branch, in the order they were asked for; those that failed are left out.

    Args:
        outcomes: for each sibling asked for its reply, its error, or None where it had not ended. The order is
            that of the generators, all siblings of the first before those of the next.
    """

    def __init__(self, outcomes: Sequence["R | Exception | None"]) -> None:
        self.outcomes = tuple(outcomes)
        self._replies = tuple(one for one in outcomes if one is not None and not isinstance(one, Exception))
        self.errors = tuple(one for one in outcomes if isinstance(one, Exception))

    @overload
    def __getitem__(self, index: int) -> R: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[R]: ...
    def __getitem__(self, index: int | slice) -> R | Sequence[R]:
        return self._replies[index]

    def __len__(self) -> int:
        return len(self._replies)

    def __repr__(self) -> str:
        failed = f", {len(self.errors)} failed" if self.errors else ""
        return f"Branch({len(self)} replies{failed})"


class BranchRun(Generic[R]):
    """Await it for a :class:`Branch`, or use it as ``async with`` to take the replies as they finish.

    Leaving the block cancels those that are still running; what has finished stays on the tree.
    """

    def __init__(self, completions: Callable[[], list[Completion[R]]], *, limit: int | None, warm: Warm) -> None:
        if limit is not None and (type(limit) is not int or limit < 1):
            raise ConfigurationError(f"limit must be a whole number of at least 1, or None for no limit, not {limit!r}")
        if warm != "auto" and not isinstance(warm, bool):
            raise ConfigurationError(f"warm must be 'auto', True or False, not {warm!r}")
        self._make = completions
        self._limit = limit
        self._warm = warm
        self._outcomes: list[R | Exception | None] = []
        self._finished: list[R] = []
        self._following: list[Callable[[int, EventStream], object]] = []
        self._models: tuple[Model, ...] = ()
        self._taken = 0
        self._left = -1  # not started
        self._group: TaskGroup | None = None
        self._news: anyio.Event | None = None

    def __await__(self) -> Generator[Any, None, Branch[R]]:
        return self._all().__await__()

    async def _all(self) -> Branch[R]:
        """Raises BranchFailed when none answered."""
        async with self:
            return await self.ended()

    async def ended(self) -> Branch[R]:
        """Inside the block: wait until all have ended.

        Raises:
            BranchFailed: none answered.
        """
        while self._left:
            await self._wait()
        return self.result()

    def result(self) -> Branch[R]:
        """What has finished so far.

        Raises:
            BranchFailed: all have ended and none answered.
        """
        branch = Branch(self._outcomes)
        errors = branch.errors
        if self._left == 0 and len(errors) == len(branch.outcomes):
            attempts = [attempt for error in errors if isinstance(error, MiniLLMError) for attempt in error.attempts]
            raise BranchFailed(
                f"none of {len(errors)} siblings was answered; the first said: {type(errors[0]).__name__}: {errors[0]}",
                errors=errors,
                attempts=attempts,
                retryable=any(isinstance(error, MiniLLMError) and error.retryable for error in errors),
            ) from errors[0]
        return branch

    @property
    def outcomes(self) -> "tuple[R | Exception | None, ...]":
        """What has become of each sibling, in the order asked: its reply, its error, None while it runs.

        ``run.outcomes.index(reply)`` tells which one a reply is.
        """
        return tuple(self._outcomes)

    @property
    def errors(self) -> tuple[Exception, ...]:
        """The failures so far, in the order asked."""
        return tuple(one for one in self._outcomes if isinstance(one, Exception))

    async def __aenter__(self) -> "BranchRun[R]":
        import anyio

        if self._left >= 0:
            raise StreamConsumed("this branch has run; call node.branch() again for a new one")
        completions = self._make()
        self._left = len(completions)
        self._outcomes = [None] * len(completions)
        self._models = tuple(completion.asked for completion in completions)
        self._news = anyio.Event()
        group = anyio.create_task_group()
        await group.__aenter__()
        self._group = group
        places = None if self._limit is None else anyio.Semaphore(self._limit)
        # One gate a model: its first sibling opens it, the others wait.
        gates = {id(completion.asked): anyio.Event() for completion in self._first_ones(completions)}
        led: set[int] = set()
        for index, completion in enumerate(completions):
            model = id(completion.asked)
            gate, leads = gates.get(model), model not in led
            led.add(model)
            opens = gate if leads else None
            if opens is not None or self._following:
                completion.tell_begun(partial(self._begun, index, opens))
            group.start_soon(self._one, index, completion, places, gate, leads)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        group = self._group
        if group is None:
            raise StreamConsumed(_NOT_OPEN)
        group.cancel_scope.cancel()
        # The caller's own error goes its own way: handed to the group it would come back in an ExceptionGroup.
        await group.__aexit__(None, None, None)

    def follow(self, begun: Callable[[int, EventStream], object]) -> "BranchRun[R]":
        """Read every answer as a stream, and call ``begun(index, stream)`` when the first content of one has come.

        For a display: ``stream.collector.text()`` is what has come of it; whoever shows it looks now and then and takes
        nothing. The replies are the same as without. One that is cut and asked again begins again, under its index.
        To be said before the branch is run.
        """
        self._following.append(begun)
        return self

    @property
    def models(self) -> tuple[Model, ...]:
        """Who is asked for each sibling; empty before the branch is run."""
        return self._models

    def _begun(self, index: int, gate: "anyio.Event | None", stream: EventStream) -> None:
        if gate is not None:
            gate.set()
        for begun in self._following:
            begun(index, stream)

    def __aiter__(self) -> AsyncIterator[R]:
        return self._as_they_finish()

    async def _as_they_finish(self) -> AsyncIterator[R]:
        if self._group is None:
            raise StreamConsumed(_NOT_OPEN)
        while True:
            while self._taken < len(self._finished):
                self._taken += 1
                yield self._finished[self._taken - 1]
            if not self._left:
                self.result()
                return
            await self._wait()

    async def _wait(self) -> None:
        assert self._news is not None
        await self._news.wait()

    def _tell(self) -> None:
        import anyio

        assert self._news is not None
        news, self._news = self._news, anyio.Event()
        news.set()

    def _first_ones(self, completions: Sequence[Completion[R]]) -> list[Completion[R]]:
        """Those that go ahead, one a model, so that its others find the prompt in the host's cache."""
        firsts = list({id(completion.asked): completion for completion in reversed(completions)}.values())
        if isinstance(self._warm, bool):
            return firsts if self._warm else []
        if not has_marks(completions[0].request.messages):
            return []
        from .warmth import is_warm

        return [first for first in firsts if not is_warm(first.asked, first.call, first.request)]

    async def _one(
        self,
        index: int,
        completion: Completion[R],
        places: "anyio.Semaphore | None",
        gate: "anyio.Event | None",
        leads: bool,
    ) -> None:
        from asyncio import CancelledError, current_task

        try:
            if gate is not None and not leads:
                await gate.wait()
            if places is None:
                reply = await completion.run()
            else:
                async with places:
                    reply = await completion.run()
        except Exception as error:
            self._outcomes[index] = error
        except CancelledError:
            task = current_task()
            if task is None or task.cancelling():
                raise
            self._outcomes[index] = TransportError("this call was cancelled from within", retryable=True)
        else:
            self._outcomes[index] = reply
            self._finished.append(reply)
        finally:
            if gate is not None:
                gate.set()
        self._left -= 1
        self._tell()


_NOT_OPEN = "use it as: async with node.branch(...) as branch: async for reply in branch"


def requested(model: Model | Iterable[Model], n: int | None) -> list[Model]:
    """One model for each sibling.

    Raises:
        ConfigurationError: no sibling is asked for.
    """
    several = isinstance(model, Iterable) and not hasattr(model, "complete") and not isinstance(model, str)
    models: list[Model] = list(model) if several else [model]  # type: ignore[arg-type, list-item]
    times = 1 if n is None else n
    if type(times) is not int or not models or times < 1:
        raise ConfigurationError("branch needs at least one generator and an n that is a whole number of at least 1")
    return [one for one in models for _ in range(times)]
