"""The order of routes: as given, drawn, by price, by speed."""

import random
from collections import Counter
from decimal import Decimal

from minillm.policies import route_order
from minillm.policies.latency import latencies
from minillm.policies.route_order import in_order

KEYS = ("a", "b", "c")


def order(how, **more):
    return in_order(how, KEYS, **{"price": lambda place: None, "measured": "stream", **more})


def test_as_given():
    assert order("ordered") == [0, 1, 2]


def test_the_cheapest_is_first_and_what_nobody_knows_is_last():
    prices = [None, Decimal(2), Decimal(1)]
    assert order("cheapest", price=prices.__getitem__) == [2, 1, 0]
    assert order("cheapest", price=[Decimal(1), Decimal(1), Decimal(0)].__getitem__) == [2, 0, 1]


async def test_the_fastest_is_first_but_behind_what_was_not_measured():
    """Else that would never be measured."""
    latencies().note(("a", "stream"), 2.0)
    latencies().note(("c", "stream"), 1.0)
    latencies().note(("b", "whole"), 9.0)  # of another kind
    assert order("fastest") == [1, 2, 0]
    latencies().note(("b", "stream"), 1.5)
    assert order("fastest") == [2, 1, 0]


def test_weights_are_shares_of_the_first_place(monkeypatch):
    monkeypatch.setattr(route_order, "_random", random.Random(7))
    drawn = [order("weighted", weights=(3.0, 1.0, 0.0)) for _ in range(4000)]
    first = Counter(places[0] for places in drawn)
    assert 2900 < first[0] < 3100
    assert first[0] + first[1] == 4000
    assert {places[2] for places in drawn} == {2}  # of weight 0: after all others
