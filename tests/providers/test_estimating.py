"""Estimates at a host: its price, its wire's ceiling, the model's context."""

import pytest

from minillm import GeneratorInfo, TokenPrice
from minillm.cost import Calibration, published, tables, use_price_table
from minillm.types import ChatRequest, CompletionParameters, Message

REQUEST = ChatRequest(None, (Message("user", "Hi"),))


def estimate(gen, request=REQUEST):
    return gen.estimate(request, calibration=Calibration())


class Listed:
    """A published list of one model."""

    name = "list"

    def price(self, host, model, at=None, service_tier=None):
        return TokenPrice(1, 2, table="list") if (host, model, service_tier) == ("openai", "m", None) else None

    def limit(self, host, model):
        return 128_000 if (host, model) == ("openai", "m") else None


@pytest.fixture
def listed(monkeypatch):
    monkeypatch.setattr(published, "published", Listed)
    monkeypatch.setattr(tables, "_known", tables.Known())


def test_price_and_context_come_from_the_tables(listed):
    made = estimate(GeneratorInfo.openai("m"))
    assert (made.model, made.price.table, made.output.upper) == ("m", "list", 128_000)
    assert made.usd.upper > 0


def test_a_published_price_holds_at_the_hosts_own_address_and_tier_only(listed):
    assert estimate(GeneratorInfo.openai("m", base_url="https://gateway.test/v1")).price is None
    other = ChatRequest(None, REQUEST.messages, parameters=CompletionParameters(service_tier="priority"))
    assert estimate(GeneratorInfo.openai("m"), other).price is None


def test_a_price_by_hand_and_a_model_in_the_request_win(listed):
    use_price_table({"openai": {"x": {"input": 5, "output": 5}}})
    assert estimate(GeneratorInfo.openai("m", price=TokenPrice(7, 7))).price == TokenPrice(7, 7)
    assert estimate(GeneratorInfo.openai("m"), ChatRequest("x", REQUEST.messages)).price.input == 5


def test_a_wire_that_demands_a_ceiling_bounds_the_answer():
    assert estimate(GeneratorInfo.anthropic("claude-x")).output.upper == 4096


def test_a_ceiling_in_the_hosts_own_words_counts():
    extra = ChatRequest(None, REQUEST.messages, parameters=CompletionParameters(extra={"max_completion_tokens": 33}))
    assert estimate(GeneratorInfo.openai("m"), extra).output.upper == 33


def test_a_local_model_is_bounded_by_its_context():
    assert estimate(GeneratorInfo.local(context_length=2048)).output.upper == 2048


def test_without_any_limit_the_answer_is_open():
    made = estimate(GeneratorInfo.groq("m"))
    assert (made.output.upper, made.usd.likely) == (None, None)
