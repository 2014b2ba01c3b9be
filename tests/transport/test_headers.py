"""An answer's headers as a mapping."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.transport.headers import Headers

NAMES = st.sampled_from(["Date", "date", "X-Request-ID", "x-request-id", "Retry-After", "Via"])


def headers(*pairs: tuple[str, str]) -> Headers:
    return Headers.of([(name.encode(), value.encode()) for name, value in pairs])


def test_any_case_finds_a_header_and_names_come_out_in_lower_case() -> None:
    found = headers(("X-Request-ID", "r1"), ("Date", "now"))
    assert isinstance(found, Mapping)
    assert found["x-request-id"] == found["X-REQUEST-ID"] == found.get("X-Request-ID") == "r1"
    assert "DATE" in found
    assert list(found) == ["x-request-id", "date"]
    assert dict(found) == {"x-request-id": "r1", "date": "now"}


def test_an_absent_header_is_absent() -> None:
    assert headers().get("date") is None
    assert headers().get("date", "") == ""
    assert "date" not in headers()
    with pytest.raises(KeyError):
        headers()["date"]


def test_values_are_not_shown() -> None:
    assert repr(headers(("Set-Cookie", "secret"))) == "Headers(['set-cookie'])"


@given(st.lists(st.tuples(NAMES, st.text("ab", max_size=2))))
def test_every_way_to_read_it_says_the_same(pairs: list[tuple[str, str]]) -> None:
    """Repeated headers are joined by a comma, in their order (RFC 9110, section 5.3)."""
    expected: dict[str, str] = {}
    for name, value in pairs:
        key = name.lower()
        expected[key] = f"{expected[key]}, {value}" if key in expected else value
    found = headers(*pairs)
    assert {name: found[name] for name in expected} == expected
    assert dict(found.items()) == expected
    assert list(found) == list(expected)
    assert list(found.values()) == list(expected.values())
    assert len(found) == len(expected)
    assert found == expected
    assert found.some(found.names()) == {name: found[name] for name in found.names()}
