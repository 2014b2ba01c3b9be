"""The cheapest request that makes a host read a prompt."""

from dataclasses import dataclass

import pytest

from minillm import ChatNode, GeneratorInfo
from minillm.chat.completion import Completion
from minillm.chat.prewarming import cheapest, cut_behind, marked_for, too_short, what_is_marked
from minillm.providers.caching import CacheFacts
from minillm.tree.marks import has_marks
from minillm.types import (
    UNSET,
    CacheBreakpoint,
    ChatRequest,
    Message,
    ReasoningConfig,
    ResponseFormat,
    Role,
    TextPart,
    ToolCallPart,
    ToolDefinition,
    ToolResultPart,
)

MARK = CacheBreakpoint()
ZERO = CacheFacts(by="marked", least_output=0, minimum=512)


def marked(role, text, ttl=None):
    return Message(role, (TextPart(text, cache=CacheBreakpoint(ttl)),))


def test_a_prompt_without_marks_gets_one_at_its_end():
    """With the lifetime that was asked for."""
    request = ChatRequest("m", (Message(Role.SYSTEM, "s"), Message(Role.USER, "u")))
    assert [part.cache for message in marked_for(request, "1h").messages for part in message.parts] == [
        None,
        CacheBreakpoint("1h"),
    ]


def test_marks_that_name_no_lifetime_take_the_one_asked_for():
    """On tools, messages, and inside results; a request whose marks are right is not touched."""
    result = ToolResultPart("c", "f", (TextPart("x", cache=MARK),))
    request = ChatRequest(
        "m",
        (marked(Role.USER, "a", "5m"), marked(Role.USER, "b"), Message(Role.TOOL, (result,))),
        (ToolDefinition("f", cache=MARK),),
    )
    assert marked_for(request, None) is request
    changed = marked_for(request, "1h")
    assert changed.tools[0].cache == CacheBreakpoint("1h")
    assert [changed.messages[i].parts[0].cache for i in (0, 1)] == [CacheBreakpoint("5m"), CacheBreakpoint("1h")]
    assert changed.messages[2].parts[0].content[0].cache == CacheBreakpoint("1h")


def test_a_mark_on_a_tool_is_a_mark():
    """The messages get none of their own then, and what is sent is the tools."""
    request = marked_for(ChatRequest("m", (Message(Role.USER, "u"),), (ToolDefinition("f", cache=MARK),)), None)
    assert not has_marks(request.messages)
    assert cut_behind(request, what_is_marked(request)).messages == (Message(Role.USER, "."),)


CALL = Message(Role.ASSISTANT, (ToolCallPart("a", "f", "{}"), ToolCallPart("b", "f", "{}", cache=MARK)))
RESULTS = [Message(Role.TOOL, (ToolResultPart(id, "f", "x"),)) for id in "ab"]
SYSTEM, USER, REST = marked(Role.SYSTEM, "s"), marked(Role.USER, "u"), [Message(Role.USER, "rest")]
STANDS_IN = Message(Role.USER, ".")


@pytest.mark.parametrize(
    ("messages", "kept"),
    [
        ([SYSTEM, *REST], [SYSTEM, STANDS_IN]),
        ([SYSTEM], [SYSTEM, STANDS_IN]),
        ([USER, *REST], [USER]),
        ([USER, marked(Role.ASSISTANT, "a"), *REST], [USER, marked(Role.ASSISTANT, "a"), STANDS_IN]),
        ([USER, CALL, *RESULTS, *REST], [USER, CALL, *RESULTS]),
        ([USER, CALL, Message(Role.USER, (*RESULTS[0].parts, *RESULTS[1].parts))],) * 2,
    ],
)
def test_what_stands_behind_the_last_mark_is_left_out(messages, kept):
    """But for the results of calls; and somebody has to say something at the end."""
    request = ChatRequest("m", tuple(messages))
    assert list(cut_behind(request, what_is_marked(request)).messages) == kept


def test_a_prompt_is_turned_away_only_when_it_is_surely_too_short():
    """Two bytes a token is less than any text has."""
    for length, short in [(900, True), (1100, False)]:
        request = ChatRequest("m", (marked(Role.USER, "x" * length),))
        assert too_short(what_is_marked(request), ZERO) is short
        assert not too_short(what_is_marked(request), CacheFacts())


def asked(facts=ZERO, gen=None, **options):
    gen = gen or GeneratorInfo.anthropic("claude-opus-5", api_key="k")
    completion = Completion(None, ChatNode.root("s").add_user("u"), gen, None, options, options.pop("output", None))
    return cheapest(completion.request, facts, completion).parameters


@pytest.mark.parametrize(
    ("options", "most"),
    [
        ({}, 0),
        ({"max_tokens": 900}, 0),
        ({"reasoning": "low"}, 1),
        ({"reasoning": ReasoningConfig(budget_tokens=2000)}, 2001),
        ({"response_format": ResponseFormat("text")}, 0),
        ({"response_format": ResponseFormat("json_schema", {"type": "object"})}, 1),
    ],
)
def test_the_least_that_can_be_asked_for(options, most):
    """Nothing, where that is allowed."""
    assert asked(**options).max_tokens == most
    assert asked(CacheFacts(least_output=16), **options).max_tokens == max(16, most) if most < 2 else 2001


def test_what_only_shapes_an_answer_is_left_out():
    """It would cost, or be refused beside so short a ceiling."""
    parameters = asked(
        stop=["x"], logprobs=True, top_logprobs=3, prediction={"type": "content", "content": "x"}, seed=7
    )
    assert (parameters.stop, parameters.logprobs, parameters.top_logprobs, parameters.prediction) == (UNSET,) * 4
    assert parameters.seed == 7


def test_a_switch_for_it_is_thrown_beside_what_the_caller_says():
    """``prompt_cache_options.prewarm``, and no ceiling."""
    facts = CacheFacts(by="marked", prewarm=True)
    assert asked(facts, extra={"x": 1, "prompt_cache_options": {"ttl": "30m"}}, max_tokens=5).set_fields() == {
        "extra": {"x": 1, "prompt_cache_options": {"ttl": "30m", "prewarm": True}},
    }


@dataclass
class Person:
    name: str


def test_the_form_of_the_answer_stays_where_the_host_is_held_to_it():
    """Where it is asked for in words instead, those stand behind the marks and are not needed."""
    assert asked(output=Person).response_format.schema["required"] == ["name"]
    deepseek = GeneratorInfo.deepseek("deepseek-chat", api_key="k")
    wanted = asked(CacheFacts(), deepseek, output=Person).response_format
    assert wanted is UNSET or wanted.kind == "json"
