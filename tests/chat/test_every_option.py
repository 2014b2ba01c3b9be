"""Every option on every wire: what the server really received, or what the caller was told instead.

The requests go over real sockets to a server of ours, by all four doors (complete, chat, stream, branch).
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, get_type_hints

import pytest

from minillm import (
    BranchFailed,
    ChatNode,
    CompletionParameters,
    ConfigurationError,
    EncodeError,
    GeneratorInfo,
    LossWarning,
    NodeCompletionParameters,
    ReasoningConfig,
    Reply,
    ResponseFormat,
)
from minillm.chat import Options
from minillm.types import Severity
from tests.chat.four_wires import CHAT, GEMINI, MESSAGES, RESPONSES, WIRES, at, body_for, streamed, whole
from tests.scripted_server import Asked, scripted

Said = Mapping[str, Any]

#: The option is a loss of severity ``lost`` there.
LOST = Severity.LOST
#: It is left out with a note: it would change no answer.
NOTE = Severity.NOTE
#: It is left out without a word: it says what is so anyway, or speaks of nothing in this request.
NOTHING = None

Expected = Said | Severity | None


def config(**fields: Any) -> Said:
    """Gemini keeps most under one key."""
    return {"generationConfig": fields}


SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"a": {"type": "string"}},
    "required": ["a"],
    "additionalProperties": False,
}
FORM = ResponseFormat("json_schema", SCHEMA, name="form")

# option, its value -> what Chat, Responses, Messages and Gemini get.
ON_THE_WIRE: list[tuple[str, Any, Expected, Expected, Expected, Expected]] = [
    (
        "max_tokens",
        50,
        {"max_completion_tokens": 50},
        {"max_output_tokens": 50},
        {"max_tokens": 50},
        config(maxOutputTokens=50),
    ),
    ("temperature", 0.5, {"temperature": 0.5}, {"temperature": 0.5}, {"temperature": 0.5}, config(temperature=0.5)),
    ("temperature", 0, {"temperature": 0}, {"temperature": 0}, {"temperature": 0}, config(temperature=0)),
    ("top_p", 0.9, {"top_p": 0.9}, {"top_p": 0.9}, {"top_p": 0.9}, config(topP=0.9)),
    ("top_k", 5, LOST, LOST, {"top_k": 5}, config(topK=5)),
    ("min_p", 0.1, LOST, LOST, LOST, LOST),
    ("frequency_penalty", 0.5, {"frequency_penalty": 0.5}, LOST, LOST, config(frequencyPenalty=0.5)),
    ("presence_penalty", -0.5, {"presence_penalty": -0.5}, LOST, LOST, config(presencePenalty=-0.5)),
    ("repetition_penalty", 1.1, LOST, LOST, LOST, LOST),
    ("stop", "END", {"stop": ["END"]}, LOST, {"stop_sequences": ["END"]}, config(stopSequences=["END"])),
    ("stop", ["a", "b"], {"stop": ["a", "b"]}, LOST, {"stop_sequences": ["a", "b"]}, config(stopSequences=["a", "b"])),
    ("seed", 7, {"seed": 7}, LOST, LOST, config(seed=7)),
    ("logit_bias", {"50256": -100}, {"logit_bias": {"50256": -100}}, LOST, LOST, LOST),
    (
        "logprobs",
        True,
        {"logprobs": True},
        {"include": ["message.output_text.logprobs"]},
        LOST,
        config(responseLogprobs=True),
    ),
    ("top_logprobs", 3, {"top_logprobs": 3}, {"top_logprobs": 3}, LOST, config(logprobs=3)),
    (
        "response_format",
        ResponseFormat("json"),
        {"response_format": {"type": "json_object"}},
        {"text": {"format": {"type": "json_object"}}},
        LOST,
        config(responseMimeType="application/json"),
    ),
    (
        "response_format",
        FORM,
        {"response_format": {"type": "json_schema", "json_schema": {"name": "form", "schema": SCHEMA}}},
        {"text": {"format": {"type": "json_schema", "name": "form", "schema": SCHEMA}}},
        {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}},
        config(responseMimeType="application/json", responseJsonSchema=SCHEMA),
    ),
    (
        "reasoning",
        "high",
        {"reasoning_effort": "high"},
        {"reasoning": {"effort": "high"}},
        {"output_config": {"effort": "high"}, "thinking": {"type": "adaptive"}},
        config(thinkingConfig={"thinkingLevel": "HIGH"}),
    ),
    (
        "reasoning",
        ReasoningConfig(budget_tokens=2048),
        LOST,
        LOST,
        {"thinking": {"type": "enabled", "budget_tokens": 2048}, "max_tokens": 128_000},
        config(thinkingConfig={"thinkingBudget": 2048}),
    ),
    ("verbosity", "low", {"verbosity": "low"}, {"text": {"verbosity": "low"}}, LOST, LOST),
    ("parallel_tool_calls", False, {"parallel_tool_calls": False}, {"parallel_tool_calls": False}, NOTHING, LOST),
    ("modalities", ["text"], {"modalities": ["text"]}, NOTHING, NOTHING, config(responseModalities=["TEXT"])),
    ("audio", {"voice": "ash", "format": "wav"}, {"audio": {"voice": "ash", "format": "wav"}}, LOST, LOST, LOST),
    ("prediction", {"type": "content", "content": "x"}, {"prediction": {"content": "x"}}, NOTE, NOTE, NOTE),
    ("service_tier", "auto", {"service_tier": "auto"}, {"service_tier": "auto"}, {"service_tier": "auto"}, LOST),
    ("service_tier", "flex", {"service_tier": "flex"}, {"service_tier": "flex"}, LOST, {"serviceTier": "flex"}),
    ("store", False, {"store": False}, {"store": False}, NOTHING, {"store": False}),
    ("store", True, {"store": True}, {"store": True}, LOST, {"store": True}),
    ("cache_key", "k1", {"prompt_cache_key": "k1"}, {"prompt_cache_key": "k1"}, NOTE, NOTE),
    ("end_user", "u1", {"user": "u1"}, {"safety_identifier": "u1"}, {"metadata": {"user_id": "u1"}}, LOST),
    ("metadata", {"a": "b"}, {"metadata": {"a": "b"}}, {"metadata": {"a": "b"}}, LOST, LOST),
    ("extra", {"own": {"x": 1}}, *({"own": {"x": 1}},) * 4),
    ("n", 1, {"n": 1}, NOTHING, NOTHING, config(candidateCount=1)),
]
# The newest of each, where sampling, efforts and prefill differ from older ones.
MODELS = {MESSAGES: "claude-opus-4-6"}
CASES = [
    pytest.param(name, value, wire, expected[number], id=f"{name}={json.dumps(value, default=str)[:24]}-{wire}")
    for name, value, *expected in ON_THE_WIRE
    for number, wire in enumerate(WIRES)
]


def test_no_option_is_left_out() -> None:
    """A new parameter says here what each wire makes of it."""
    assert {name for name, *_ in ON_THE_WIRE} == set(get_type_hints(CompletionParameters))


# ---------------------------------------------------------------- the four doors

Door = Callable[..., Awaitable[Reply[Any]]]


async def by_complete(gen: GeneratorInfo, **options: Any) -> Reply[Any]:
    return await ChatNode.root("Be terse.").add_user("Hi").complete(gen, **options)


async def by_chat(gen: GeneratorInfo, **options: Any) -> Reply[Any]:
    return await ChatNode.root("Be terse.").chat("Hi", gen, **options)


async def by_stream(gen: GeneratorInfo, **options: Any) -> Reply[Any]:
    async with ChatNode.root("Be terse.").stream(gen, user="Hi", **options) as stream:
        return await stream.finish()


async def by_branch(gen: GeneratorInfo, **options: Any) -> Reply[Any]:
    options.pop("n", None)  # its own there
    return (await ChatNode.root("Be terse.").add_user("Hi").branch(gen, **options))[0]


DOORS: dict[str, Door] = {"complete": by_complete, "chat": by_chat, "stream": by_stream, "branch": by_branch}


def holds(body: Any, expected: Any) -> bool:
    """Whether the body says at least this."""
    if isinstance(expected, Mapping):
        return isinstance(body, dict) and all(key in body and holds(body[key], expected[key]) for key in expected)
    return bool(body == expected) and type(body) is type(expected)


def settings(asked: Asked) -> dict[str, Any]:
    """The body without the conversation and how it is asked for."""
    about = ("model", "messages", "input", "instructions", "contents", "systemInstruction", "system", "stream")
    return {key: value for key, value in asked.body.items() if key not in (*about, "stream_options")}


@pytest.mark.parametrize(("name", "value", "wire", "expected"), CASES)
async def test_an_option_arrives_or_is_told(name: str, value: Any, wire: str, expected: Expected) -> None:
    """By every door alike, as a keyword, in ``params=`` and as the generator's default."""
    answers = [streamed(wire) if door is by_stream else json.dumps(whole(wire)).encode() for door in DOORS.values()]
    plain = json.dumps(whole(wire)).encode()
    async with scripted(*answers, plain, plain, plain) as server:
        more = {"model": MODELS[wire]} if wire in MODELS else {}
        gen = at(wire, server.url, **more)
        replies = [await door(gen, unsupported="drop", **{name: value}) for door in DOORS.values()]
        given = CompletionParameters(**{name: value})
        replies.append(await by_chat(at(wire, server.url, defaults=given, **more), unsupported="drop"))
        params = NodeCompletionParameters(params=given, unsupported="drop")
        replies.append(await by_chat(gen, params=params))
        await by_chat(gen)
    *asked, bare = [settings(each) for each in server.asked]
    for number, (body, reply) in enumerate(zip(asked, replies, strict=True)):
        if name == "n" and number == list(DOORS).index("branch"):
            continue
        losses = [loss for loss in reply.response.losses if loss.path.startswith(f"parameters.{name}")]
        if isinstance(expected, Mapping):
            assert holds(body, expected), (number, body)
            assert all(loss.severity is not LOST for loss in losses)
        else:
            assert body == bare, number
            assert [loss.severity for loss in losses] == ([] if expected is None else [expected]), number


@pytest.mark.parametrize("wire", WIRES)
async def test_what_nobody_set_is_not_sent(wire: str) -> None:
    """Only the ceiling that one wire demands."""
    async with scripted(json.dumps(whole(wire)).encode()) as server:
        await by_chat(at(wire, server.url))
    assert settings(server.asked[0]) == ({"max_tokens": 64_000} if wire == MESSAGES else {})


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("door", DOORS)
async def test_params_by_name_at_every_door(wire: str, door: str) -> None:
    answer = streamed(wire) if door == "stream" else json.dumps(whole(wire)).encode()
    async with scripted(answer) as server:
        await DOORS[door](at(wire, server.url), params=CompletionParameters(temperature=0.25))
    assert "0.25" in json.dumps(settings(server.asked[0]))


@pytest.mark.parametrize("wire", WIRES)
async def test_none_takes_a_default_back(wire: str) -> None:
    async with scripted(json.dumps(whole(wire)).encode()) as server:
        gen = at(wire, server.url, defaults=CompletionParameters(temperature=1.0, max_tokens=9))
        await by_chat(gen, temperature=None)
    sent = json.dumps(settings(server.asked[0]))
    assert "temperature" not in sent
    assert "9" in sent


# ---------------------------------------------------------------- the scale of efforts

ADAPTIVE = {"thinking": {"type": "adaptive"}}


def thinking(**fields: Any) -> Said:
    return config(thinkingConfig=fields)


def budget(tokens: int) -> Said:
    return {"thinking": {"type": "enabled", "budget_tokens": tokens}, "max_tokens": 64_000}


# effort -> OpenAI's two, Claude since 4.6, before, Gemini 3, Gemini 2.5; ~ is told as a weaker form.
SCALE: dict[str, list[Any]] = {
    "none": ["none", "none", {"thinking": {"type": "disabled"}}, {"thinking": {"type": "disabled"}}, "~MINIMAL", 0],
    "minimal": ["minimal", "minimal", "~low", budget(1024), "MINIMAL", 1024],
    "low": ["low", "low", "low", budget(2048), "LOW", 1024],
    "medium": ["medium", "medium", "medium", budget(8192), "MEDIUM", 8192],
    "high": ["high", "high", "high", budget(16384), "HIGH", 24576],
    "xhigh": ["xhigh", "xhigh", "xhigh", budget(24576), "XHIGH", 24576],
    "max": ["max", "max", "max", budget(24576), "~XHIGH", 24576],
}
THINKERS: list[tuple[str, str, Callable[[Any], Said]]] = [
    (CHAT, "gpt-5.4", lambda word: {"reasoning_effort": word}),
    (RESPONSES, "gpt-5.4", lambda word: {"reasoning": {"effort": word}}),
    (MESSAGES, "claude-opus-4-6", lambda word: {**ADAPTIVE, "output_config": {"effort": word}}),
    (MESSAGES, "claude-sonnet-4-5", lambda said: said),
    (GEMINI, "gemini-3-pro", lambda word: thinking(thinkingLevel=word)),
    (GEMINI, "gemini-2.5-flash", lambda tokens: thinking(thinkingBudget=tokens)),
]


@pytest.mark.parametrize("effort", SCALE)
@pytest.mark.parametrize("number", range(len(THINKERS)), ids=lambda number: THINKERS[number][1])
async def test_the_scale_of_efforts(effort: str, number: int) -> None:
    wire, model, spelt = THINKERS[number]
    expected = SCALE[effort][number]
    async with scripted(json.dumps(whole(wire)).encode()) as server:
        reply = await by_chat(at(wire, server.url, model=model), reasoning=effort)
    weaker = isinstance(expected, str) and expected.startswith("~")
    word = expected.removeprefix("~") if isinstance(expected, str) else expected
    body = settings(server.asked[0])
    assert holds(body, word if isinstance(word, Mapping) else spelt(word)), body
    assert (Severity.DEGRADED in {loss.severity for loss in reply.response.losses}) is weaker


# ---------------------------------------------------------------- what cannot be taken


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("door", DOORS)
async def test_unsupported_may_warn_fail_or_be_dropped(wire: str, door: str) -> None:
    """``min_p`` is a word that no vendor's own endpoint knows."""
    answer = streamed(wire) if door == "stream" else json.dumps(whole(wire)).encode()
    async with scripted(answer, answer) as server:
        gen = at(wire, server.url)
        with pytest.warns(LossWarning, match=r"cannot take: .*min_p"):
            warned = await DOORS[door](gen, min_p=0.1)
        dropped = await DOORS[door](gen, min_p=0.1, unsupported="drop")
        with pytest.raises((EncodeError, BranchFailed)) as caught:
            await DOORS[door](gen, min_p=0.1, unsupported="error")
        error = caught.value.errors[0] if isinstance(caught.value, BranchFailed) else caught.value
        assert isinstance(error, EncodeError)
        assert error.path == "parameters.min_p"
    assert len(server.asked) == 2
    for reply in (warned, dropped):
        assert [(loss.path, loss.severity) for loss in reply.response.losses] == [("parameters.min_p", LOST)]


# ---------------------------------------------------------------- the conversation


def instructions(wire: str, body: Mapping[str, Any]) -> Any:
    if wire == CHAT:
        return [message["content"] for message in body["messages"] if message["role"] in ("system", "developer")]
    if wire == RESPONSES:
        return [body["instructions"]] if "instructions" in body else []
    if wire == MESSAGES:
        return [body["system"]] if "system" in body else []
    return [part["text"] for part in body.get("systemInstruction", {}).get("parts", ())]


def said(wire: str, body: Mapping[str, Any]) -> list[Any]:
    """The roles of the turns and their texts."""
    if wire == GEMINI:
        return [(turn["role"], [part["text"] for part in turn["parts"]]) for turn in body["contents"]]
    turns = body["input" if wire == RESPONSES else "messages"]
    if isinstance(turns, str):
        return [("user", [turns])]
    return [
        (turn["role"], [turn["content"]] if isinstance(turn["content"], str) else [p["text"] for p in turn["content"]])
        for turn in turns
        if turn["role"] not in ("system", "developer")
    ]


async def sent(wire: str, node: ChatNode, **options: Any) -> dict[str, Any]:
    async with scripted(json.dumps(whole(wire)).encode()) as server:
        await node.complete(at(wire, server.url), **options)
    body: dict[str, Any] = server.asked[0].body
    return body


@pytest.mark.parametrize("wire", WIRES)
async def test_system_prompt(wire: str) -> None:
    """It stands in for the leading one, is put where none is, and ``""`` leaves it out; the tree stays as it is."""
    node = ChatNode.root("Be terse.").add_user("Hi")
    assert instructions(wire, await sent(wire, node)) == ["Be terse."]
    assert instructions(wire, await sent(wire, node, system_prompt="Rhyme.")) == ["Rhyme."]
    assert instructions(wire, await sent(wire, node, system_prompt="")) == []
    assert instructions(wire, await sent(wire, node, system_prompt=None)) == ["Be terse."]
    assert instructions(wire, await sent(wire, ChatNode.root().add_user("Hi"), system_prompt="Rhyme.")) == ["Rhyme."]
    assert node.parent is not None
    assert node.parent.text == "Be terse."


@pytest.mark.parametrize("wire", WIRES)
async def test_format_kwargs_and_missing(wire: str) -> None:
    node = ChatNode.root("You are {name}.").add_user("Hi {name}, {greeting}!")
    body = await sent(wire, node, format_kwargs={"name": "Ann", "greeting": "hello"})
    assert instructions(wire, body) == ["You are Ann."]
    assert said(wire, body) == [("user", ["Hi Ann, hello!"])]
    assert said(wire, await sent(wire, node, format_kwargs={"name": "Ann"})) == [("user", ["Hi Ann, {greeting}!"])]
    with pytest.raises(ConfigurationError, match="nothing fills greeting"):
        await sent(wire, node, format_kwargs={"name": "Ann"}, missing="error")


@pytest.mark.parametrize("wire", WIRES)
async def test_merge_contiguous(wire: str) -> None:
    node = ChatNode.root("S").add_user("One").add_user("Two").add_assistant("Well").add_assistant("So")
    node = node.add_user("Go")
    body = await sent(wire, node, merge_contiguous=True)
    model = "model" if wire == GEMINI else "assistant"
    assert said(wire, body) == [("user", ["One\nTwo"]), (model, ["Well\nSo"]), ("user", ["Go"])]


@pytest.mark.parametrize("wire", WIRES)
async def test_attach(wire: str) -> None:
    async with scripted(json.dumps(whole(wire)).encode()) as server:
        node = ChatNode.root("S").add_user("Hi")
        reply = await node.complete(at(wire, server.url), attach=False)
    assert reply.parent is node
    assert node.children == ()


# ---------------------------------------------------------------- what the host's headers tell

HEADERS = {
    CHAT: {"x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "59"},
    RESPONSES: {"x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "59"},
    MESSAGES: {
        "anthropic-ratelimit-requests-limit": "60",
        "anthropic-ratelimit-requests-remaining": "59",
        "anthropic-ratelimit-requests-reset": "2030-01-01T00:00:00Z",
    },
    GEMINI: {"x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "59"},
}


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("door", DOORS)
async def test_rate_limits(wire: str, door: str) -> None:
    """On the response of whole answers and of streams, and on the attempt."""
    from aiohttp import web
    from aiohttp.test_utils import TestServer

    from minillm import loop_local

    async def answer(http: web.Request) -> web.Response:
        body = body_for(wire, await http.json(), http.path)
        kind = "application/json" if body[:1] == b"{" else "text/event-stream"
        return web.Response(body=body, headers={**HEADERS[wire], "content-type": kind})

    app = web.Application()
    app.router.add_post("/{tail:.*}", answer)
    async with TestServer(app, host="127.0.0.1") as server:
        reply = await DOORS[door](at(wire, f"http://127.0.0.1:{server.port}"))
        await loop_local.aclose()
    limit = reply.response.rate_limits["requests"]
    assert (limit.limit, limit.remaining) == (60, 59)
    assert reply.attempts[-1].rate_limits == reply.response.rate_limits


def test_every_keyword_is_tried_somewhere() -> None:
    """Here, or where the name in brackets says."""
    here = {name for name, *_ in ON_THE_WIRE}
    here |= {"system_prompt", "format_kwargs", "missing", "merge_contiguous", "attach", "unsupported"}
    elsewhere = {
        "tools tool_choice": "tests/tools",
        "cache": "tests/chat/test_caching.py",
        "expect parse_json crash_on_refusal crash_on_empty_response": "tests/policies/test_output.py",
        "validate correction": "tests/policies/test_correction.py",
        "force_prepend prepend_instruction transforms": "tests/chat/test_every_policy.py",
        "retry exp_back_off back_off_time max_back_off max_retry_after": "tests/chat/test_every_policy.py",
        "deadline connect_timeout first_byte_timeout idle_timeout": "tests/chat/test_every_policy.py",
        "on_cancel track_cost token_price cost_callback budget": "tests/chat/test_every_policy.py",
        "observe": "tests/policies/test_observe.py",
    }
    assert set(get_type_hints(Options)) <= here | {name for names in elsewhere for name in names.split()}
