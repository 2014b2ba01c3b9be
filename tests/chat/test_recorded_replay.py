"""What hosts really sent goes back to them as it came, whole and streamed, through files as well.

A recorded answer is given by a local server; the next request is read as JSON, and its turn of the model must
be what the host had sent, put together here by hand.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from minillm import ChatNode, GeneratorInfo
from minillm.types import ToolResultPart
from tests.scripted_server import scripted
from tests.wire import corpus

WIRES = {
    "anthropic_messages": "anthropic_messages",
    "openai_responses": "openai_responses",
    "gemini_generate": "gemini_generate_content",
}
# What follows, in each wire's words.
DONE: dict[str, dict[str, Any]] = {
    "anthropic_messages": {"type": "message", "role": "assistant", "content": [], "stop_reason": "end_turn"},
    "openai_responses": {"object": "response", "status": "completed", "output": []},
    "gemini_generate": {"candidates": [{"content": {"role": "model", "parts": []}, "finishReason": "STOP"}]},
    "openai_chat": {
        "choices": [{"index": 0, "message": {"role": "assistant", "content": ""}, "finish_reason": "stop"}]
    },
}
# Recorded bytes that are no whole answer, or from which the turn cannot be read by these few lines.
LEFT_OUT = {
    "stream_error_event_overloaded": "an error",
    "stream_error_event": "an error",
    "stream_error_event_nested": "an error",
    "failed": "an error",
    "err_400_image_rejected": "an error",
    "err_context_cache": "an error",
    "err_midstream": "an error",
    "err_html_404": "an error",
    "stream_err_503_raw_json": "an error",
    "stream_utf8_quotes": "cut",
    "prompt_blocked": "nothing was said",
    "stream_prompt_blocked": "nothing was said",
    "spliced_message_start": "a gateway's indices mean two blocks each",
    "codex_backend": "the last frame does not repeat the items",
    "stream_fc_partial_args": "arguments come in pieces, and go back whole",
    "tool_no_args": "arguments come in pieces, and go back whole",
}


def cases(folder: str) -> list[str]:
    """The recorded answers; refusals with a status are none."""
    found = (corpus.case(folder, name) for name in corpus.names(folder) if name not in LEFT_OUT)
    return [one.name for one in found if one.has_body and one.status < 400]


def frames(raw: bytes) -> Iterator[dict[str, Any]]:
    """The data of a stream's frames, those of one line, which all recorded here are."""
    for line in raw.splitlines():
        if line.startswith(b"data:") and line[5:].strip().startswith(b"{"):
            yield json.loads(line[5:])


# ------------------------------------------------------------------ what each host had said, by hand


def messages_blocks(one: corpus.Case) -> list[dict[str, Any]]:
    """The content of an answer of Anthropic's."""
    if one.is_json:
        return json.loads(one.body)["content"]
    blocks: dict[int, dict[str, Any]] = {}
    pieces: dict[int, str] = {}
    for frame in frames(one.body):
        if frame["type"] == "content_block_start":
            blocks[frame["index"]] = dict(frame["content_block"])
        elif frame["type"] == "content_block_delta":
            _grow(blocks[frame["index"]], frame["delta"], pieces, frame["index"])
    for index, text in pieces.items():
        blocks[index]["input"] = json.loads(text) if text else {}
    return list(blocks.values())


def _grow(block: dict[str, Any], delta: Mapping[str, Any], pieces: dict[int, str], index: int) -> None:
    kind = delta["type"]
    if kind == "input_json_delta":
        pieces[index] = pieces.get(index, "") + delta["partial_json"]
    elif kind == "citations_delta":
        block["citations"] = [*(block.get("citations") or []), delta["citation"]]
    elif kind == "signature_delta":
        block["signature"] = delta["signature"]
    else:
        name = kind.removesuffix("_delta")
        block[name] = block[name] + delta[name]


def responses_items(one: corpus.Case) -> list[dict[str, Any]]:
    """The items of an answer of OpenAI's; a stream's are in its last frame."""
    if one.is_json:
        return json.loads(one.body)["output"]
    (last,) = (frame for frame in frames(one.body) if frame["type"] in ("response.completed", "response.incomplete"))
    return last["response"]["output"]


def gemini_parts(one: corpus.Case) -> list[dict[str, Any]]:
    """Signed parts and calls of an answer of Google's, in order: text in between may be joined."""
    whole = json.loads(one.body) if one.is_json else list(frames(one.body))
    bodies = whole if isinstance(whole, list) else [whole]
    parts = [part for body in bodies for part in body["candidates"][0].get("content", {}).get("parts", [])]
    return [part for part in parts if "thoughtSignature" in part or "functionCall" in part]


def sent_messages(body: Mapping[str, Any]) -> Any:
    return next(message["content"] for message in body["messages"] if message["role"] == "assistant")


def sent_responses(body: Mapping[str, Any]) -> Any:
    """The items between the question and the results."""
    items = body["input"][1:]
    return [item for item in items if item.get("role") != "user" and not item.get("type", "").endswith("_call_output")]


def sent_gemini(body: Mapping[str, Any]) -> Any:
    """A turn in which the model said nothing stays away: contents without parts are refused."""
    parts = next((content["parts"] for content in body["contents"] if content["role"] == "model"), [])
    return [part for part in parts if "thoughtSignature" in part or "functionCall" in part]


READ: Mapping[str, tuple[Callable[[corpus.Case], Any], Callable[[Mapping[str, Any]], Any]]] = {
    "anthropic_messages": (messages_blocks, sent_messages),
    "openai_responses": (responses_items, sent_responses),
    "gemini_generate": (gemini_parts, sent_gemini),
}


# ------------------------------------------------------------------ and what it is sent again


async def replayed(one: corpus.Case, gen: Any, folder: Path) -> None:
    """Ask, and go on from the reply as it is, from its thread file and from its tree file."""
    question = ChatNode.root().add_user("Hi")
    if one.is_json:
        reply = await question.complete(gen, retry=0)
    else:
        async with question.stream(gen, retry=0) as stream:
            reply = await stream.finish()
    calls = reply.message.tool_calls
    results = [ToolResultPart(call.id, call.name, "31") for call in calls]
    leaf = reply.add_tool_results(results) if calls else reply.add_user("And?")
    leaf.save_thread(folder / "thread.json")
    leaf.get_root().save_tree(folder / "tree.jsonl")
    (from_tree,) = ChatNode.from_tree_file(folder / "tree.jsonl").iter_leaves()
    for again in (leaf, ChatNode.from_thread_file(folder / "thread.json").leaf, from_tree):
        await again.complete(gen, retry=0, attach=False, unsupported="error")


@pytest.mark.parametrize(("folder", "name"), [(folder, name) for folder in WIRES for name in cases(folder)])
async def test_a_recorded_turn_goes_back_as_it_came(folder: str, name: str, tmp_path: Path) -> None:
    one = corpus.case(folder, name)
    read, sent = READ[folder]
    done = json.dumps(DONE[folder]).encode()
    async with scripted(one.body, done, done, done) as server:
        gen = GeneratorInfo.custom("m", base_url=server.url, wire=WIRES[folder], api_key="key-1234")
        await replayed(one, gen, tmp_path)
    wanted = read(one)
    for asked in server.asked[1:]:
        assert sent(asked.body) == wanted
    assert server.asked[1].body == server.asked[2].body == server.asked[3].body


ROUTED = ["openrouter_reasoning_details", "openrouter_reasoning_encrypted", "openrouter_stream_reasoning_details"]


@pytest.mark.parametrize("name", ROUTED)
async def test_openrouter_gets_its_details_back(name: str, tmp_path: Path) -> None:
    """Whole they are the same list; streamed, every piece of text and every seal is in it."""
    one = corpus.case("openai_chat", name)
    done = json.dumps(DONE["openai_chat"]).encode()
    async with scripted(one.body, done, done, done) as server:
        gen = GeneratorInfo.openrouter("m", base_url=server.url, api_key="key-1234")
        await replayed(one, gen, tmp_path)
    first, *others = [_details(asked.body["messages"]) for asked in server.asked[1:]]
    assert others == [first, first]
    if one.is_json:
        assert first == _details([json.loads(one.body)["choices"][0]["message"]])
        return
    choices = [choice for frame in frames(one.body) for choice in frame.get("choices", [])]
    pieces = [piece for choice in choices for piece in choice["delta"].get("reasoning_details", [])]
    assert pieces
    for key in ("text", "summary", "data"):
        assert _all(first, key) == _all(pieces, key)


def _details(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return next(message["reasoning_details"] for message in messages if message["role"] == "assistant")


def _all(details: list[dict[str, Any]], key: str) -> str:
    return "".join(detail.get(key) or "" for detail in details)
