"""Which limiter paces a generator: one for each key, host and model, in each event loop."""

from collections.abc import Hashable, Mapping

from .. import loop_local
from ..generator import GeneratorInfo
from ..policies.limiter import Limiter
from ..providers.credentials import Secret
from ..types import RateLimit, RateLimits

__all__ = ["Pacer", "heed", "pacer_of"]

_UNLIMITED = RateLimits()
_MOST = 1024
_NAME = "minillm.client.paced"

# Those whose host has told a limit, in any loop. Empty in most programs, and then a call does not even ask.
_told: set[Hashable] = set()


class _Limiters(dict[Hashable, Limiter]):
    """Those of one event loop."""


class Pacer:
    """Finds the limiter of one generator, in whatever loop it is asked. Made once a generator, and kept on it."""

    __slots__ = ("_given", "_known", "_limits", "_name", "_told", "key")

    def __init__(self, generator: GeneratorInfo) -> None:
        limits = generator.limits
        self.key = _key(generator)
        self._name = generator.name
        self._limits = limits
        self._given = limits is not None and limits.given
        self._told = False
        # That of the last call, and the loop's: to look for it by its key takes as long as all that it does.
        self._known: tuple[_Limiters, Limiter] | None = None

    def stands(self) -> bool:
        """Whether there is anything to heed: a limit that was given, or one that the host has told."""
        if self._given or self._told:
            return True
        limits = self._limits
        if not _told or not (limits is None or limits.learn):
            return False
        self._told = self.key in _told
        return self._told

    def limiter(self) -> Limiter:
        """The running loop's limiter for the generator's key, host and model."""
        limiters, known, limits = loop_local.get(_NAME, _Limiters), self._known, self._limits
        if known is None or known[0] is not limiters or known[1].forgotten:
            known = self._known = limiters, self._found(limiters)
        limiter = known[1]
        if limits is not limiter.limits and limits is not None and limits != limiter.limits:
            limiter.allow(limits)
        return limiter

    def _found(self, limiters: _Limiters) -> Limiter:
        limiter = limiters.get(self.key)
        if limiter is None:
            if len(limiters) >= _MOST:
                for idle in [known for known, one in limiters.items() if one.idle]:
                    limiters.pop(idle).forgotten = True
            limiter = limiters[self.key] = Limiter(self._limits or _UNLIMITED, self._name)
        return limiter


def pacer_of(generator: GeneratorInfo) -> Pacer | None:
    """The generator's, where there is anything to heed."""
    if generator.limits is None and not _told:
        return None
    pacer = _pacer(generator)
    return pacer if pacer.stands() else None


def heed(generator: GeneratorInfo, said: Mapping[str, RateLimit], *, sent_at: float) -> None:
    """Remember what a host says of its limits in an answer to a request that nothing paced.

    Args:
        sent_at: when that was sent, on the monotonic clock.
    """
    if generator.limits is not None and not generator.limits.learn:
        return
    pacer = _pacer(generator)
    limiter = pacer.limiter()
    limiter.heed(said, sent_at=sent_at)
    if limiter.learned:
        if len(_told) >= _MOST:
            _told.clear()
        _told.add(pacer.key)


def _pacer(generator: GeneratorInfo) -> Pacer:
    made: Pacer | None = generator.prepared.get("pacer")
    if made is None:
        made = generator.prepared["pacer"] = Pacer(generator)
    return made


def _key(generator: GeneratorInfo) -> Hashable:
    auth = generator.endpoint.auth.header
    sent = next((value for name, value in generator.headers.items() if name.lower() == auth), None)
    credential = (generator.api_key, generator.api_key_env, None if sent is None else Secret(sent))
    host = generator.provider.name, generator.base_url, tuple(generator.variables.items())
    return host, generator.model, credential
