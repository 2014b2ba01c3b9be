"""Whose turn it is: those that wait take turns by tree, then by node, then in the order they came."""

from collections import OrderedDict, deque
from collections.abc import Hashable, Iterator, Sequence
from typing import Generic, TypeVar

__all__ = ["Turns"]

T = TypeVar("T")


class Turns(Generic[T]):
    """A queue in lanes within lanes, each of which has its turn: a large one never keeps a small one waiting long.

    A path names the lanes of one that waits, the widest first; all paths have the same length. ``size`` is
    how many wait.
    """

    __slots__ = ("_lanes", "_queue", "size")

    def __init__(self) -> None:
        self._lanes: OrderedDict[Hashable, Turns[T]] = OrderedDict()
        self._queue: deque[T] = deque()
        self.size = 0

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[T]:
        """All that wait, lane by lane."""
        yield from self._queue
        for lane in self._lanes.values():
            yield from lane

    def add(self, item: T, path: Sequence[Hashable] = ()) -> None:
        """Let it wait at the end of its lane."""
        self.size += 1
        if not path:
            self._queue.append(item)
            return
        lane = self._lanes.get(path[0])
        if lane is None:
            lane = self._lanes[path[0]] = Turns()
        lane.add(item, path[1:])

    def first(self) -> T:
        """Whose turn it is. Raises IndexError where nobody waits."""
        if self._lanes:
            return next(iter(self._lanes.values())).first()
        return self._queue[0]

    def pop(self) -> T:
        """Take out whose turn it is; then it is the next lane's. Raises IndexError where nobody waits."""
        if not self._lanes:
            item = self._queue.popleft()
        else:
            name, lane = next(iter(self._lanes.items()))
            item = lane.pop()
            if lane:
                self._lanes.move_to_end(name)
            else:
                del self._lanes[name]
        self.size -= 1
        return item

    def ahead(self, path: Sequence[Hashable] = ()) -> int:
        """How many would have their turn before one that came now."""
        if not path:
            return len(self._queue)
        own = self._lanes.get(path[0])
        rounds = own.ahead(path[1:]) if own is not None else 0
        return rounds + sum(min(len(lane), rounds + 1) for lane in self._lanes.values() if lane is not own)
