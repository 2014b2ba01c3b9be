"""See that a prompt is in the host's cache before it is needed: one cheap request, and none where it is known to be."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from typing import Any

from .. import loop_local
from ..errors import BadRequestError, ConfigurationError
from ..providers.caching import CacheFacts
from ..routing import RoutePlan
from ..stack import Model, build
from ..tree import Node
from ..tree.marks import checked_lifetime
from ..types import Attempt, ChatRequest, ChatResponse, CostInfo, Loss, Usage, total_cost
from .completion import Completion
from .parameters import Params
from .prefix import Prefix
from .prewarming import cheapest, cut_behind, marked_for, too_short, unsayable, what_is_marked
from .shared_task import SharedTask
from .warmth import Known, Scope, facts_of, lifetime_of, scope_of, warmth

__all__ = ["CacheOutcome", "CacheState", "ensure_cached"]


class CacheOutcome(StrEnum):
    """What :meth:`ChatNode.ensure_cached` found or did."""

    KNOWN = "known"  # it was known to be cached, or another task was asking already: nothing sent
    WRITTEN = "written"  # the host wrote it
    READ = "read"  # the host had it, and keeps it longer now
    SENT = "sent"  # the host caches by itself and does not tell of writing: it has seen the prompt
    NOT_CACHED = "not_cached"  # it is too short for this host, or cannot be marked there; the note says why


@dataclass(frozen=True, slots=True)
class CacheState:
    """What is known of a prompt in the host's cache, and what it cost to know it.

    Args:
        outcome: see :class:`CacheOutcome`.
        cost: the bill of the requests this very call has sent; 0 where it sent none.
        until: when the prompt leaves the cache unless it is used again, in seconds since the epoch, as the host
            documents it; None where it is not cached.
        read_tokens: prompt tokens the host read from its cache; None where it told none, or was not asked.
        written_tokens: prompt tokens the host wrote to its cache, likewise.
        note: what to know about this host, in words; ``""`` where there is nothing.
        losses: what of the request the host could not be told, marks beyond its limit among them.
    """

    outcome: CacheOutcome
    cost: CostInfo
    until: float | None = None
    read_tokens: int | None = None
    written_tokens: int | None = None
    note: str = ""
    attempts: tuple[Attempt, ...] = field(default=(), repr=False)
    losses: tuple[Loss, ...] = field(default=(), repr=False)

    @property
    def warm(self) -> bool:
        """Whether the prompt is in the cache now, as far as can be known."""
        return self.outcome is not CacheOutcome.NOT_CACHED

    @property
    def sent(self) -> bool:
        """Whether this call sent anything."""
        return bool(self.attempts)


async def ensure_cached(
    node: Node, model: Model, params: Params, ttl: str | None, options: Mapping[str, Any]
) -> CacheState:
    """What ``ChatNode.ensure_cached`` does."""
    checked_lifetime(ttl)
    if isinstance(model, RoutePlan):
        raise ConfigurationError(
            f"{model.name} has several routes, each with a cache of its own: call ensure_cached with a generator"
        )
    completion: Completion[Node] = Completion(_never, node, model, params, options)
    request = marked_for(completion.request, ttl)
    facts = facts_of(model, request)
    target = what_is_marked(request)
    if target is None:
        return _nothing("the prompt has no part that could carry a mark: there is nothing to cache")
    scope = scope_of(model, completion.call, request)
    lifetime = lifetime_of(target.mark, facts)
    known = warmth.look(scope, target.digest, lifetime)
    if known is not None:
        return _known(known, facts)
    if too_short(target, facts):
        return _nothing(f"{_short(facts)}, and this one has about {(target.size or 0) // 4}: nothing was sent")
    request = cut_behind(request, target)
    why = unsayable(model, request, target)
    if why:
        return _nothing(f"the last mark cannot be said there ({why}): nothing was sent")
    key = (scope, target.digest, lifetime)
    flights = loop_local.get(__name__, dict[Any, SharedTask[CacheState]])
    flight = flights.get(key)
    if flight is not None and not flight.abandoned:
        state = await flight.result()
        return replace(state, outcome=_joined(state), cost=_FREE, attempts=())
    errand = _Errand(completion, request, facts, scope, target, lifetime)
    flight = flights[key] = SharedTask(errand.run())
    flight.task.add_done_callback(partial(_ended, flights, key, flight))
    return await flight.result()


def _ended(flights: dict[Any, SharedTask[CacheState]], key: Any, flight: SharedTask[CacheState], _: Any) -> None:
    if flights.get(key) is flight:
        del flights[key]


def _never(*_: Any) -> Node:
    raise AssertionError("warming a cache attaches nothing")


_FREE = CostInfo.total(())


def _nothing(note: str) -> CacheState:
    return CacheState(CacheOutcome.NOT_CACHED, _FREE, note=note)


def _known(known: Known, facts: CacheFacts) -> CacheState:
    if known.cached:
        return CacheState(CacheOutcome.KNOWN, _FREE, known.until)
    return _nothing(f"the host was asked and did not cache it: {_short(facts)}. Nothing was sent again")


def _joined(state: CacheState) -> CacheOutcome:
    return CacheOutcome.KNOWN if state.warm else state.outcome


def _short(facts: CacheFacts) -> str:
    return f"this host caches no prompt shorter than {facts.minimum or 'some thousand'} tokens"


@dataclass(frozen=True, slots=True)
class _Errand:
    """One request that warms a cache: what it is for, and what it found."""

    completion: Completion[Node]
    request: ChatRequest
    facts: CacheFacts
    scope: Scope
    target: Prefix
    lifetime: int

    async def run(self) -> CacheState:
        """Send, put it on the node's bill, and remember what the host said."""
        completion = self.completion
        at = warmth.clock()
        try:
            response = await self._answer()
        except BaseException as error:
            await completion.failed(error)
            raise
        await completion.failed(None, response.attempts)  # no reply: the node itself bears the cost
        attempts = tuple(completion.attempts) or response.attempts
        outcome, note = _judged(response.usage, self.facts)
        cached = outcome is not CacheOutcome.NOT_CACHED
        known = warmth.note(self.scope, self.target.digest, self.lifetime, at, cached=cached)
        return CacheState(
            outcome,
            total_cost(attempts),
            known.until if cached else None,
            None if response.usage is None else response.usage.cache_read_tokens,
            _written(response.usage),
            note,
            attempts,
            response.losses,
        )

    async def _answer(self) -> ChatResponse:
        completion, facts = self.completion, self.facts
        options = replace(completion.call.options, **_UNJUDGED)
        model = build(completion.asked, options, attempts=completion.attempts)
        try:
            return await model.complete(cheapest(self.request, facts, completion))
        except BadRequestError:
            if not (facts.prewarm or facts.least_output == 0):
                raise
        # A model or a proxy that does not know the way without an answer: then with the shortest one.
        plain = replace(facts, prewarm=False, least_output=16 if facts.prewarm else 1)
        return await model.complete(cheapest(self.request, plain, completion))


_UNJUDGED: dict[str, Any] = {
    "expect": None,
    "output": None,
    "validate": None,
    "correction": 0,
    "crash_on_refusal": False,
    "crash_on_empty_response": False,
    "force_prepend": None,
}


def _written(usage: Usage | None) -> int | None:
    if usage is None or usage.cache_write_tokens is None:
        return None
    return sum(usage.cache_write_tokens.values())


def _judged(usage: Usage | None, facts: CacheFacts) -> tuple[CacheOutcome, str]:
    """What the host's counts tell."""
    if _written(usage):
        return CacheOutcome.WRITTEN, ""
    if usage is not None and usage.cache_read_tokens:
        return CacheOutcome.READ, ""
    prompt = None if usage is None else usage.input_tokens
    if prompt is not None and prompt < facts.minimum:
        return CacheOutcome.NOT_CACHED, f"{_short(facts)}, and this one has {prompt}"
    if facts.by == "marked" and _written(usage) == 0:
        return CacheOutcome.NOT_CACHED, f"the host wrote nothing to its cache: {_short(facts)}"
    if facts.by is None:
        return CacheOutcome.SENT, "whether this host caches prompts is not documented; it has seen this one"
    return CacheOutcome.SENT, "this host caches by itself and does not tell of writing; it has seen the prompt"
