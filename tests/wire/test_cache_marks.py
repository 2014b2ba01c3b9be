"""Cache marks in a body: lifetimes a host knows, the last n it takes, and the order it demands."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm import GeneratorInfo
from minillm.report import Report
from minillm.types import (
    CacheBreakpoint,
    ChatRequest,
    Message,
    NativePart,
    NativeTool,
    Role,
    Severity,
    TextPart,
    ToolDefinition,
    ToolResultPart,
)
from minillm.wire import get_codec
from minillm.wire.cache_marks import CacheMarks, mark_said, nearest_lifetime

CHAT = "openai_chat_completions"
USER = Message(Role.USER, "go on")
ANTHROPIC = get_codec("anthropic_messages")


def marked(role: str, text: str, ttl: str | None = None) -> Message:
    return Message(role, (TextPart(text, cache=CacheBreakpoint(ttl)),))


def tool(name: str, ttl: str | None = None) -> ToolDefinition:
    return ToolDefinition(name, parameters={"type": "object"}, cache=CacheBreakpoint(ttl))


def said(request: ChatRequest, generator: GeneratorInfo | None = None) -> tuple[dict[str, Any], Report]:
    report = Report()
    if generator is None:
        return ANTHROPIC.encode_request(request, report=report), report
    codec = get_codec(generator.endpoint.wire, quirks=generator.endpoint.quirks)
    origin = (generator.provider.name, generator.model)
    return codec.encode_request(request, origin=origin, report=report), report


def marks_of(value: Any, key: str = "cache_control") -> list[Any]:
    """Every mark in a body, in the order of the prompt."""
    if isinstance(value, list):
        return [mark for each in value for mark in marks_of(each, key)]
    if not isinstance(value, dict):
        return []
    inner = [
        mark
        for name in ("tools", "system", "messages", "input", "content", "output")
        for mark in marks_of(value.get(name), key)
    ]
    return [*inner, value[key]] if key in value else inner


@pytest.mark.parametrize(
    ("ttl", "known", "nearest"),
    [
        ("5m", ("30m", "12h"), "30m"),
        ("1h", ("30m", "12h"), "12h"),
        ("30m", ("5m", "1h"), "1h"),
        ("60s", ("5m", "1h"), "5m"),
        ("24h", ("5m", "1h"), "1h"),
        ("for ever", ("5m", "1h"), "1h"),
    ],
)
def test_a_lifetime_becomes_the_shortest_that_lasts_as_long(ttl: str, known: tuple[str, ...], nearest: str) -> None:
    """Another vendor's lifetime is not cut short where that can be helped."""
    assert nearest_lifetime(ttl, known) == nearest


@pytest.mark.parametrize("key", ["cache_control", "prompt_cache_breakpoint"])
def test_a_lifetime_that_is_not_known_is_told(key: str) -> None:
    """The place of the mark stands in the report."""
    report = Report()
    mark_said(CacheBreakpoint("2m"), key, report, "messages[3].content[0]")
    (loss,) = report.losses
    assert (loss.path, loss.severity) == ("messages[3].content[0].cache", Severity.DEGRADED)


def test_the_last_marks_are_kept_and_the_others_named() -> None:
    """Tools and instructions count too, in the order of the prompt: tools, system, messages."""
    messages = (
        marked(Role.SYSTEM, "a"),
        marked(Role.USER, "b"),
        marked(Role.ASSISTANT, "c"),
        Message(Role.USER, (ToolResultPart("t", "f", "d", cache=CacheBreakpoint()), TextPart("e"))),
        marked(Role.USER, "f"),
    )
    body, report = said(ChatRequest("claude-sonnet-5", messages, (tool("x"), tool("y"))))
    assert len(marks_of(body)) == 4
    assert [tool.get("cache_control") for tool in body["tools"]] == [None, None]
    assert "cache_control" not in body["system"][0]
    assert [loss.path for loss in report.losses] == ["tools[0].cache", "tools[1].cache", "messages[0].content[0].cache"]
    assert {loss.severity for loss in report.losses} == {Severity.NOTE}


@pytest.mark.parametrize("where", ["request", "parameters"])
def test_the_automatic_mark_of_a_request_counts_as_one(where: str) -> None:
    """Anthropic's top-level ``cache_control`` takes one of the four places, however it was said."""
    from minillm.types import CompletionParameters

    extra = {"cache_control": {"type": "ephemeral"}}
    messages = tuple(marked(Role.USER, str(i)) for i in range(4))
    if where == "request":
        request = ChatRequest("m", messages, extra=extra)
    else:
        request = ChatRequest("m", messages, parameters=CompletionParameters(extra=extra))
    body, report = said(request)
    assert len(marks_of(body["messages"])) == 3
    assert body["cache_control"] == extra["cache_control"]
    assert [loss.path for loss in report.losses] == ["messages[0].content[0].cache"]


def test_an_earlier_mark_lives_as_long_as_a_later_one() -> None:
    """Anthropic refuses a longer lifetime behind a shorter: what holds the earlier text lives longer anyway."""
    messages = (marked(Role.SYSTEM, "a"), marked(Role.USER, "b", "5m"), marked(Role.USER, "c", "1h"))
    body, report = said(ChatRequest("m", (*messages, marked(Role.USER, "d")), (tool("x", "1h"),)))
    assert [mark.get("ttl") for mark in marks_of(body)] == ["1h", "1h", "1h", None]
    assert [loss.path for loss in report.losses] == [
        "tools[0].cache",
        "messages[1].content[0].cache",
        "messages[0].content[0].cache",
    ]


def test_marks_in_the_right_order_stay_as_they_are() -> None:
    """An hour first, then five minutes: nothing to tell."""
    body, report = said(ChatRequest("m", (marked(Role.SYSTEM, "a", "1h"), marked(Role.USER, "b"))))
    assert [mark.get("ttl") for mark in marks_of(body)] == ["1h", None]
    assert not report


def test_a_peers_own_mark_stays_and_ours_gives_way() -> None:
    """What an Anthropic client wrote goes back as it was; a mark added behind it takes the shorter life."""
    raw = {
        "model": "m",
        "max_tokens": 1,
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}}]}
        ],
    }
    request = ANTHROPIC.decode_request(raw)
    assert ANTHROPIC.encode_request(request, report=Report(strict=True)) == raw
    more = ChatRequest("m", (*request.messages, marked(Role.USER, "b", "1h")), parameters=request.parameters)
    body, report = said(more)
    assert [mark.get("ttl") for mark in marks_of(body)] == [None, None]
    (loss,) = report.losses
    assert (loss.path, loss.severity) == ("messages[1].content[0].cache", Severity.DEGRADED)


def test_marks_given_by_a_peer_count_but_are_never_taken_off() -> None:
    """Too many of the peer's own are the peer's affair."""
    marks, report = CacheMarks(), Report()
    holders = [{"cache_control": {"type": "ephemeral"}} for _ in range(6)]
    for i, holder in enumerate(holders):
        marks.add(f"m{i}", holder, "cache_control", given=i != 2)
    marks.settle(4, report)
    assert ["cache_control" in holder for holder in holders] == [True, True, False, True, True, True]
    assert [loss.path for loss in report.losses] == ["m2.cache"]


lives = st.lists(st.tuples(st.sampled_from([None, "5m", "1h"]), st.booleans()), max_size=8)


@given(lives, st.integers(1, 5))
def test_what_is_left_is_what_a_host_takes(said: list[tuple[str | None, bool]], most: int) -> None:
    """No more than it takes, in its order, the last ones; every change is told, and a peer's own are as they were."""
    marks, report = CacheMarks(), Report()
    holders: list[dict[str, Any]] = [{"cache_control": {"ttl": ttl} if ttl else {}} for ttl, _ in said]
    for i, (holder, (_, theirs)) in enumerate(zip(holders, said, strict=True)):
        marks.add(f"m{i}", holder, "cache_control", given=theirs)
    marks.settle(most, report)
    given_ones = [i for i, (_, theirs) in enumerate(said) if theirs]
    kept = [i for i, holder in enumerate(holders) if "cache_control" in holder]
    ours = [i for i, (_, theirs) in enumerate(said) if not theirs]
    room = max(most - len(given_ones), 0)
    assert kept == sorted([*given_ones, *ours[len(ours) - min(room, len(ours)) :]])
    found = [holders[i]["cache_control"].get("ttl") or "5m" for i in kept]
    if [said[i][0] or "5m" for i in given_ones] == sorted([said[i][0] or "5m" for i in given_ones]):
        assert found == sorted(found)  # "1h" before "5m"
    assert all(holders[i]["cache_control"].get("ttl") == said[i][0] for i in given_ones)
    changed = {i for i in kept if found[kept.index(i)] != (said[i][0] or "5m")}
    assert {loss.path for loss in report.losses} >= {f"m{i}.cache" for i in changed | (set(ours) - set(kept))}


OPENROUTER = GeneratorInfo.openrouter("anthropic/claude-sonnet-5", api_key="k")


def test_openrouter_takes_the_same_marks() -> None:
    """The last four, an hour before five minutes; a tool's result carries its mark on its text."""
    result = Message(Role.TOOL, (ToolResultPart("t", "f", "d", cache=CacheBreakpoint("1h")),))
    messages = (marked(Role.SYSTEM, "a"), *(marked(Role.USER, str(i)) for i in range(3)), result)
    body, report = said(ChatRequest("m", messages), OPENROUTER)
    hour = {"type": "ephemeral", "ttl": "1h"}
    assert marks_of(body) == [hour] * 4
    assert body["messages"][-1]["content"] == [{"type": "text", "text": "d", "cache_control": hour}]
    assert report.losses[0].path == "messages[0].content[0].cache"
    assert "the last ones are kept" in report.losses[0].reason
    assert len(report.losses) == 4


def test_an_empty_result_carries_no_mark() -> None:
    """There is no text to put it on, and that is told."""
    result = Message(Role.TOOL, (ToolResultPart("t", "f", "", cache=CacheBreakpoint()),))
    body, report = said(ChatRequest("m", (result,)), OPENROUTER)
    assert body["messages"][0]["content"] == ""
    assert [loss.path for loss in report.losses] == ["messages[0].content[0].cache"]


@pytest.mark.parametrize("wire", ["openai_chat_completions", "openai_responses"])
@pytest.mark.parametrize(
    ("model", "takes"), [("gpt-5.6-sol", True), ("gpt-6", True), ("gpt-5.4", False), ("gpt-4o", False)]
)
def test_openai_takes_marks_from_gpt_5_6_on(wire: str, model: str, takes: bool) -> None:
    """Older models refuse what they do not know: the mark stays behind, with a note."""
    generator = GeneratorInfo.openai(model, api_key="k", wire=wire)
    request = ChatRequest(model, (Message(Role.SYSTEM, "s"), *(marked(Role.USER, str(i), "30m") for i in range(6))))
    body, report = said(request, generator)
    found = marks_of(body, "prompt_cache_breakpoint")
    assert found == ([{"mode": "explicit", "ttl": "30m"}] * 6 if takes else [])
    assert bool(report) is not takes
    assert {loss.severity for loss in report.losses} <= {Severity.NOTE}


def test_openai_marks_contents_of_messages_only() -> None:
    """Neither tools nor, on Responses, what the model said: https://github.com/openai/openai-python, its types."""
    request = ChatRequest("gpt-6", (marked(Role.USER, "a"), marked(Role.ASSISTANT, "b"), USER), (tool("f"),))
    for wire, told in [
        ("openai_responses", ["messages[1].content[0].cache", "tools[0].cache"]),
        (CHAT, ["tools[0].cache"]),
    ]:
        body, report = said(request, GeneratorInfo.openai("gpt-6", api_key="k", wire=wire))
        assert len(marks_of(body, "prompt_cache_breakpoint")) == 3 - len(told)
        assert [loss.path for loss in report.losses] == told


def test_other_hosts_of_responses_get_no_marks() -> None:
    """They do not document any."""
    body, report = said(
        ChatRequest("m", (marked(Role.USER, "a"),)), GeneratorInfo.xai("grok-4", api_key="k", wire="openai_responses")
    )
    assert marks_of(body, "prompt_cache_breakpoint") == []
    assert [loss.path for loss in report.losses] == ["messages[0].content[0].cache"]


def test_marks_in_blocks_without_a_neutral_form_count() -> None:
    """A native tool or block goes out as it is, and takes one of the four places."""
    mark = {"cache_control": {"type": "ephemeral"}}
    tool = NativeTool("anthropic_messages", {"type": "web_search_20260209", "name": "web_search", **mark})
    block = NativePart("anthropic_messages", {"type": "search_result", "content": [], **mark})
    messages = (Message(Role.USER, (block,)), *(marked(Role.USER, str(i)) for i in range(3)))
    body, report = said(ChatRequest("m", messages, (tool,)))
    assert len(marks_of(body)) == 4
    assert body["tools"] == [tool.block]
    assert [loss.path for loss in report.losses] == ["messages[1].content[0].cache"]
