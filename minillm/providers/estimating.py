"""What a request will take at a host: its row, its price and its wire's own ceiling brought together."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from ..cost import price_of
from ..cost.budget import Needed
from ..cost.calibration import Calibration
from ..cost.ceiling import rough_need
from ..cost.estimate import Estimate, estimate_request
from ..cost.tables import context_of
from ..report import Report
from ..types import ChatRequest, TokenPrice
from ..wire import get_codec
from .provider import Endpoint

__all__ = ["estimate_at", "rough_need_at"]

# Where the wires put the ceiling of an answer.
_CEILINGS = ("max_tokens", "max_completion_tokens", "max_output_tokens", "maxOutputTokens")


def estimate_at(
    host: str,
    endpoint: Endpoint,
    request: ChatRequest,
    *,
    model: str,
    price: TokenPrice | None = None,
    own_address: bool = True,
    context: int | None = None,
    calibration: Calibration | None = None,
) -> Estimate:
    """Estimate a request for an endpoint of a host.

    Args:
        host: the provider row's name.
        endpoint: the one that will be asked.
        request: as it will be sent.
        model: the model, where the request names none.
        price: a price given by hand; else the tables are asked.
        own_address: False where the generator has another base URL than its row.
        context: how many tokens the model's context holds, where that is known.
        calibration: experience; None is the process's own.

    Raises:
        EncodeError: the request cannot be said to this host.
    """
    name = request.model or model
    if price is None:
        price = _listed(host, name, request, own_address)
    ceiling = None
    if request.parameters.get("max_tokens") is None:  # else that is the ceiling, and no other is asked for
        ceiling = _ceiling(host, endpoint, request if request.model else replace(request, model=name))
        if ceiling is None:
            ceiling = context_of(host, name) if context is None else context
    return estimate_request(request, host=host, model=name, price=price, max_output=ceiling, calibration=calibration)


def rough_need_at(
    host: str, *, model: str, price: TokenPrice | None = None, own_address: bool = True
) -> Callable[[ChatRequest], Needed | None]:
    """What tells the most that a request may take at a host, roughly and fast: None where only :func:`estimate_at` can
    say. The arguments are as there."""
    if price is not None:
        return partial(rough_need, host=host, model=model, price=price)

    def rough(request: ChatRequest) -> Needed | None:
        listed = _listed(host, request.model or model, request, own_address)
        return rough_need(request, host=host, model=model, price=listed)

    return rough


def _listed(host: str, model: str, request: ChatRequest, own_address: bool) -> TokenPrice | None:
    tier = request.parameters.get("service_tier")
    return price_of(host, model, service_tier=tier, own_address=own_address)


def _ceiling(host: str, endpoint: Endpoint, request: ChatRequest) -> int | None:
    """The ceiling that the wire itself sends: some demand one, and ``extra`` may hold one."""
    codec = get_codec(endpoint.wire, quirks=endpoint.quirks)
    body = codec.encode_request(request, origin=(host, request.model or ""), report=Report.ignore())
    config = body.get("generationConfig")
    for part in (body, config if isinstance(config, Mapping) else {}):
        for key in _CEILINGS:
            value: Any = part.get(key)
            if isinstance(value, int) and not isinstance(value, bool):
                return value
    return None
