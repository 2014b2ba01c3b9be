"""Running what a model asked for: one result a call, whatever happens in the functions."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from inspect import BoundArguments, isawaitable, iscoroutinefunction
from typing import Any, overload

from ..errors import ConfigurationError, MiniLLMError, ToolError
from ..observe import begin_tool
from ..types import ToolCallPart, ToolResultPart
from .definition import Tool
from .offered import AnyTool
from .prepared import PreparedCall, Runnable, prepare_call, runnable
from .results import result_content

__all__ = ["ExecutedCall", "ToolResults", "execute_call", "execute_calls", "run_function", "run_prepared"]


@dataclass(frozen=True, slots=True)
class ExecutedCall:
    """A call that was dealt with.

    Args:
        call: what the model asked for.
        result: the answer to it, for :meth:`minillm.ChatNode.add_tool_results`.
        repaired: its arguments were no JSON and had to be repaired.
        error: why the result is one of an error; the model gets its message alone.
    """

    call: ToolCallPart
    result: ToolResultPart
    repaired: bool = False
    error: Exception | None = None


class ToolResults(Sequence[ToolResultPart]):
    """The results of a turn's calls, in their order; beside them what the model is not told.

    ``executed`` says all there is to say, one item a call.
    """

    def __init__(self, executed: Iterable[ExecutedCall]) -> None:
        self.executed = tuple(executed)

    @property
    def errors(self) -> tuple[Exception, ...]:
        """What went wrong, in the order of the calls."""
        return tuple(done.error for done in self.executed if done.error is not None)

    @property
    def repaired(self) -> tuple[ToolCallPart, ...]:
        """The calls whose arguments had to be repaired."""
        return tuple(done.call for done in self.executed if done.repaired)

    @overload
    def __getitem__(self, index: int) -> ToolResultPart: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[ToolResultPart]: ...
    def __getitem__(self, index: int | slice) -> ToolResultPart | Sequence[ToolResultPart]:
        if isinstance(index, slice):
            return ToolResults(self.executed[index])
        return self.executed[index].result

    def __len__(self) -> int:
        return len(self.executed)

    def __repr__(self) -> str:
        failed = f", {len(self.errors)} failed" if self.errors else ""
        return f"ToolResults({len(self)} results{failed})"


async def execute_calls(
    calls: Iterable[ToolCallPart], tools: Iterable[AnyTool], *, limit: int | None = None
) -> ToolResults:
    """Run the calls of a turn, at the same time; their results in the order of the calls.

    Coroutines are awaited, other functions run in threads, with the caller's context variables. What goes wrong in a
    call becomes its result, with ``is_error`` and the exception's message, for the model to see. Cancelling cancels
    the coroutines; a thread cannot be stopped, so it runs on and its result is dropped.

    Args:
        calls: ``reply.message.tool_calls``.
        tools: what was offered; hosts' own tools in it are passed over.
        limit: how many may run at a time; None is all.

    Raises:
        ToolError: a call of a tool that was offered without a function; nothing was run.
        ConfigurationError: two tools of one name, one that is no tool, or a call that is none.

    Example:
        >>> results = await execute_calls(reply.message.tool_calls, tools)
        >>> reply = await reply.add_tool_results(results).complete(gen, tools=tools)
    """
    if not _is_limit(limit):
        raise ConfigurationError(f"limit must be a number of at least 1, or None for no limit, not {limit!r}")
    named = runnable(tools)
    asked = _checked(calls)
    for call in asked:
        _check_function(call, named)
    if len(asked) <= 1:  # a task group would cost more than it gives
        return ToolResults([await _execute(call, named) for call in asked])
    from asyncio import CancelledError

    import anyio

    executed: dict[int, ExecutedCall] = {}
    failures: list[BaseException] = []
    places = None if limit is None else anyio.Semaphore(limit)

    async def one(index: int, call: ToolCallPart) -> None:
        try:
            async with places or nullcontext():
                executed[index] = await _execute(call, named)
        except (CancelledError, GeneratorExit):
            raise
        except BaseException as error:  # no failure of a tool; raised below: from within it would come out in a group
            failures.append(error)
            group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        for index, call in enumerate(asked):
            group.start_soon(one, index, call)
    if failures:
        raise failures[0]
    return ToolResults(executed[index] for index in range(len(asked)))


async def execute_call(call: ToolCallPart, tools: Iterable[AnyTool]) -> ExecutedCall:
    """Run one call; see :func:`execute_calls`.

    Raises:
        ToolError: its tool was offered without a function.
        ConfigurationError: two tools of one name, one that is no tool, or a call that is none.
    """
    named = runnable(tools)
    (call,) = _checked((call,))
    _check_function(call, named)
    return await _execute(call, named)


def _is_limit(limit: Any) -> bool:
    return limit is None or (isinstance(limit, int) and limit >= 1)


def _checked(calls: Any) -> list[ToolCallPart]:
    asked = list(calls) if isinstance(calls, Iterable) else [calls]
    for call in asked:
        if not isinstance(call, ToolCallPart):
            raise ConfigurationError(f"a ToolCallPart is expected, not {type(call).__name__}: reply.message.tool_calls")
    return asked


def _check_function(call: ToolCallPart, tools: Runnable) -> None:
    if call.name in tools and tools[call.name] is None:
        raise ToolError(f"{call.name} ({call.id}) has no function here: answer it yourself with a ToolResultPart")


async def _execute(call: ToolCallPart, tools: Runnable) -> ExecutedCall:
    return await run_prepared(await prepare_call(call, tools))


async def run_prepared(prepared: PreparedCall, *, seconds: float | None = None) -> ExecutedCall:
    """Run one call that is ready: the one place where a tool starts and ends.

    Args:
        seconds: how long it may take, for tools that set no timeout of their own.
    """
    tool = prepared.tool
    watch = begin_tool(prepared.call, "unknown" if tool is None else prepared.call.name)
    if watch is None:
        return await _ran(prepared, seconds)
    watch.started(None if tool is None else tool.definition.description)
    try:
        with watch.around():
            done = await _ran(prepared, seconds)
    except BaseException as error:
        watch.failed(error)
        raise
    if done.error is None:
        watch.ended(done.result, repaired=done.repaired)
    else:
        watch.failed(done.error)
    return done


async def _ran(prepared: PreparedCall, seconds: float | None) -> ExecutedCall:
    call, tool, bound = prepared.call, prepared.tool, prepared.bound
    if tool is None or bound is None:
        return _failed(call, prepared.error or ToolError("it was not made ready"), prepared.repaired)
    try:
        result = _result(call, await _in_time(tool, bound, seconds if tool.timeout is None else tool.timeout))
    except Exception as error:
        return _failed(call, error, prepared.repaired)
    return ExecutedCall(call, result, prepared.repaired)


async def _in_time(tool: Tool[..., Any], bound: BoundArguments, seconds: float | None) -> Any:
    if seconds is None:
        return await run_function(tool.function, *bound.args, **bound.kwargs)
    import anyio

    with anyio.move_on_after(seconds):
        return await run_function(tool.function, *bound.args, **bound.kwargs)
    way = "and was stopped" if iscoroutinefunction(tool.function) else "and may still be at work"
    raise ToolError(f"it did not end within {seconds:g} s {way}")


async def run_function(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """What it gives: a coroutine is awaited, any other function runs in a thread, whose end nobody waits for.

    Raises:
        ToolError: it raised what would end the task or the program, and nobody had asked for that.
        Exception: whatever else it raised.
    """
    if iscoroutinefunction(function):
        return await _awaited(function(*args, **kwargs))
    from anyio import to_thread

    value = await _awaited(to_thread.run_sync(lambda: function(*args, **kwargs), abandon_on_cancel=True))
    return await _awaited(value) if isawaitable(value) else value


async def _awaited(value: Any) -> Any:
    """The result; a cancellation that came out of the tool itself is the tool's failure, not the caller's wish, and
    so is SystemExit: argument parsers raise it at words they do not like, and a model's words end no program."""
    from asyncio import CancelledError, current_task

    task = current_task()
    try:
        return await value
    except CancelledError:
        if task is None or task.cancelling():
            raise
        raise ToolError("it was cancelled") from None
    except SystemExit as error:
        raise ToolError(f"it wanted to end the program: SystemExit({error.code!r})") from error


def _result(call: ToolCallPart, value: Any) -> ToolResultPart:
    if isinstance(value, ToolResultPart):
        return replace(value, call_id=call.id, name=call.name)
    return ToolResultPart(call.id, call.name, result_content(value))


def _failed(call: ToolCallPart, error: Exception, repaired: bool) -> ExecutedCall:
    return ExecutedCall(call, ToolResultPart(call.id, call.name, _words(error), is_error=True), repaired, error)


def _words(error: Exception) -> str:
    """What the model reads: our own errors speak for themselves, others say little without their name."""
    try:
        said = str(error)
    except Exception:  # an exception of the tool's own that cannot even say itself
        said = ""
    if isinstance(error, MiniLLMError):
        return said
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
