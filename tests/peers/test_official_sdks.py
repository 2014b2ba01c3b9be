"""Six official SDKs, Python and JavaScript, read what our encoders say on all four wires, and say what they send.

Everything is asked once (``sdk_run``); the tests compare what each SDK read with the neutral values.
"""

import asyncio
import json
from typing import Any

import pytest

from minillm.types import (
    ChatRequest,
    Collector,
    MediaPart,
    ReasoningConfig,
    ResponseFormat,
    Role,
    TextPart,
    ToolCallPart,
    ToolDefinition,
    ToolResultPart,
)
from minillm.wire import WIRES, get_codec
from minillm.wire.sse import SSEDecoder
from tests.peers import sdk_recorded
from tests.peers.sdk_expected import REFUSED, REFUSING, WORDS, expected, heard, plainly, unreadable
from tests.peers.sdk_run import SDKS, STRICT, WHOLE, Reading, Run, doors, everything
from tests.peers.sdk_scenarios import BREAKS, CITY, ERRORS, REPORT, SCENARIOS, events
from tests.peers.sdk_server import ANTHROPIC, CHAT, GEMINI, RESPONSES, encoded, frames
from tests.peers.sdk_traps import TRAPS
from tests.peers.test_rewritten_types import ACCEPTED, judged
from tests.wire import corpus

pytestmark = pytest.mark.peers

Findings = list[tuple[tuple[str, str, str], list[str]]]

DOORS = pytest.mark.parametrize(
    ("sdk", "wire", "way"),
    [pytest.param(*door, id="-".join((door[0], door[1].split("_")[1], door[2]))) for door in doors()],
)
STREAMS = pytest.mark.parametrize(
    ("sdk", "wire", "way"),
    [
        pytest.param(*door, id="-".join((door[0], door[1].split("_")[1], door[2])))
        for door in doors()
        if door[2] not in WHOLE
    ],
)
RECORDED = pytest.mark.parametrize(
    ("sdk", "wire", "way"),
    [
        pytest.param(*door, id="-".join((door[0], door[1].split("_")[1], door[2])))
        for door in doors()
        if door[2] in ("whole", STRICT[door[1]])
    ],
)


@pytest.fixture(scope="module")
def run() -> Run:
    """All of it, once."""
    for sdk in SDKS.values():
        sdk.command()  # skips where it is not installed
    corpus.case("openai_chat", "text")
    return asyncio.run(everything())


def compared(sdk: str, wire: str, way: str, scenario: str, reading: Reading) -> dict[str, Any]:
    """Where the reading is not what was said: field -> (said, read)."""
    finish = SCENARIOS[scenario].answer.finish_reason
    if "error" in reading:
        named = REFUSED.get((wire, finish)) if finish and (sdk, way) in REFUSING else None
        return {} if reading["error"] == named else {"error": (named, reading)}
    said, read = expected(wire, scenario), plainly(reading)
    differing = {
        key: (said[key], read[key]) for key in said if said[key] != read[key] and key not in unreadable(sdk, wire, way)
    }
    for key, value in heard(wire, scenario, reading).items():
        if reading["heard"][key] != value:
            differing[f"heard {key}"] = (value, reading["heard"][key])
    return differing


@DOORS
def test_an_sdk_reads_what_was_said(run: Run, sdk: str, wire: str, way: str) -> None:
    """Text, calls with their arguments, thoughts and seals, the reason, the counts; and events that add up to it."""
    found = {name: compared(sdk, wire, way, name, run.read(sdk, wire, way, name)) for name in SCENARIOS}
    assert {name: differing for name, differing in found.items() if differing} == {}


TYPED = [(sdk, wire, way) for sdk, wire, way in doors() if way == "parse"]
TYPED += [(sdk, wire, "helper") for sdk, wire, way in doors() if way == "helper" and sdk != "openai-js"]


@pytest.mark.parametrize(("sdk", "wire", "way"), TYPED)
def test_an_sdk_makes_a_typed_value_of_a_structured_answer(run: Run, sdk: str, wire: str, way: str) -> None:
    reading = run.read(sdk, wire, way, "structured")
    assert reading["parsed"] == {"city": "Lisbon", "degrees": 21.5, "sunny": True}


def test_nothing_went_wrong_inside_the_server(run: Run) -> None:
    """Every request of every SDK decodes with a strict report, every answer encodes."""
    assert run.faults == []


@pytest.mark.parametrize("kind", ["response", "event"])
@pytest.mark.parametrize("wire", WIRES)
def test_what_we_say_is_what_the_sdk_s_types_say(findings: Findings, wire: str, kind: str) -> None:
    """No field that they do not know, none that they would change."""
    mine = [(name, found) for (of, sort, name), found in findings if (of, sort) == (wire, kind)]
    assert len(mine) >= len(SCENARIOS)
    accepted = ACCEPTED.get(wire, ())
    unfit = [(name, one) for name, found in mine for one in found if not any(word in one for word in accepted)]
    assert unfit == []


@pytest.fixture(scope="module")
def findings() -> Findings:
    """What the types say of every answer and event of ours, found by one child process."""
    places, entries = [], []
    for wire in WIRES:
        for name, scenario in SCENARIOS.items():
            sent = [frame.raw for frame in frames(wire, events(scenario.answer)) if frame.raw != b"[DONE]"]
            for kind, raw in (("response", encoded(wire, scenario.answer).body), *(("event", raw) for raw in sent)):
                places.append((wire, kind, name))
                entries.append({"wire": wire, "kind": kind, "value": json.loads(raw)})
    return list(zip(places, judged(entries), strict=True))


# What the SDKs sent -----------------------------------------------------------------------------------------------


def spoken(request: ChatRequest) -> list[tuple[str, ...]]:
    """The conversation in the order of the decoded request."""
    said: list[tuple[str, ...]] = []
    for message in request.messages:
        for part in message.parts:
            if isinstance(part, ToolCallPart):
                said.append(("call", part.id, part.name, part.parse_arguments()["city"]))
            elif isinstance(part, ToolResultPart):
                said.append(("result", part.call_id, part.text))
            elif isinstance(part, MediaPart):
                said.append((message.role, str(part.mime), str(part.data)))
            elif isinstance(part, TextPart):
                role = Role.SYSTEM if message.role is Role.DEVELOPER else message.role
                said.append((role, part.text))
    return said


def meant(ask: dict[str, Any]) -> list[tuple[str, ...]]:
    """The same, out of what the SDK's user said."""
    said: list[tuple[str, ...]] = [("system", ask["system"])]
    for turn in ask["turns"]:
        for kind, content in turn.items():
            if kind == "image":
                said += [("user", content["text"]), ("user", "image/png", content["png"])]
            elif kind == "calls":
                said += [("call", each["id"], each["name"], "Lisbon") for each in content]
            elif kind == "results":
                said += [("result", each["id"], each["text"]) for each in content]
            else:
                said.append((kind, content))
    return said


@DOORS
def test_what_an_sdk_sends_is_what_its_user_said(run: Run, sdk: str, wire: str, way: str) -> None:
    for name, scenario in SCENARIOS.items():
        ask, request = scenario.ask, asked(run, sdk, wire, way, name)
        assert spoken(request) == meant(ask), name
        assert request.stream == (way not in WHOLE), name
        assert request.parameters.get("max_tokens") == ask.get("max_tokens", 4096 if wire == ANTHROPIC else None)
        offered = [tool for tool in request.tools if isinstance(tool, ToolDefinition)]
        assert [(tool.name, tool.description, tool.parameters) for tool in offered] == [
            (tool["name"], tool["description"], CITY) for tool in ask.get("tools", [])
        ], name
        assert {tool.strict for tool in offered} <= ({True} if wire in (CHAT, RESPONSES) else {None})
        thinking = request.parameters.get("reasoning")
        assert (thinking.effort if isinstance(thinking, ReasoningConfig) else None) == ask.get("effort"), name
        wanted = request.parameters.get("response_format")
        assert isinstance(wanted, ResponseFormat) == ("schema" in ask), (name, wanted)
        if isinstance(wanted, ResponseFormat):
            assert wanted.kind == "json_schema"
            assert wanted.schema is not None
            assert sorted(wanted.schema["properties"]) == sorted(REPORT["properties"])  # type: ignore[arg-type, call-overload]


def asked(run: Run, sdk: str, wire: str, way: str, exchange: str) -> ChatRequest:
    return next(
        found.request
        for job, found in run.asked.items()
        if (job.sdk, job.wire, job.way, job.exchange) == (sdk, wire, way, exchange)
    )


@DOORS
def test_what_an_sdk_sends_comes_out_as_it_was(run: Run, sdk: str, wire: str, way: str) -> None:
    """Decoded and encoded again: equal as JSON."""
    for job, found in run.asked.items():
        if (job.sdk, job.wire, job.way) == (sdk, wire, way) and job.exchange in SCENARIOS:
            assert get_codec(wire).encode_request(found.request) == found.body, job.exchange


# Errors -----------------------------------------------------------------------------------------------------------

_OPENAI = {
    400: "BadRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    429: "RateLimitError",
    500: "InternalServerError",
    503: "InternalServerError",
    529: "InternalServerError",
}
_CLAUDE = {**_OPENAI, 413: "ContentTooLargeError", 503: "ServiceUnavailableError", 529: "OverloadedError"}
CLASSES: dict[str, dict[int, str]] = {
    "openai-py": {**_OPENAI, 413: "APIStatusError"},
    "openai-js": {**_OPENAI, 413: "APIError"},
    "anthropic-py": _CLAUDE,
    "anthropic-js": _CLAUDE,
    "google-py": {status: "ClientError" if status < 500 else "ServerError" for status in (*_OPENAI, 413)},
    "google-js": dict.fromkeys((*_OPENAI, 413), "ApiError"),
}


@DOORS
def test_an_sdk_raises_its_own_error_for_ours(run: Run, sdk: str, wire: str, way: str) -> None:
    """The class its users catch, the status, our words, and when to come again."""
    for name, error in ERRORS.items():
        assert error.status is not None
        reading = run.read(sdk, wire, way, name)
        assert reading.get("error") == CLASSES[sdk][error.status], (name, reading)
        assert reading["status"] == error.status
        assert error.message in reading["message"]
        if wire in (CHAT, RESPONSES) and error.code is not None:
            assert reading["code"] == error.code
        if sdk != "google-js":  # its errors keep no headers
            waits = reading["retry_after"]
            assert (waits is not None and 2000 < int(waits) <= 3000) == (error.retry_at is not None), (name, waits)


@STREAMS
def test_an_sdk_is_told_when_our_stream_breaks(run: Run, sdk: str, wire: str, way: str) -> None:
    """A stream that fails half way is an error at the other end too, in our words, never a short answer."""
    for name, failure in BREAKS.items():
        reading = run.read(sdk, wire, way, name)
        assert reading.get("error"), (name, reading)
        assert str(failure.args[0]) in reading["message"]


# What hosts really sent, rewritten --------------------------------------------------------------------------------

#: Recorded answers that an SDK cannot read in another wire's words, whatever the words (docs/wire-formats.md).
BEYOND = {
    ("openai-py", CHAT, "helper", "openai_responses.stream_custom_tool"),  # no free-text tools in chunks
    ("openai-js", CHAT, "helper", "openai_responses.stream_custom_tool"),
}


@RECORDED
def test_an_sdk_reads_recorded_answers_of_all_other_wires(run: Run, sdk: str, wire: str, way: str) -> None:
    names = list(sdk_recorded.exchanges(wire, whole=way in WHOLE))
    assert len(names) >= 50
    found = {
        name: differences(sdk, wire, way, run.read(sdk, wire, way, name), sdk_recorded.said(name))
        for name in names
        if (sdk, wire, way, name) not in BEYOND
    }
    assert {name: differing for name, differing in found.items() if differing} == {}


def differences(sdk: str, wire: str, way: str, reading: Reading, said: dict[str, Any]) -> dict[str, Any]:
    if said["failed"]:
        return {} if "error" in reading else {"error": reading}
    finish = said["finish"]
    if "error" in reading:
        named = REFUSED.get((wire, finish)) if (sdk, way) in REFUSING else None
        return {} if reading["error"] == named else {"error": (named, reading)}
    counts = reading["usage"] or {}
    read = {
        "text": reading["text"],
        "calls": [(call["name"], call["arguments"]) for call in reading["calls"]],
        "reasoning": "".join(reading["reasoning"].split()),
        **{key: counts.get(key) for key in ("input", "output") if said.get(key) is not None},
    }
    want = {key: said[key] for key in read} | {"reasoning": "".join(said["reasoning"].split())}
    differing = {
        key: (want[key], read[key]) for key in read if read[key] != want[key] and key not in unreadable(sdk, wire, way)
    }
    if finish is not None and reading["finish"] not in WORDS[wire][finish]:
        differing["finish"] = (finish, reading["finish"])
    return differing


# Traps ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TRAPS)
def test_trap(run: Run, name: str) -> None:
    """Our answer is read; the same answer broken in this one way is not, or it is no trap."""
    trap = TRAPS[name]
    for door, springs in trap.springs.items():
        sdk, way = door.split(".")
        if trap.fails:
            assert "error" in run.read(sdk, trap.wire, way, "break-server"), door
        else:
            assert compared(sdk, trap.wire, way, trap.scenario, run.read(sdk, trap.wire, way, trap.scenario)) == {}
        assert sprung(run, name, sdk, way) == springs, (door, run.read(sdk, trap.wire, way, name))


def sprung(run: Run, name: str, sdk: str, way: str) -> str:
    trap = TRAPS[name]
    reading = run.read(sdk, trap.wire, way, name)
    if "error" in reading:
        return "raises"
    if trap.fails:
        return "misreads"  # an answer, where there was an error
    differing = compared(sdk, trap.wire, way, trap.scenario, {**reading, "heard": {}})
    if differing:
        return "misreads"
    forgotten = trap.wire == GEMINI and compared(sdk, trap.wire, way, trap.scenario, reading)
    return "forgets" if forgotten else "reads"


@pytest.mark.parametrize("name", ["chat-no-finish-reason", "responses-no-terminal-event", "messages-no-message-stop"])
def test_we_see_the_cut_that_an_sdk_takes_for_the_end(name: str) -> None:
    assert decoded(name).error is not None


def test_we_never_run_a_call_whose_end_an_sdk_does_not_miss() -> None:
    """It makes ``{}`` or half an object of arguments that broke off."""
    (call,) = decoded("messages-arguments-cut-off").response().tool_calls
    assert call.incomplete


def test_we_read_what_an_sdk_cannot() -> None:
    """Comments, names, a missing space, two calls at index 0, ids repeated: other servers do it."""
    names = ("gemini-comment", "gemini-event-name", "gemini-data-without-space", "gemini-done-at-the-end")
    for name in (*names, "chat-id-and-name-repeated", "messages-unnamed-events", "gemini-list-instead-of-a-stream"):
        answer, read = SCENARIOS[TRAPS[name].scenario].answer, decoded(name).response()
        assert (read.text, read.finish_reason) == (answer.text, answer.finish_reason), name
        assert [(call.id, call.name, call.arguments) for call in read.tool_calls] == [
            (call.id, call.name, call.arguments) for call in answer.tool_calls
        ], name


def decoded(name: str) -> Collector:
    """What our decoder makes of the broken answer."""
    trap = TRAPS[name]
    decoder, sse, collector = get_codec(trap.wire).stream_decoder(), SSEDecoder(), Collector()
    body = trap.broken(trap.whole())
    for frame in [*sse.feed(body), *sse.finish()]:
        for event in decoder.feed(frame):
            collector.feed(event)
    for event in decoder.finish():
        collector.feed(event)
    return collector
