"""Which limiter paces a generator: one for each key, host and model, in each event loop."""

from collections.abc import Hashable, Mapping

from .. import loop_local
from ..generator import GeneratorInfo
from ..policies.limiter import Limiter
from ..providers.credentials import Secret
from ..types import RateLimit, RateLimits

__all__ = ["heed", "is_paced", "limiter_for"]

_UNLIMITED = RateLimits()
_MOST = 1024
_NAME = "minillm.client.paced"

# Those whose host has told a limit, in any loop. Empty in most programs, and then a call does not even ask.
_told: set[Hashable] = set()


def is_paced(generator: GeneratorInfo) -> bool:
    """Whether there is anything to heed: a limit that was given, or one that the host has told."""
    limits = generator.limits
    if limits is not None and limits.given:
        return True
    return bool(_told) and (limits is None or limits.learn) and _key(generator) in _told


class _Limiters(dict[Hashable, Limiter]):
    """Those of one event loop."""


def limiter_for(generator: GeneratorInfo) -> Limiter:
    """The running loop's limiter for the generator's key, host and model."""
    limiters = loop_local.get(_NAME, _Limiters)
    # The one of its last call, if that was in this loop: to look for it by its key takes as long as all that it does.
    known: tuple[_Limiters, Limiter] | None = generator.prepared.get("limiter")
    if known is not None and known[0] is limiters and not known[1].forgotten:
        limiter = known[1]
    else:
        limiter = _limiter(limiters, generator)
        generator.prepared["limiter"] = limiters, limiter
    limits = generator.limits
    if limits is not None and limits is not limiter.limits and limits != limiter.limits:
        limiter.allow(limits)
    return limiter


def _limiter(limiters: _Limiters, generator: GeneratorInfo) -> Limiter:
    key = _key(generator)
    limiter = limiters.get(key)
    if limiter is None:
        if len(limiters) >= _MOST:
            for idle in [known for known, one in limiters.items() if one.idle]:
                limiters.pop(idle).forgotten = True
        limiter = limiters[key] = Limiter(generator.limits or _UNLIMITED, generator.name)
    return limiter


def heed(generator: GeneratorInfo, said: Mapping[str, RateLimit], *, sent_at: float) -> None:
    """Remember what a host says of its limits in an answer to a request that nothing paced.

    Args:
        sent_at: when that was sent, on the monotonic clock.
    """
    if generator.limits is not None and not generator.limits.learn:
        return
    limiter = limiter_for(generator)
    limiter.heed(said, sent_at=sent_at)
    if limiter.learned:
        if len(_told) >= _MOST:
            _told.clear()
        _told.add(_key(generator))


def _key(generator: GeneratorInfo) -> Hashable:
    key: Hashable = generator.prepared.get("limiter_key")
    if key is None:
        auth = generator.endpoint.auth.header
        sent = next((value for name, value in generator.headers.items() if name.lower() == auth), None)
        credential = (generator.api_key, generator.api_key_env, None if sent is None else Secret(sent))
        host = generator.provider.name, generator.base_url, tuple(generator.variables.items())
        key = generator.prepared["limiter_key"] = (host, generator.model, credential)
    return key
