"""Who is told what happens: hooks for the whole program, for a block, for a generator or for a call."""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeAlias

from ..errors import ConfigurationError
from .faults import complain

if TYPE_CHECKING:
    from .events import Event

    Hook: TypeAlias = Callable[[Event], Awaitable[None] | None]
else:
    Hook = Callable[..., Awaitable[None] | None]  # the events load when something happens that is told

__all__ = ["Hook", "Observe", "Observer", "add", "as_observers", "observers", "tell", "watching"]


@dataclass(frozen=True, slots=True)
class Observer:
    """A hook, and what it wants to see.

    Args:
        hook: called with each event where it happens, so it should be quick; a coroutine function is run beside the
            call, its events in order.
        chunks: tell of every chunk of a stream too.
        content: give it what people and models said.
    """

    hook: Hook
    chunks: bool = False
    content: bool = False

    def is_as(self, other: "Observer") -> bool:
        """Whether both have one hook. Equal ones may be two: lists that were told the same so far."""
        return self.hook is other.hook or (hasattr(self.hook, "__self__") and self.hook == other.hook)


#: What ``observe=`` takes: a hook, an Observer, or several of them.
Observe: TypeAlias = Hook | Observer | Iterable[Hook | Observer]

_lock = Lock()
_everywhere: tuple[Observer, ...] = ()
_within: ContextVar[tuple[Observer, ...]] = ContextVar("minillm.observe.within", default=())

#: How many hooks are added and blocks are open in the whole process: where it is 0, nobody has to be looked for.
count = 0


def add(hook: Hook, *, chunks: bool = False, content: bool = False) -> Callable[[], None]:
    """Tell ``hook`` of everything from now on, in the whole process; what is given back ends that.

    Args:
        hook: takes an event; plain or async. What it raises is logged once and never breaks a call.
        chunks: tell of every chunk of a stream too, which costs something for each.
        content: give it what people and models said: requests, answers, arguments, results, errors.

    Raises:
        ConfigurationError: ``hook`` is not callable.

    Example:
        >>> remove = minillm.observe.add(print)
    """
    global _everywhere, count  # noqa: PLW0603
    (observer,) = as_observers(Observer(hook, chunks, content))
    with _lock:
        _everywhere = (*_everywhere, observer)
        count += 1

    def remove() -> None:
        """End it; a second call does nothing."""
        global _everywhere, count  # noqa: PLW0603
        with _lock:
            kept = tuple(other for other in _everywhere if other is not observer)
            count -= len(_everywhere) - len(kept)
            _everywhere = kept

    return remove


@contextmanager
def watching(hook: Hook, *, chunks: bool = False, content: bool = False) -> Iterator[None]:
    """Tell ``hook`` of what is begun in this block, and in tasks that are begun in it. Arguments as of :func:`add`.

    Example:
        >>> with minillm.observe.watching(seen.append):
        ...     await node.complete(gen)
    """
    global count  # noqa: PLW0603
    token = _within.set((*_within.get(), *as_observers(Observer(hook, chunks, content))))
    with _lock:
        count += 1
    try:
        yield
    finally:
        with _lock:
            count -= 1
        _within.reset(token)


def as_observers(observe: Observe | None) -> tuple[Observer, ...]:
    """``observe=`` as Observers.

    Raises:
        ConfigurationError: it is no hook, and not a list of hooks.
    """
    if observe is None:
        return ()
    whole: Any = observe
    several = isinstance(whole, Iterable) and not callable(whole) and not isinstance(whole, str | bytes)
    those: tuple[Any, ...] = tuple(observe) if several else (observe,)  # type: ignore[arg-type]
    given = tuple(one if isinstance(one, Observer) else Observer(one) for one in those)
    for one in given:
        if not callable(one.hook):
            raise ConfigurationError(f"a hook must be callable with an event, not {type(one.hook).__name__}")
    return given


def observers(*own: Observe | None) -> tuple[Observer, ...]:
    """All who are to be told of what is begun here: those given, those of this block, those of the process."""
    found = [*_everywhere, *_within.get()]
    for observe in own:
        found += as_observers(observe)
    return tuple(found)


def tell(those: Iterable[Observer], event: "Event") -> None:
    """Hand the event to each, without content where that was not asked for. Nothing they do breaks the call."""
    bare: Event | None = None
    for observer in those:
        if observer.content:
            _call(observer.hook, event)
        else:
            bare = event.bare() if bare is None else bare
            _call(observer.hook, bare)


def _call(hook: Hook, event: "Event") -> None:
    try:
        result: Any = hook(event)
        if hasattr(result, "__await__"):
            from .beside import run_beside

            run_beside(hook, result)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a CancelledError of its own is no wish of the caller's either
        complain(hook, error)
