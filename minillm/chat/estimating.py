"""What a call would take, before it is made: the very request that would be sent, estimated or counted."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any, NoReturn

from ..chat_model import EventStream
from ..cost.calibration import Calibration
from ..cost.estimate import Estimate, estimate_request
from ..errors import ConfigurationError
from ..generator import GeneratorInfo
from ..policies.options import CallOptions
from ..routing import RoutePlan, joined
from ..stack import Model, shaped
from ..tree import Node
from ..types import ChatRequest, ChatResponse, Content, Message, Role, as_content
from .parameters import Options, Params, resolve
from .request import build_request

__all__ = ["EstimatedCall", "WholeCall", "count_tokens", "estimate", "sent_request"]


class WholeCall(Options, total=False):
    """What ``complete`` takes as keywords."""

    output: Any
    user: Content | None


class EstimatedCall(WholeCall, total=False):
    """The same, and experience to draw on."""

    calibration: Calibration | None


def estimate(node: Node, model: Model, params: Params, call: Mapping[str, Any]) -> Estimate:
    """What ``complete`` with the same arguments would take; see :func:`minillm.cost.estimate_request`."""
    if isinstance(model, RoutePlan):
        return joined(model, [estimate(node, route, params, call) for route in model.models])
    calibration = call.get("calibration")
    request, options = _asked(node, model, params, call)
    if isinstance(model, GeneratorInfo):
        priced = model if options.token_price is None else model.replace(price=options.token_price)
        return priced.estimate(request, calibration=calibration)
    return estimate_request(request, host=type(model).__name__, price=options.token_price, calibration=calibration)


async def count_tokens(node: Node, model: Model, params: Params, call: Mapping[str, Any]) -> int:
    """The prompt tokens of that request, as the host counts them.

    Raises:
        ConfigurationError: the host has no endpoint that counts.
    """
    from ..client.counting import count_tokens as count

    if isinstance(model, RoutePlan):
        raise ConfigurationError(f"{model.name} has several routes, which count otherwise: ask with a generator")
    if not isinstance(model, GeneratorInfo):
        raise ConfigurationError(f"only hosts count tokens, and {type(model).__name__} is none; estimate() needs none")
    request, options = _asked(node, model, params, call)
    return await count(model, request, options)


def sent_request(request: ChatRequest, model: Model, options: CallOptions) -> ChatRequest:
    """The request as the host would get it: started answers, instructions in words and transforms included.

    Raises:
        ConfigurationError: it would not be sent at all.
    """
    asking = shaped(_Listening(), model, options).complete(request)
    try:
        asking.send(None)  # nothing waits on the way to the host
    except _Heard as heard:
        return heard.request
    finally:
        asking.close()
    raise AssertionError("a policy waits before it asks")


class _Heard(BaseException):  # no Exception: no policy may take it for a failure
    def __init__(self, request: ChatRequest) -> None:
        super().__init__()
        self.request = request


class _Listening:
    """Stands where the host does, and goes away with what it was asked."""

    async def complete(self, request: ChatRequest) -> ChatResponse:
        raise _Heard(request)

    def stream(self, request: ChatRequest) -> AbstractAsyncContextManager[EventStream]:
        return _unasked()


def _unasked() -> NoReturn:
    raise AssertionError("nothing is streamed here")


def _asked(node: Node, model: Model, params: Params, call: Mapping[str, Any]) -> tuple[ChatRequest, CallOptions]:
    options = {name: value for name, value in call.items() if name not in _BESIDE}
    resolved = resolve(model, params, options, call.get("output"))
    user = call.get("user")
    if user is not None:
        node = node.unlisted(Message(Role.USER, as_content(user)))
    request = sent_request(build_request(node, model, resolved), model, resolved.options)
    if isinstance(model, GeneratorInfo) and request.model is None:
        request = replace(request, model=model.model)
    return request, resolved.options


_BESIDE = frozenset({"output", "user", "calibration"})
