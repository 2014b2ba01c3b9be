"""A host as a row: its endpoints, and what it does not speak."""

import pytest

from minillm.errors import ConfigurationError
from minillm.providers import BEARER, Endpoint, Provider

ROW = Provider(
    name="both", endpoints=(Endpoint(base_url="https://a.test/v1"), Endpoint(wire="other", base_url="https://a.test"))
)


def test_the_usual_endpoint_comes_first():
    assert ROW.endpoint() is ROW.endpoints[0]
    assert ROW.endpoint("other") is ROW.endpoints[1]
    assert ROW.wires == ("openai_chat_completions", "other")


def test_a_wire_it_does_not_speak_is_told_with_those_it_does():
    with pytest.raises(
        ConfigurationError, match="both does not speak 'morse'; it speaks openai_chat_completions, other"
    ):
        ROW.endpoint("morse")


def test_rows_are_values():
    again = Provider(
        name="both",
        endpoints=(Endpoint(base_url="https://a.test/v1"), Endpoint(wire="other", base_url="https://a.test")),
    )
    assert again == ROW
    assert hash(again) == hash(ROW)


def test_keys_go_as_bearer_tokens_unless_said():
    assert ROW.endpoints[0].auth is BEARER
    assert (BEARER.header, BEARER.prefix) == ("authorization", "Bearer ")


def test_what_goes_with_every_request_is_not_shown():
    """People put tokens there, although a row is no place for one."""
    endpoint = Endpoint(base_url="https://a.test", headers={"x-token": "canary-123456"}, query={"key": "canary-123456"})
    assert "canary" not in repr(endpoint)
