"""What the constructors of generators take beside the model."""

from collections.abc import Mapping, Sequence
from typing import TypedDict

from ..cost import Budget
from ..observe import Observe
from ..transforms.chain import RequestTransform, Transform
from ..transport import Timeouts, Transport
from ..types import CompletionParameters, RateLimits, TokenPrice
from .capabilities import Capabilities
from .credentials import KeyCallable

__all__ = ["CommonSettings", "GeneratorSettings", "LocalSettings"]


class LocalSettings(TypedDict, total=False):
    """What every constructor of a generator takes, that of the local model too."""

    defaults: CompletionParameters
    transforms: Sequence[Transform | RequestTransform]
    budget: Budget | None
    observe: Observe | None


class CommonSettings(LocalSettings, total=False):
    """What every constructor for a host takes beside the model."""

    api_key_env: str | None
    headers: Mapping[str, str]
    price: TokenPrice | None
    streaming: bool | None
    timeouts: Timeouts
    transport: Transport | None
    max_response_bytes: int
    takes: Capabilities | None
    limits: RateLimits | None


class GeneratorSettings(CommonSettings, total=False):
    """What the constructors of known hosts take."""

    wire: str | None
    base_url: str | None
    api_key: str | KeyCallable | None
