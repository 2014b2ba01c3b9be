"""Turns of a conversation on their way to another wire: defects and silent losses of an earlier adapter."""

import json

from minillm.types import Role, TextPart
from minillm.wire import WIRES, get_codec
from tests.wire.checks import (
    ANTHROPIC,
    CHAT,
    GEMINI,
    MODEL,
    OTHERS,
    RESPONSES,
    Body,
    Check,
    Checks,
    asked,
    messages,
    user,
    with_result,
)

defect = Checks()


@defect("B17", "L6")
def texts_are_neither_trimmed_nor_glued_together() -> None:
    """Two blocks stay two, with their spaces, indents and line ends, on every wire."""
    texts = ["    def f():\n", " world \n\n"]
    body = messages([{"type": "text", "text": text} for text in texts])
    for target in WIRES:
        out, losses = asked(ANTHROPIC, target, body)
        (read,) = get_codec(target).decode_request(out, model=MODEL).messages
        assert [part.text for part in read.parts if isinstance(part, TextPart)] == texts, target
        assert losses == ""


@defect("B19")
def a_content_without_a_role_is_the_users() -> None:
    """Gemini's clients may leave the role out of a single turn."""
    (message,) = get_codec(GEMINI).decode_request({"contents": [{"parts": [{"text": "Hi"}]}]}, model=MODEL).messages
    assert message.role is Role.USER


@defect("B37", "L27")
def all_items_of_a_stateless_responses_client_are_read() -> None:
    """Reasoning, references and the host's own calls are kept; instructions and temperature reach the others."""
    call = {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"}
    items: list[Body] = [
        {"role": "user", "content": "Hi"},
        {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "c2VhbGVk"},
        {"type": "item_reference", "id": "msg_1"},
        {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search", "query": "x"}},
        call,
        {"type": "function_call_output", "call_id": "call_1", "output": "ok"},
    ]
    body = {"instructions": "Be terse.", "temperature": 0.25, "input": items}
    out, losses = asked(RESPONSES, RESPONSES, body)
    assert out == {"model": MODEL, **body}
    assert losses == ""
    for target, temperature in ((CHAT, "temperature"), (ANTHROPIC, "temperature"), (GEMINI, "generationConfig")):
        out, losses = asked(RESPONSES, target, body)
        assert "Be terse." in json.dumps(out)
        assert out[temperature] in (0.25, {"temperature": 0.25})
        assert "reasoning" in losses
        assert losses.count("openai_responses block") == 2
        assert "c2VhbGVk" not in json.dumps(out)


@defect("L4")
def cache_marks_go_both_ways() -> None:
    """A mark stays on its block with its time; a wire without marks is told of."""
    mark = {"type": "ephemeral", "ttl": "1h"}
    body = messages([{"type": "text", "text": "long", "cache_control": mark}, {"type": "text", "text": "Hi"}])
    same, losses = asked(ANTHROPIC, ANTHROPIC, body)
    assert (same, losses) == ({"model": MODEL, **body}, "")
    (message,) = get_codec(ANTHROPIC).decode_request({"model": MODEL, **body}).messages
    assert [part.cache is not None for part in message.parts if isinstance(part, TextPart)] == [True, False]
    assert "cache mark" in asked(ANTHROPIC, GEMINI, body)[1]


@defect("L5")
def instructions_keep_their_place_and_role() -> None:
    """``developer`` stays; in mid-conversation they stand where they stood, or the report tells."""
    body = {"messages": [
        {"role": "developer", "content": "Be terse."},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello."},
        {"role": "system", "content": "Now in German."},
        {"role": "user", "content": "Again"}]}  # fmt: skip
    out, losses = asked(CHAT, RESPONSES, body)
    assert losses == ""
    read = get_codec(RESPONSES).decode_request(out).messages
    assert [message.role for message in read] == ["developer", "user", "assistant", "system", "user"]
    out, losses = asked(CHAT, ANTHROPIC, body)
    assert "Be terse." in json.dumps(out["system"])
    assert "Now in German." not in json.dumps(out["system"])
    assert [message["role"] for message in out["messages"]] == ["user", "assistant", "system", "user"] or losses
    assert "degraded messages[3] instructions in mid-conversation" in asked(CHAT, GEMINI, body)[1]


@defect("L8")
def what_the_user_says_beside_a_result_is_kept() -> None:
    """The result comes first, in the role for results; the text follows as the user's."""
    body = with_result({"type": "text", "text": "And hurry."}, content="42")
    out, losses = asked(ANTHROPIC, CHAT, body)
    assert [(m["role"], m["content"]) for m in out["messages"][-2:]] == [("tool", "42"), ("user", "And hurry.")]
    assert losses == ""
    out, losses = asked(ANTHROPIC, RESPONSES, body)
    result, said = out["input"][-2:]
    assert (result["type"], result["output"]) == ("function_call_output", "42")
    assert said["role"] == "user"
    assert "And hurry." in json.dumps(said)
    assert losses == ""


@defect("L9")
def a_result_that_is_an_error_says_so() -> None:
    """Where there is a flag it is set; elsewhere the report tells, and no unknown key is sent."""
    body = with_result(content="no such file", is_error=True)
    out, losses = asked(ANTHROPIC, CHAT, body)
    assert set(out["messages"][-1]) == {"role", "tool_call_id", "content"}
    assert "degraded" in losses
    assert "is_error" in losses
    assert "error flag" in asked(ANTHROPIC, RESPONSES, body)[1]
    out, losses = asked(ANTHROPIC, GEMINI, body)
    assert "error" in out["contents"][-1]["parts"][0]["functionResponse"]["response"]
    assert losses == ""


@defect("L10")
def the_text_of_a_result_is_not_parsed() -> None:
    """What looks like JSON is text: ``1.0`` stays ``1.0``, and a long integer keeps its digits."""
    for text in ("1.0", "null", "true", '{"b": 1, "a": 12345678901234567890}', '"quoted"'):
        for target in WIRES:
            out, losses = asked(ANTHROPIC, target, with_result(content=text))
            (result,) = get_codec(target).decode_request(out, model=MODEL).messages[-1].tool_results
            assert result.text == text, target
            assert losses == ""


@defect("L17")
def thinking_goes_back_only_to_its_author() -> None:
    """Seals, redacted blocks and encrypted items come back whole on their wire, and never reach another."""
    turns: dict[str, Body] = {
        ANTHROPIC: {"max_tokens": 50, "messages": [*user("Hi"), {"role": "assistant", "content": [
            {"type": "thinking", "thinking": "hm", "signature": "c2VhbA=="},
            {"type": "redacted_thinking", "data": "c2VhbDI="}, {"type": "text", "text": "Yes"}]}, *user("So?")]},
        RESPONSES: {"input": [*user("Hi"), {"type": "reasoning", "id": "rs_1", "summary": [
            {"type": "summary_text", "text": "hm"}], "encrypted_content": "c2VhbA=="}, *user("So?")]},
        CHAT: {"messages": [*user("Hi"), {"role": "assistant", "content": "Yes", "reasoning_content": "hm c2VhbA=="},
                            *user("So?")]},
        GEMINI: {"contents": [{"role": "model", "parts": [
            {"text": "hm", "thought": True, "thoughtSignature": "c2VhbA=="}, {"text": "Yes"}]}]},
    }  # fmt: skip
    for source, body in turns.items():
        same, losses = asked(source, source, body)
        assert same.items() >= body.items(), source
        assert losses == ""
        for target in OTHERS[source]:
            out, losses = asked(source, target, body)
            assert "c2VhbA==" not in json.dumps(out), (source, target)
            assert "hm" not in json.dumps(out), (source, target)
            assert "reasoning" in losses, (source, target)


@defect("L19", "L20")
def results_of_gemini_find_their_calls() -> None:
    """Calls and results without ids are paired by name and order, over turns too; given ids are written back."""

    def turn(*numbers: int) -> list[Body]:
        calls = [{"functionCall": {"name": "f", "args": {"n": n}}} for n in numbers]
        results = [{"functionResponse": {"name": "f", "response": {"output": str(n)}}} for n in numbers]
        return [{"role": "model", "parts": calls}, {"role": "user", "parts": results}]

    body = {"contents": [{"role": "user", "parts": [{"text": "Go"}]}, *turn(1, 2), *turn(3)]}
    out, losses = asked(GEMINI, CHAT, body)
    assert losses == ""
    ids = {call["id"]: json.loads(call["function"]["arguments"])["n"]
           for m in out["messages"] for call in m.get("tool_calls", ())}  # fmt: skip
    results = {m["tool_call_id"]: m["content"] for m in out["messages"] if m["role"] == "tool"}
    assert len(ids) == 3
    assert {key: str(value) for key, value in ids.items()} == results
    assert asked(GEMINI, GEMINI, body)[0] == body
    named, _ = asked(ANTHROPIC, GEMINI, with_result(content="42"))
    call, result = (named["contents"][i]["parts"][0] for i in (1, 2))
    assert call["functionCall"].get("id") == result["functionResponse"].get("id")
    assert result["functionResponse"]["name"] == "lookup"


@defect("L21")
def the_signature_of_a_call_stays_on_the_call() -> None:
    """Gemini demands it back on its own part; Google's Chat layer carries it too."""
    call = {"functionCall": {"name": "f", "args": {}}, "thoughtSignature": "c2VhbA=="}
    result = {"functionResponse": {"name": "f", "response": {"output": "ok"}}}
    body = {"contents": [{"role": "model", "parts": [call]}, {"role": "user", "parts": [result]}]}
    assert asked(GEMINI, GEMINI, body) == (body, "")
    out, losses = asked(GEMINI, CHAT, body)
    (made,) = out["messages"][0]["tool_calls"]
    assert made["extra_content"] == {"google": {"thought_signature": "c2VhbA=="}}
    assert losses == ""
    for target in (RESPONSES, ANTHROPIC):
        assert "signature" in asked(GEMINI, target, body)[1]


@defect("L22")
def a_result_with_an_output_keeps_what_stands_beside_it() -> None:
    """``output`` is one key of the response, not all of it."""
    response = {"output": "42", "unit": "km"}
    call = {"functionCall": {"name": "f", "args": {}}}
    result = {"functionResponse": {"name": "f", "response": response}}
    body = {"contents": [{"role": "model", "parts": [call]}, {"role": "user", "parts": [result]}]}
    assert asked(GEMINI, GEMINI, body) == (body, "")
    for target in (CHAT, RESPONSES, ANTHROPIC):
        out, losses = asked(GEMINI, target, body)
        assert "km" in json.dumps(out) or "unit" in losses, target


@defect("L35")
def arguments_that_are_no_json_still_make_a_legal_call() -> None:
    """Messages and Gemini take objects only: the text goes in as a field, and the report tells."""
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{not json"}}
    turn = {"role": "assistant", "tool_calls": [call]}
    body = {"messages": [*user("Go"), turn, {"role": "tool", "tool_call_id": "call_1", "content": "ok"}]}
    out, losses = asked(CHAT, ANTHROPIC, body)
    assert out["messages"][1]["content"][0]["input"] == {"input": "{not json"}
    assert "arguments that are no object" in losses
    out, losses = asked(CHAT, GEMINI, body)
    assert out["contents"][1]["parts"][0]["functionCall"]["args"] == {"input": "{not json"}
    assert "arguments that are no object" in losses


@defect("L36")
def an_unknown_field_of_a_call_is_kept_at_home_and_told_elsewhere() -> None:
    """A private ``thought`` comes back on its own wire and stays behind, told, on the way to the others."""
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}, "thought": "hm"}
    turn = {"role": "assistant", "tool_calls": [call]}
    body = {"messages": [*user("Go"), turn, {"role": "tool", "tool_call_id": "call_1", "content": "ok"}]}
    same, losses = asked(CHAT, CHAT, body)
    assert (same["messages"], losses) == (body["messages"], "")
    for target in OTHERS[CHAT]:
        out, losses = asked(CHAT, target, body)
        assert '"thought"' not in json.dumps(out)
        assert "thought" in losses


@defect.each
def test_defect(check: Check) -> None:
    check()
