"""In which order the routes of a plan are asked."""

import random
from collections.abc import Callable, Hashable, Sequence
from decimal import Decimal

from .latency import latencies
from .routes import Order

__all__ = ["in_order"]

_random = random.Random()  # noqa: S311  no secret


def in_order(
    order: Order,
    keys: Sequence[Hashable],
    *,
    weights: Sequence[float] = (),
    price: Callable[[int], Decimal | None],
    measured: str,
) -> list[int]:
    """The places of the routes, first to be asked first. What is equal stays as it was given.

    Args:
        price: what the request is likely to cost on a route; None where nobody knows, and then it comes last.
        measured: what of a route was measured: ``"stream"`` or ``"whole"``. A route that was not comes first, so
            that it is.
    """
    places = list(range(len(keys)))
    if order == "cheapest":
        prices = [price(place) for place in places]
        places.sort(key=lambda place: (prices[place] is None, prices[place] or 0))
    elif order == "fastest":
        known = latencies()
        places.sort(key=lambda place: known.usual((keys[place], measured)) or 0.0)
    elif order == "weighted":
        # Each of them drawn in its turn: an exponential number by its weight (Efraimidis and Spirakis, 2006).
        drawn = {place: _random.expovariate(weights[place]) if weights[place] else _NEVER for place in places}
        places.sort(key=drawn.__getitem__)
    return places


_NEVER = float("inf")
