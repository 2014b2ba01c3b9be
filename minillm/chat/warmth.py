"""What is known of hosts' caches: which beginnings of prompts were written or read, and until when they last.

It belongs to the process, not to an event loop: what one ``asyncio.run`` has warmed is warm for the next. Nothing of
prompt or key stands here but hashes.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from hashlib import blake2b
from secrets import token_bytes
from threading import Lock
from typing import TypeAlias, TypeVar

from ..client.exchange import key_of
from ..errors import ConfigurationError
from ..generator import GeneratorInfo
from ..providers import Secret
from ..providers.caching import CacheFacts, cache_facts
from ..stack import Model
from ..tree.marks import has_marks
from ..types import CacheBreakpoint, ChatRequest, ChatResponse
from ..types.lifetime import lifetime_seconds
from .parameters import Call
from .prefix import Prefix, prefixes_of

__all__ = ["Known", "Scope", "Warmth", "facts_of", "is_warm", "learn", "lifetime_of", "scope_of", "warmth"]

Scope: TypeAlias = tuple[Hashable, ...]
K = TypeVar("K")
V = TypeVar("V")

_MOST_SCOPES = 256
_MOST_PREFIXES = 1024  # in each


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one beginning of a prompt.

    Args:
        until: when it leaves the cache unless it is used again, in seconds since the epoch.
        lifetime: how long it lasts after each use, in seconds.
        cached: False where the host was asked and did not cache it.
    """

    until: float
    lifetime: float
    cached: bool = True


class Warmth:
    """The memory itself; one may serve many threads and loops.

    Args:
        clock: seconds since the epoch. Wall time: a host's clock goes on while this machine sleeps.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self._scopes: OrderedDict[Scope, OrderedDict[bytes, Known]] = OrderedDict()
        self._lock = Lock()

    def look(self, scope: Scope, digest: bytes, lifetime: float) -> Known | None:
        """What is known now of a beginning that should live as long as that; None where nothing is."""
        with self._lock:
            known = self._scopes.get(scope, _NOTHING).get(digest)
            if known is None or known.lifetime < lifetime or known.until <= self.clock():
                return None
            return known

    def note(self, scope: Scope, digest: bytes, lifetime: float, at: float, *, cached: bool = True) -> Known:
        """Say that a beginning was written or read at a time; a longer life that it has already goes on."""
        with self._lock:
            prefixes = self._scopes.setdefault(scope, OrderedDict())
            before = prefixes.get(digest)
            if before is not None and before.cached and cached and before.until > at:
                lifetime = max(lifetime, before.lifetime)
                at = max(at, before.until - before.lifetime)
            known = prefixes[digest] = Known(at + lifetime, lifetime, cached)
            _trim(prefixes, digest, _MOST_PREFIXES)
            _trim(self._scopes, scope, _MOST_SCOPES)
            return known

    def used(self, scope: Scope, digests: Iterable[bytes], at: float) -> None:
        """Say that beginnings were read at a time: those that are known, and live still, live on."""
        with self._lock:
            prefixes = self._scopes.get(scope, _NOTHING)
            for digest in digests:
                known = prefixes.get(digest)
                if known is not None and known.cached and known.until > at:
                    prefixes[digest] = Known(max(known.until, at + known.lifetime), known.lifetime)

    def knows(self, scope: Scope) -> bool:
        """Whether anything is known of a scope."""
        return scope in self._scopes

    def __bool__(self) -> bool:
        """Whether anything is known at all."""
        return bool(self._scopes)

    def forget(self) -> None:
        """Forget everything."""
        with self._lock:
            self._scopes.clear()


_NOTHING: OrderedDict[bytes, Known] = OrderedDict()


def _trim(mapping: OrderedDict[K, V], newest: K, most: int) -> None:
    mapping.move_to_end(newest)
    while len(mapping) > most:
        mapping.popitem(last=False)


#: What this process knows.
warmth = Warmth()

_SALT = token_bytes(16)  # so that a hash in a memory dump tells nothing about a key


def scope_of(model: Model, call: Call, request: ChatRequest) -> Scope:
    """Whose cache, and of what: credential, host, model, and what stands before the messages or changes how they
    are read (https://platform.claude.com/docs/en/build-with-claude/prompt-caching, "What invalidates the cache").

    Raises:
        ConfigurationError: the host needs a key and there is none.
    """
    parameters = request.parameters
    told = [request.tool_choice, request.extra, call.options.expect]
    told += [parameters.get(name) for name in _TELLING]
    asked: tuple[Hashable, ...] = (
        repr(told),
        *(_itself(each) for each in (*call.options.transforms, *getattr(model, "transforms", ()))),
    )
    if not isinstance(model, GeneratorInfo):
        return (_itself(model), request.model, *asked)
    given = model.api_key
    secret = given if isinstance(given, Secret) or given is None else None
    # A callable gives another token each hour, for the same account: the callable itself tells whose.
    key = None if given is not None and secret is None else key_of(model, secret)
    said = [model.provider.name, model.base_url, model.wire, request.model or model.model, {**model.variables}]
    hash_ = blake2b(repr(said).encode(), digest_size=16, key=_SALT)
    for value in ("" if key is None else key.reveal(), *(f"{name}:{value}" for name, value in model.headers.items())):
        hash_.update(b"\0" + value.encode("utf-8", "surrogatepass"))
    return (hash_.digest(), None if given is None or secret is not None else _itself(given), *asked)


def _itself(value: object) -> Hashable:
    """What stands for an object in a scope; being in it, it lives on, and its id is nobody else's."""
    try:
        hash(value)
    except TypeError:
        return id(value)
    return value


_TELLING = (
    "reasoning",
    "response_format",
    "verbosity",
    "parallel_tool_calls",
    "modalities",
    "cache_key",
    "end_user",
    "extra",
)


def facts_of(model: Model, request: ChatRequest) -> CacheFacts:
    """What is documented of the cache behind a model."""
    if not isinstance(model, GeneratorInfo):
        return CacheFacts(by=None)
    return cache_facts(model.provider.name, model.endpoint.wire, request.model or model.model)


def lifetime_of(mark: CacheBreakpoint | None, facts: CacheFacts) -> int:
    """How long the host keeps what a mark stands on, in seconds."""
    if mark is None or mark.ttl is None or facts.by != "marked":
        return facts.lifetime
    return min(lifetime_seconds(mark.ttl) or facts.longest, facts.longest)


def is_warm(model: Model, call: Call, request: ChatRequest) -> bool:
    """Whether the prompt up to its last mark is known to be in the host's cache."""
    last = _last_marked(prefixes_of(request))
    if last is None:
        return False
    try:
        scope = scope_of(model, call, request)
    except ConfigurationError:
        return False  # the call itself tells of it
    if not warmth.knows(scope):
        return False
    known = warmth.look(scope, last.digest, lifetime_of(last.mark, facts_of(model, request)))
    return known is not None and known.cached


def _last_marked(prefixes: Iterable[Prefix]) -> Prefix | None:
    last = None
    for prefix in prefixes:
        last = prefix if prefix.mark is not None else last
    return last


def learn(model: Model, call: Call, request: ChatRequest, response: ChatResponse) -> None:
    """Take from an answer what it tells about the host's cache.

    Only the longest marked beginning is surely in it, since each must be long enough by itself. Others are kept
    alive by their use: on hosts that cache by themselves all that the prompt begins with, elsewhere the marked ones.
    """
    usage = response.usage
    if usage is None or not (usage.cache_read_tokens or any((usage.cache_write_tokens or {}).values())):
        return
    if not warmth and not has_marks(request.messages):
        return
    try:
        scope = scope_of(model, call, request)
    except ConfigurationError:
        return  # the key has gone since; the answer is there
    facts = facts_of(model, request)
    prefixes = list(prefixes_of(request, every=facts.by == "automatic"))
    last = _last_marked(prefixes)
    if last is None and not warmth.knows(scope):
        return
    at = response.attempts[-1].started_at if response.attempts else warmth.clock()
    warmth.used(scope, [prefix.digest for prefix in prefixes], at)
    if last is not None:
        warmth.note(scope, last.digest, lifetime_of(last.mark, facts), at)
