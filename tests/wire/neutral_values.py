"""Random neutral requests, answers and event sequences: everything the types allow, sense or not."""

import json
from typing import Any

from hypothesis import strategies as st

from minillm.errors import ServerError, StreamInterrupted
from minillm.types import (
    AudioDelta,
    AudioPart,
    CacheBreakpoint,
    ChatRequest,
    ChatResponse,
    Choice,
    Citation,
    CitationAdded,
    CompletionParameters,
    FilePart,
    Finish,
    FinishReason,
    ImagePart,
    Message,
    MessageEnd,
    MessageStart,
    NativeEvent,
    NativePart,
    NativeTool,
    PartEnd,
    PartStart,
    ReasoningConfig,
    ReasoningDelta,
    ReasoningPart,
    RefusalDelta,
    RefusalPart,
    ResponseFormat,
    Role,
    SignatureDelta,
    StreamFailed,
    TextDelta,
    TextPart,
    TokenLogprob,
    ToolCallDelta,
    ToolCallPart,
    ToolChoice,
    ToolDefinition,
    ToolMode,
    ToolResultPart,
    Usage,
    UsageUpdate,
    VideoPart,
)
from minillm.wire import WIRES

texts = st.text(max_size=12)
names = st.sampled_from(["f", "get_weather", "a" * 80, "ß", "", "x y"])
ids = st.sampled_from(["call_1", "call_2", "toolu_01", "", "functions.f:0"])
maybe = st.none() | texts
counts = st.none() | st.integers(0, 10**12)
objects = st.dictionaries(texts, st.none() | texts | st.integers(), max_size=3)
arguments = objects.map(json.dumps) | st.sampled_from(["", "{", "[1]", "null", '"x"', "free text"])
marks = st.none() | st.builds(CacheBreakpoint, st.sampled_from([None, "5m", "1h", "30m"]))
logprobs = st.none() | st.lists(st.builds(TokenLogprob, texts, st.floats(-50, 0)), max_size=2).map(tuple)
citations = st.builds(Citation, maybe, maybe, maybe, counts, counts)

_MEDIA = {"data": st.sampled_from([None, "aGk=", "!"]), "url": st.sampled_from([None, "https://x.y/z.png", "data:,x"])}
_MEDIA |= {"mime": st.sampled_from([None, "image/png", "text/plain", "audio/wav"]), "file_id": maybe, "name": maybe}
media: Any = st.one_of(*(st.builds(kind, **_MEDIA) for kind in (ImagePart, AudioPart, VideoPart, FilePart)))
plain: Any = st.one_of(
    st.builds(TextPart, texts, st.lists(citations, max_size=2).map(tuple), logprobs, maybe, marks),
    st.builds(RefusalPart, texts),
    st.builds(ReasoningPart, texts, maybe, maybe),
    st.builds(ToolCallPart, ids, names, arguments, st.sampled_from(["function", "custom"]), maybe, cache=marks),
    st.builds(NativePart, st.sampled_from(WIRES), st.dictionaries(texts, texts, max_size=2)),
    media,
)
results = st.builds(ToolResultPart, ids, st.none() | names, texts | st.lists(plain, max_size=2), st.booleans(), marks)
parts: Any = plain | results
messages = st.builds(
    Message, st.sampled_from([*Role, "critic"]), texts | st.lists(parts, max_size=3).map(tuple), st.none() | names
)
tools: Any = st.one_of(
    st.builds(ToolDefinition, names, maybe, st.none() | objects, st.none() | st.booleans()),
    st.builds(ToolDefinition, names, kind=st.just("custom"), format=st.none() | objects),
    st.builds(NativeTool, st.sampled_from(WIRES), st.dictionaries(texts, texts, max_size=2)),
)
parameters = st.builds(
    CompletionParameters,
    max_tokens=counts,
    temperature=st.none() | st.floats(0, 2),
    stop=st.none() | st.lists(texts, max_size=2).map(tuple),
    n=st.none() | st.integers(1, 3),
    seed=counts,
    logprobs=st.none() | st.booleans(),
    reasoning=st.none()
    | st.builds(ReasoningConfig, st.none() | st.sampled_from(["none", "low", "max", "own"]), counts),
    response_format=st.none()
    | st.builds(ResponseFormat, st.sampled_from(["text", "json", "json_schema"]), st.none() | objects, maybe),
    parallel_tool_calls=st.none() | st.booleans(),
    service_tier=maybe,
    metadata=st.none() | objects,
)
requests = st.builds(
    ChatRequest,
    st.just("some-model"),
    st.lists(messages, max_size=4).map(tuple),
    st.lists(tools, max_size=2).map(tuple),
    st.none() | st.builds(ToolChoice, st.sampled_from(ToolMode), st.lists(names, max_size=2).map(tuple)),
    parameters,
    st.booleans(),
)
usages = st.builds(
    Usage,
    counts,
    counts,
    st.none() | st.dictionaries(st.sampled_from(["", "5m", "1h", "30m"]), st.integers(0, 99)),
    counts,
    counts,
    counts,
)
reasons = st.none() | st.sampled_from(FinishReason)
raw_reasons = st.none() | st.sampled_from(["stop", "end_turn", "STOP", "completed", "odd"])
answers = st.builds(Message, st.just(Role.ASSISTANT), texts | st.lists(plain, max_size=4).map(tuple))
responses = st.builds(
    ChatResponse,
    texts,
    texts,
    st.lists(st.builds(Choice, st.integers(0, 2), answers, reasons, raw_reasons, logprobs), max_size=2).map(tuple),
    st.none() | usages,
    st.none() | st.floats(0, 4e9),
)

# Each kind of piece has parts of its own: 0 text, 1 refusal, 2 reasoning, 3 and 4 calls, 5 sound; the rest are whole.
_choice = st.sampled_from([0, 0, 0, 1])
_call, _whole, _any = st.integers(3, 4), st.integers(6, 9), st.integers(0, 9)
events: Any = st.one_of(
    st.builds(MessageStart, texts, texts, st.none() | st.floats(0, 4e9), st.none() | usages),
    st.builds(PartStart, _whole, plain, _choice),
    st.builds(TextDelta, st.just(0), texts, logprobs, _choice),
    st.builds(RefusalDelta, st.just(1), texts, logprobs, _choice),
    st.builds(ReasoningDelta, st.just(2), texts, _choice),
    st.builds(ToolCallDelta, _call, arguments, _choice),
    st.builds(SignatureDelta, st.just(2), maybe, maybe, _choice),
    st.builds(CitationAdded, st.just(0), citations, _choice),
    st.builds(AudioDelta, st.just(5), texts, texts, _choice),
    st.builds(PartEnd, _any, st.none(), _choice),
    st.builds(UsageUpdate, usages),
    st.builds(Finish, _choice, reasons, raw_reasons),
    st.builds(NativeEvent, st.sampled_from(WIRES), texts, objects, st.none() | _any, st.booleans()),
)
endings: Any = st.one_of(
    st.builds(MessageEnd, st.none() | answers),
    st.just(StreamFailed(StreamInterrupted("cut"))),
    st.just(StreamFailed(ServerError("broken", status=500))),
)
event_sequences = st.tuples(st.lists(events, max_size=12), endings).map(lambda pair: [*pair[0], pair[1]])
