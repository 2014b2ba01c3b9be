"""The values of a request, and what is shown of them."""

import dataclasses

import pytest

from minillm.transport import HTTPRequest, Timeouts


def test_the_documented_timeouts_are_the_defaults() -> None:
    assert Timeouts() == Timeouts(connect=10.0, first_byte=600.0, idle=120.0)
    assert HTTPRequest("GET", "https://a.test/").timeouts == Timeouts()


def test_a_request_shows_neither_headers_nor_body() -> None:
    request = HTTPRequest("POST", "https://a.test/v1", {"authorization": "Bearer sk-canary"}, b"a prompt")
    assert "sk-canary" not in repr(request)
    assert "a prompt" not in repr(request)
    assert "https://a.test/v1" in repr(request)


def test_a_request_does_not_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        HTTPRequest("GET", "https://a.test/").method = "POST"  # type: ignore[misc]
