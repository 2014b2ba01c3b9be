"""Rate-limit headers of every family, as they were recorded."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.types import RateLimit
from minillm.wire.rate_limits import parse_rate_limits, seconds_of, telling

NOW = 1_790_000_000.0

CASES: dict[str, tuple[dict[str, str], dict[str, RateLimit]]] = {
    "openai": (
        {
            "x-ratelimit-limit-requests": "5000",
            "x-ratelimit-remaining-requests": "4999",
            "x-ratelimit-reset-requests": "12ms",
            "x-ratelimit-limit-tokens": "4000000",
            "x-ratelimit-remaining-tokens": "3999993",
            "x-ratelimit-reset-tokens": "6m0s",
        },
        {"requests": RateLimit(5000, 4999, NOW + 0.012), "tokens": RateLimit(4000000, 3999993, NOW + 360)},
    ),
    "any case": ({"X-RateLimit-Limit-Requests": "5"}, {"requests": RateLimit(5)}),
    "anthropic": (
        {
            "anthropic-ratelimit-input-tokens-limit": "4000000",
            "anthropic-ratelimit-input-tokens-remaining": "1999000",
            "anthropic-ratelimit-input-tokens-reset": "2026-08-19T14:41:08Z",
        },
        {"input_tokens": RateLimit(4000000, 1999000, 1787150468.0)},
    ),
    "anthropic subscription": (
        {"anthropic-ratelimit-unified-5h-reset": "1790003600", "anthropic-ratelimit-unified-5h-status": "allowed"},
        {"unified_5h": RateLimit(None, None, 1790003600.0)},
    ),
    "openrouter": (
        {"x-ratelimit-limit": "1", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1754667660000"},
        {"requests": RateLimit(1, 0, 1754667660.0)},
    ),
    "together": (
        {"x-ratelimit-limit": "60", "x-ratelimit-reset": "2", "x-tokenlimit-remaining": "9"},
        {"requests": RateLimit(60, None, NOW + 2), "tokens": RateLimit(None, 9)},
    ),
    "mistral": (
        {
            "x-ratelimit-limit-req-minute": "120",
            "x-ratelimit-remaining-req-minute": "118",
            "x-ratelimit-limit-tokens-minute": "75000",
            "x-ratelimit-tokens-query-cost": "68",
        },
        {"requests_minute": RateLimit(120, 118), "tokens_minute": RateLimit(75000)},
    ),
    "azure does not know": (
        {"x-ratelimit-limit-tokens": "-1", "x-ratelimit-reset-tokens": "-1", "x-ratelimit-remaining-requests": "7"},
        {"requests": RateLimit(None, 7)},
    ),
    "groq": (
        {"x-ratelimit-limit-requests": "14400", "x-ratelimit-reset-requests": "2m59.56s"},
        {"requests": RateLimit(14400, None, NOW + 179.56)},
    ),
    "others": ({"x-ratelimit-abusepenalty-active": "False", "x-ratelimit-key": "m", "content-type": "text/html"}, {}),
    "nonsense": ({"x-ratelimit-limit-requests": "many", "x-ratelimit-reset-tokens": "soon"}, {}),
}


@pytest.mark.parametrize("name", CASES)
def test_headers_become_limits(name: str) -> None:
    headers, limits = CASES[name]
    found = parse_rate_limits(headers, now=NOW)
    assert {key: (limit.limit, limit.remaining) for key, limit in found.items()} == {
        key: (limit.limit, limit.remaining) for key, limit in limits.items()
    }
    for key, limit in limits.items():
        moment = limit.reset_at
        assert found[key].reset_at == (None if moment is None else pytest.approx(moment, rel=0, abs=0.001))


def test_header_names_a_host_invents_do_not_fill_the_memory() -> None:
    from minillm.wire import rate_limits

    for number in range(3000):
        parse_rate_limits({f"x-ratelimit-limit-{number}": "1"}, now=NOW)
    for known in (rate_limits.telling, rate_limits._meaning, rate_limits._count, rate_limits._reset):
        assert known.cache_info().currsize <= 1024
    assert parse_rate_limits({"x-ratelimit-limit-new": "1"}, now=NOW) == {"new": RateLimit(1)}


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("12ms", 0.012),
        ("1s", 1.0),
        ("6m0s", 360.0),
        ("1h2m3.5s", 3723.5),
        ("46s", 46.0),
        ("36000s", 36000.0),
        ("0.5", 0.5),
        (3, 3.0),
        ("1d", 86400.0),
        ("", None),
        ("soon", None),
        ("1s later", None),
        (-1, None),
        (True, None),
        (None, None),
        ("nan", None),
        ("inf", None),
    ],
)
def test_durations(said: object, seconds: float | None) -> None:
    assert seconds_of(said) == (None if seconds is None else pytest.approx(seconds))


COUNTS = st.integers(0, 10**18).map(str) | st.sampled_from(["-1", "1e3", "2.9", "1_0", " 5 ", "007", "١٢", "²"])


@given(COUNTS | st.text("0123456789.-+e_ ٣", max_size=20))
def test_a_count_is_the_whole_number_that_its_text_is_as_a_float(text: str) -> None:
    try:
        expected = int(float(text))
    except (ValueError, OverflowError):
        expected = -1
    found = parse_rate_limits({"x-ratelimit-limit-requests": text}, now=NOW)
    assert found == ({"requests": RateLimit(expected)} if expected >= 0 else {})


@given(st.integers(0, 30_000_000_000), st.integers(-14, 14))
def test_a_date_is_its_moment_whenever_it_is_read(moment: int, zone: int) -> None:
    text = datetime.fromtimestamp(moment, timezone(timedelta(hours=zone))).isoformat()
    for now in (NOW, NOW + 10):
        found = parse_rate_limits({"anthropic-ratelimit-requests-reset": text}, now=now)
        assert found == {"requests": RateLimit(None, None, moment)}


def test_a_duration_counts_from_each_answer_anew() -> None:
    for now in (NOW, NOW + 10, NOW):
        found = parse_rate_limits({"x-ratelimit-reset-requests": "8.64s"}, now=now)
        assert found == {"requests": RateLimit(None, None, now + 8.64)}


@pytest.mark.parametrize("name", CASES)
def test_who_knows_what_the_names_tell_may_say_so(name: str) -> None:
    headers, _ = CASES[name]
    assert parse_rate_limits(headers, told=telling(tuple(headers)), now=NOW) == parse_rate_limits(headers, now=NOW)
