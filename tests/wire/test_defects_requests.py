"""Parameters, tools and schemas of requests: defects and silent losses of an earlier adapter, docs/parity.md."""

import json
from typing import Any

from minillm.report import Report
from minillm.types import ChatRequest, CompletionParameters, Message, ReasoningConfig, Role, ToolMode
from minillm.wire import WIRES, get_codec
from tests.wire.checks import (
    ANTHROPIC,
    CHAT,
    GEMINI,
    MODEL,
    OTHERS,
    PLAIN,
    RESPONSES,
    TOOL,
    Body,
    Check,
    Checks,
    asked,
    chat,
    messages,
)

defect = Checks()


def schema_of(target: str, body: Body) -> Any:
    """The schema of the first function tool, where the wire keeps it."""
    (tool,) = body["tools"]
    if target == GEMINI:
        (tool,) = tool["functionDeclarations"]
        return tool.get("parametersJsonSchema", tool.get("parameters"))
    return tool["function"]["parameters"] if target == CHAT else tool.get("parameters", tool.get("input_schema"))


def with_schema(schema: Body) -> Body:
    return chat(tools=[{"type": "function", "function": {"name": "f", "description": "d", "parameters": schema}}])


SCHEMA: Body = {
    "type": "object",
    "properties": {
        "definitions": {"type": "string", "description": "a word"},
        "zone": {"type": "array", "uniqueItems": True, "items": {"type": "string", "default": False}},
        "anyOf": {"description": "either", "anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
        "$ref": {"$ref": "#/$defs/tree"},
    },
    "required": ["zone"],
    "additionalProperties": False,
    "$defs": {"tree": {"type": "object", "properties": {"next": {"$ref": "#/$defs/tree"}}}},
}


@defect("B12", "L38")
def schemas_reach_gemini_as_they_are() -> None:
    """Booleans, properties named like keywords, alternatives and recursion: kept, or a loss names them."""
    out, losses = asked(CHAT, GEMINI, with_schema(SCHEMA))
    kept = schema_of(GEMINI, out)
    assert kept == SCHEMA or losses
    assert list(kept["properties"]) == list(SCHEMA["properties"])
    assert kept["properties"]["zone"].get("uniqueItems", True) is True
    assert kept["properties"]["definitions"] == SCHEMA["properties"]["definitions"]


@defect("B16")
def every_form_of_tool_choice_is_read() -> None:
    """Messages says ``{"type": ...}``: auto, any, none and one tool by name."""
    expected = {"auto": (ToolMode.AUTO, ()), "any": (ToolMode.REQUIRED, ()), "none": (ToolMode.NONE, ()),
                "tool": (ToolMode.REQUIRED, ("f",))}  # fmt: skip
    for kind, (mode, names) in expected.items():
        choice = {"type": kind, **({"name": "f"} if kind == "tool" else {})}
        body = {"model": MODEL, **messages("Hi", tools=[TOOL], tool_choice=choice)}
        read = get_codec(ANTHROPIC).decode_request(body).tool_choice
        assert read is not None
        assert (read.mode, read.names) == (mode, names)
        assert get_codec(ANTHROPIC).encode_request(get_codec(ANTHROPIC).decode_request(body)) == body


@defect("B18")
def the_default_ceiling_leaves_room_for_the_thinking() -> None:
    """Messages demands ``max_tokens`` and refuses a budget that is not below it."""
    for budget in (2000, 6000, 12000, 40000):
        wish = CompletionParameters(reasoning=ReasoningConfig(budget_tokens=budget))
        request = ChatRequest(MODEL, (Message(Role.USER, "Hi"),), parameters=wish)
        body = get_codec(ANTHROPIC).encode_request(request, report=Report())
        assert body["thinking"]["budget_tokens"] == budget
        assert body["max_tokens"] > budget


@defect("L1")
def keys_keep_their_order() -> None:
    """Properties of a schema and arguments of a call come out in the order in which they went in."""
    schema = {"type": "object", "properties": {"zeta": {"type": "string"}, "alpha": {"type": "string"}}}
    turn = {"role": "assistant", "tool_calls": [
        {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": '{"zeta":1,"alpha":2}'}}
    ]}  # fmt: skip
    body = with_schema(schema)
    body["messages"] = [*body["messages"], turn, {"role": "tool", "tool_call_id": "call_1", "content": "ok"}]
    for target in WIRES:
        out, _ = asked(CHAT, target, body)
        assert list(schema_of(target, out)["properties"]) == ["zeta", "alpha"]
        text = json.dumps(out["messages"] if "messages" in out else out.get("input", out.get("contents")))
        assert text.index("zeta") < text.index("alpha"), target


FIELDS: dict[str, Body] = {
    CHAT: {
        "top_p": 0.5, "top_k": 7, "stop": ["END"], "seed": 3, "presence_penalty": 0.5, "frequency_penalty": 0.5, "n": 2,
        "logprobs": True, "logit_bias": {"50": -1}, "user": "u1", "metadata": {"a": "b"}, "service_tier": "flex",
        "parallel_tool_calls": False, "store": True, "prediction": {"type": "content", "content": "x"},
        "web_search_options": {}, "modalities": ["text", "audio"], "safety_identifier": "s1",
    },
    RESPONSES: {
        "top_p": 0.5, "metadata": {"a": "b"}, "service_tier": "flex", "parallel_tool_calls": False, "store": True,
        "previous_response_id": "resp_1", "conversation": "conv_1", "truncation": "auto", "top_logprobs": 3,
    },
    ANTHROPIC: {
        "top_p": 0.5, "top_k": 7, "stop_sequences": ["END"], "metadata": {"user_id": "u1"},
        "service_tier": "standard_only", "container": "c1", "context_management": {"edits": [{"type": "x"}]},
    },
    GEMINI: {
        "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}],
        "cachedContent": "cachedContents/1", "labels": {"a": "b"},
        **{f"generationConfig.{key}": value for key, value in {
            "topP": 0.5, "topK": 7, "stopSequences": ["END"], "seed": 3, "presencePenalty": 0.5,
            "frequencyPenalty": 0.5, "candidateCount": 2, "speechConfig": {"languageCode": "de"},
            "responseModalities": ["TEXT", "AUDIO"], "mediaResolution": "MEDIA_RESOLUTION_LOW"}.items()},
    },
}  # fmt: skip


def with_field(body: Body, name: str, value: Any) -> Body:
    holder, _, key = name.rpartition(".")
    return {**body, holder: {key: value}} if holder else {**body, key: value}


@defect("L2")
def no_parameter_gets_lost_without_a_word() -> None:
    """Each field changes what is sent, or the report tells; on its own wire it comes back."""
    for source, fields in FIELDS.items():
        for name, value in fields.items():
            body = with_field(PLAIN[source], name, value)
            same, _ = asked(source, source, body)
            assert same.items() >= body.items(), name
            for target in OTHERS[source]:
                out, losses = asked(source, target, body)
                without, before = asked(source, target, PLAIN[source])
                assert out != without or losses != before, (source, name, target)


@defect("L3")
def tools_of_a_host_never_become_functions() -> None:
    """A server-side tool is lost and told; a free-text tool stays one; no ``strict`` or unknown block is forgotten."""
    search = {"type": "web_search_20250305", "name": "web_search", "max_uses": 3}
    for target in OTHERS[ANTHROPIC]:
        out, losses = asked(ANTHROPIC, target, messages("Hi", tools=[search]))
        assert "web_search" not in json.dumps(out)
        assert "lost tools[0] anthropic_messages tool" in losses
    custom = {"type": "custom", "custom": {"name": "shell", "description": "runs"}}
    closed = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
    strict = {"type": "function", "function": {"name": "f", "strict": True, "parameters": closed}}
    out, losses = asked(CHAT, RESPONSES, chat(tools=[custom, strict]))
    assert [(tool["type"], tool["name"], tool.get("strict")) for tool in out["tools"]] == [
        ("custom", "shell", None),
        ("function", "f", True),
    ]
    assert losses == ""
    _, losses = asked(ANTHROPIC, CHAT, messages([{"type": "novel_block", "x": 1}, {"type": "text", "text": "Hi"}]))
    assert "lost messages[0].content[0] anthropic_messages block" in losses


@defect("L26")
def the_form_of_the_answer_is_asked_for_everywhere() -> None:
    """The schema reaches every wire; its name and strictness are kept or told."""
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "required": ["a"],
        "additionalProperties": False,
    }
    inner = {"name": "thing", "schema": schema, "strict": False}
    body = chat(response_format={"type": "json_schema", "json_schema": inner})
    out, losses = asked(CHAT, RESPONSES, body)
    assert out["text"]["format"] == {"type": "json_schema", **inner}
    assert losses == ""
    back, losses = asked(RESPONSES, CHAT, out)
    assert (back["response_format"], losses) == (body["response_format"], "")
    out, losses = asked(CHAT, ANTHROPIC, body)
    assert out["output_config"]["format"]["schema"] == schema
    assert "name of the schema" in losses
    out, losses = asked(CHAT, GEMINI, body)
    assert out["generationConfig"]["responseMimeType"] == "application/json"
    assert out["generationConfig"]["responseJsonSchema"] == schema
    assert "name of the schema" in losses


@defect("L28")
def what_messages_clients_set_is_read() -> None:
    """Temperature, stops and the user's id reach the others; ``thinking`` is never handed on as it is."""
    body = messages("Hi", temperature=0.25, stop_sequences=["END"], metadata={"user_id": "u1"})
    out, losses = asked(ANTHROPIC, CHAT, body)
    assert (out["temperature"], out["stop"]) == (0.25, ["END"])
    assert "u1" in json.dumps(out)
    assert losses == ""
    for thinking in ({"type": "adaptive"}, {"type": "disabled"}, {"type": "enabled", "budget_tokens": 2000}):
        same, losses = asked(ANTHROPIC, ANTHROPIC, messages("Hi", thinking=thinking))
        assert (same["thinking"], losses) == (thinking, "")
        for target in OTHERS[ANTHROPIC]:
            out, losses = asked(ANTHROPIC, target, messages("Hi", thinking=thinking))
            plain, _ = asked(ANTHROPIC, target, messages("Hi"))
            assert json.dumps(thinking) not in json.dumps(out)
            assert out != plain or "thinking" in losses or "reasoning" in losses, (thinking, target)


@defect("L29")
def efforts_and_budgets_are_translated_or_told() -> None:
    """No effort vanishes, no budget is sent where there is no such field, and Gemini's -1 is its own."""
    for effort in ("none", "minimal", "low", "medium", "high", "xhigh", "max"):
        for target in OTHERS[CHAT]:
            out, losses = asked(CHAT, target, chat(reasoning_effort=effort))
            plain, _ = asked(CHAT, target, chat())
            assert out != plain or "effort" in losses, (effort, target)
    budget = messages("Hi", thinking={"type": "enabled", "budget_tokens": 2000})
    for target in (CHAT, RESPONSES):
        out, losses = asked(ANTHROPIC, target, budget)
        assert "2000" not in json.dumps(out)
        assert "thinking budget" in losses
    dynamic = {**PLAIN[GEMINI], "generationConfig": {"thinkingConfig": {"thinkingBudget": -1}}}
    assert asked(GEMINI, GEMINI, dynamic) == (dynamic, "")


@defect("L30")
def the_wish_for_thoughts_is_not_a_word_that_openai_refuses() -> None:
    """``includeThoughts`` never becomes ``include: ["reasoning"]``, and Chat gets no ``include`` at all."""
    body = {**PLAIN[GEMINI], "generationConfig": {"thinkingConfig": {"includeThoughts": True}}}
    out, losses = asked(GEMINI, CHAT, body)
    assert "include" not in out
    assert "summary" in losses
    out, losses = asked(GEMINI, RESPONSES, body)
    assert "reasoning" not in out.get("include", [])
    assert out["reasoning"]["summary"] == "auto"
    assert losses == ""


@defect.each
def test_defect(check: Check) -> None:
    check()
