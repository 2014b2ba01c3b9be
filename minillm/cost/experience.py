"""Where replies are told to whoever learns from them, without loading what learns.

A program that never estimates must not pay for it: until the first estimate, short requests with their counts are
put aside, the last few of them, and nothing is measured. The first replies of a model are all told, then one in so
many, since measuring a long prompt takes a while.
"""

from collections import deque
from typing import Protocol

from ..types import ChatRequest, Usage

__all__ = ["Learner", "note", "taught"]

_MOST_WAITING = 32
_MOST_MESSAGES, _MOST_CHARACTERS = 32, 16_000
_MOST_MODELS = 512
# The first so many; then one in so many until there were this many; and then one in so many.
_FIRST, _LATER, _MANY, _RARELY = 32, 16, 256, 64


class Learner(Protocol):
    """What takes in a reply."""

    def __call__(self, host: str, model: str, request: ChatRequest, usage: Usage) -> None:
        """A reply's request and counts."""
        ...


class _Ears:
    """Who listens, and what waits for somebody to."""

    def __init__(self) -> None:
        self.learner: Learner | None = None
        self.waiting: deque[tuple[str, str, ChatRequest, Usage]] = deque(maxlen=_MOST_WAITING)
        self.heard: dict[tuple[str, str], int] = {}  # how many replies there were of each host's models


_ears = _Ears()


def note(host: str, model: str, request: ChatRequest, usage: Usage) -> None:
    """Tell of a reply."""
    heard = _ears.heard
    count = heard.get((host, model), 0)
    if count == 0 and len(heard) >= _MOST_MODELS:
        heard.clear()
    heard[host, model] = count + 1
    if count >= _FIRST and count % (_LATER if count < _MANY else _RARELY):
        return
    learner = _ears.learner
    if learner is not None:
        learner(host, model, request, usage)
    elif _is_short(request):
        _ears.waiting.append((host, model, request, usage))


def taught(learner: Learner) -> None:
    """From now on ``learner`` is told of replies, at once of those that waited."""
    _ears.learner = learner
    while _ears.waiting:
        learner(*_ears.waiting.popleft())


def _is_short(request: ChatRequest) -> bool:
    """Whether it may wait: a long one, or one with media, would keep megabytes alive."""
    messages = request.messages
    if len(messages) > _MOST_MESSAGES:
        return False
    total = 0
    for message in messages:
        if not isinstance(message.content, str):
            return False
        total += len(message.content)
    return total <= _MOST_CHARACTERS
