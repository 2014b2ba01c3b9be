"""What all encoders of one body share: marks and their number, residues, where the body is going, extra keys."""

from typing import Any

import pytest

from minillm.errors import EncodeError
from minillm.report import Report, Severity
from minillm.types import CacheBreakpoint, Message, Native, Origin, Role
from minillm.wire.codec import Quirks
from minillm.wire.encoding import Encoding, add_extra

WIRE = "openai_chat_completions"


def encoding(
    report: Report | None = None, *, asking: bool = True, origin: Origin | None = None, **quirks: Any
) -> Encoding:
    return Encoding(
        WIRE, Quirks(**quirks), Report(strict=True) if report is None else report, asking=asking, origin=origin
    )


@pytest.mark.parametrize(
    ("key", "ttl", "said"),
    [
        ("cache_control", None, {"type": "ephemeral"}),
        ("cache_control", "1h", {"type": "ephemeral", "ttl": "1h"}),
        ("prompt_cache_breakpoint", "12h", {"mode": "explicit", "ttl": "12h"}),
    ],
)
def test_a_mark_in_the_host_s_words(key: Any, ttl: str | None, said: dict[str, str]) -> None:
    out: dict[str, Any] = {}
    encoding(cache_marks=key).mark(out, CacheBreakpoint(ttl), "m")
    assert out == {key: said}


def test_a_mark_where_the_host_takes_none_is_noted() -> None:
    report, out = Report(), dict[str, Any]()
    encoding(report).mark(out, CacheBreakpoint(), "m")
    assert out == {}
    assert [(loss.path, loss.severity) for loss in report.losses] == [("m", Severity.NOTE)]


@pytest.mark.parametrize(("given", "kept"), [(0, [1, 2]), (1, [2]), (2, []), (9, [])])
def test_the_last_marks_are_kept_beside_those_that_a_peer_gave(given: int, kept: list[int]) -> None:
    """A later mark covers all that stands before it."""
    report = Report()
    enc = encoding(report, cache_marks="cache_control", max_cache_marks=2)
    blocks: list[dict[str, Any]] = [{}, {}, {}]
    for place, block in enumerate(blocks):
        enc.mark(block, CacheBreakpoint(), f"m[{place}]")
    enc.marks_given = given
    enc.limit_marks()
    assert [place for place, block in enumerate(blocks) if block] == kept
    assert len(report.losses) == 3 - len(kept)


def test_a_residue_counts_where_it_was_left_by_a_body_of_the_same_direction() -> None:
    asked, answered = Native(WIRE, {"x": 1, "~": {"asked": True}}), Native(WIRE, {"x": 1})
    foreign = Native("anthropic_messages", {"x": 1})
    found = [
        [encoding(asking=asking).residue(native) for native in (asked, answered, foreign)] for asking in (True, False)
    ]
    assert found == [[asked.data, None, None], [None, answered.data, None]]


@pytest.mark.parametrize(
    ("stamped", "going", "home"),
    [
        (("openai", "m"), ("openai", "m"), True),
        (("openai", "m"), ("openai", "n"), False),
        (("openai", "m"), None, True),
        (None, ("openai", "m"), True),
    ],
)
def test_what_only_its_author_can_read_goes_to_its_author(stamped: Any, going: Any, home: bool) -> None:
    message = Message(Role.ASSISTANT, "a", origin=stamped)
    assert encoding(origin=going).comes_home(message) is home


def test_extra_keys_are_added_and_must_not_collide() -> None:
    assert add_extra({"a": 1}, {"b": 2}, "p") == {"a": 1, "b": 2}
    assert add_extra({"a": 1}, None, "p") == {"a": 1}
    with pytest.raises(EncodeError, match="'a'") as caught:
        add_extra({"a": 1}, {"a": 2}, "p")
    assert caught.value.path == "p"
