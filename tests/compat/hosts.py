"""Hosts of Chat Completions without a network: one that does what it is told, one that ignores it, an echo, one that
refuses. Each is a function of a request, for a ``MockTransport``."""

import json
import random
import re
from collections.abc import Awaitable, Callable
from typing import Any

from minillm import GeneratorInfo
from minillm.compat import Target
from minillm.transport import HTTPRequest, MockResponse, MockTransport

Host = Callable[[HTTPRequest], MockResponse | Awaitable[MockResponse]]
KEY = "a-secret-key-5823"
CANNED = "The Danube flows past ten countries on its way to the sea."
COUNT = "one two three four five six seven eight nine ten"


def target(host: Host, name: str = "mine", **settings: Any) -> Target:
    transport = MockTransport(host)
    gen = GeneratorInfo.custom("m", base_url="http://127.0.0.1:1/v1", api_key=KEY, transport=transport, **settings)
    return Target(name, gen)


def refusal(status: int, message: str) -> MockResponse:
    return MockResponse.json({"error": {"message": message, "type": "invalid_request_error"}}, status)


def answer(body: dict[str, Any], *messages: dict[str, Any], reason: str = "stop", **more: Any) -> MockResponse:
    """As a whole or in pieces, as the body wants it."""
    words = sum(len(str(message["content"]).split()) for message in body["messages"])
    usage = {"prompt_tokens": words, "completion_tokens": 5, "total_tokens": words + 5}
    head = {"id": "c1", "created": 1, "model": body["model"]}
    if body.get("stream"):
        return MockResponse.sse(
            [*_chunks(head, messages[0], reason), {**head, "choices": [], "usage": usage}, "[DONE]"]
        )
    choices = [
        {"index": at, "message": {"role": "assistant", **message}, "finish_reason": reason, **more}
        for at, message in enumerate(messages)
    ]
    return MockResponse.json({**head, "object": "chat.completion", "choices": choices, "usage": usage})


def _chunks(head: dict[str, Any], message: dict[str, Any], reason: str) -> list[dict[str, Any]]:
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    if thought := message.get("reasoning_content"):
        deltas.append({"reasoning_content": thought})
    text = message.get("content") or ""
    deltas += [{"content": piece} for piece in (text[: len(text) // 2], text[len(text) // 2 :]) if piece]
    deltas += [{"tool_calls": [{**call, "index": at}]} for at, call in enumerate(message.get("tool_calls") or ())]
    chunk = {**head, "object": "chat.completion.chunk"}
    rows = [{**chunk, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    return [*rows, {**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}]


def listed(request: HTTPRequest) -> MockResponse | None:
    return MockResponse.json({"data": [{"id": "m"}]}) if request.method == "GET" else None


def ignoring(request: HTTPRequest) -> MockResponse:
    """Answers whatever is asked with one sentence."""
    body = {"messages": [], "model": "m", **json.loads(request.body or b"{}")}
    if not isinstance(body["messages"], list):
        body["messages"] = []
    return answer(body, {"content": CANNED})


def echo(request: HTTPRequest) -> MockResponse:
    """Says again all that it was told."""
    body = {"messages": [], "model": "m", **json.loads(request.body or b"{}")}
    if not isinstance(body["messages"], list):
        body["messages"] = []
    return answer(body, {"content": f"You said: {said(body)}"})


_PLAIN = {"model", "messages", "stream", "max_tokens", "temperature"}


def refusing(request: HTTPRequest) -> MockResponse:
    """Takes plain questions alone, and refuses everything else with an error of its own."""
    if request.method == "GET":
        return refusal(404, "no such path")
    body = json.loads(request.body or b"{}")
    if not isinstance(body["messages"], list):
        return refusal(400, "messages: a list is expected")
    if beyond := sorted(body.keys() - _PLAIN):
        return refusal(400, f"{beyond[0]}: not taken here")
    if body.get("stream"):
        return refusal(400, "streams are not taken here")
    for message in body["messages"]:
        if not isinstance(message["content"], str) or message["role"] not in ("user", "assistant", "system"):
            return refusal(400, "only texts are taken here")
    if body["messages"][-1]["role"] == "assistant":
        return refusal(400, "the last message must be the user's")
    return answer(body, {"content": CANNED})


def said(body: dict[str, Any]) -> str:
    return json.dumps([message.get("content") for message in body["messages"]], ensure_ascii=False)


def obliging(request: HTTPRequest) -> MockResponse:
    """Does what the probes ask for, by reading their words."""
    if found := listed(request):
        return found
    if request.headers.get("authorization") != f"Bearer {KEY}":
        return refusal(401, "no such key")
    body = json.loads(request.body or b"{}")
    if not isinstance(body["messages"], list):
        return refusal(400, "messages: a list is expected")
    if body["model"] != "m":
        return refusal(404, "no such model")
    if body.get("tools"):
        return _calls(body)
    told = said(body)
    if "response_format" in body:
        schema = body["response_format"].get("json_schema")
        value = {"zorb_hue": "blue", "zorb_count": 1} if schema else {"colour": "blue"}
        return answer(body, {"content": json.dumps(value)})
    if any(words in told for words in ("one number a line", "Count from", "long story")):
        return _counted(body)
    if "ship" in told:
        chance = random.Random(f"{body.get('seed')}" if "seed" in body else None)
        cold = body.get("temperature") == 0
        names = ["Sea Dog" if cold else f"Sea Dog {chance.randrange(10**9)}" for _ in range(body.get("n") or 1)]
        return answer(body, *({"content": name} for name in names))
    if body.get("logprobs"):
        rows = [{"token": "Rhine", "logprob": -0.5, "top_logprobs": [{"token": "Seine", "logprob": -1.0}]}]
        return answer(body, {"content": "Rhine"}, logprobs={"content": rows})
    if "farmer" in told:
        thought = {"reasoning_content": "All but nine."} if "reasoning_effort" in body else {}
        return answer(body, {"content": "Nine.", **thought})
    return answer(body, {"content": _words(body, told)})


def _words(body: dict[str, Any], told: str) -> str:
    last = body["messages"][-1]
    if last["role"] == "assistant":
        return "ROO"
    if "image_url" in str(last["content"]):
        return "Red." if _pictures(last) == "red" else "Blue."
    if "input_audio" in str(last["content"]):
        return "2" if len(str(last["content"])) < 60000 else "5"
    if "file_data" in str(last["content"]) or "QUOKKA-5823" in told:
        return "It is QUOKKA-5823."
    if "58231" in told:
        return "Number 58231."
    if found := re.search(r"nothing else: ([^\"]*)", told):
        return found[1]
    return "Yes."


def _pictures(message: dict[str, Any]) -> str:
    from minillm.compat.samples import picture
    from minillm.types import ImagePart

    red = ImagePart.from_bytes(picture((220, 20, 20))).data
    return "red" if red is not None and red in str(message["content"]) else "blue"


def _counted(body: dict[str, Any]) -> MockResponse:
    text, reason = COUNT, "stop"
    for mark in body.get("stop") or ():
        text = text.partition(mark)[0]
    if (body.get("max_tokens") or 100) <= 16:
        text, reason = "one two three", "length"
    return answer(body, {"content": text}, reason=reason)


def _calls(body: dict[str, Any]) -> MockResponse:
    told, choice = said(body), body.get("tool_choice", "auto")
    if body["messages"][-1]["role"] == "tool":
        return answer(body, {"content": "37.4 degrees."})
    if choice == "none" or (choice == "auto" and "two and two" in told):
        return answer(body, {"content": "Four."})
    names = [tool["function"]["name"] for tool in body["tools"]]
    if isinstance(choice, dict):
        names = [choice["function"]["name"]]
    elif "both functions" not in told or body.get("parallel_tool_calls") is False:
        names = names[:1]
    calls = [
        {
            "id": f"call_{at}",
            "type": "function",
            "function": {"name": name, "arguments": "{}" if name == "restart_server" else '{"city":"Lisbon"}'},
        }
        for at, name in enumerate(names)
    ]
    return answer(body, {"content": None, "tool_calls": calls}, reason="tool_calls")
