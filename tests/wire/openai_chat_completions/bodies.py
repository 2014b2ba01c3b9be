"""Bodies of Chat Completions as hosts and clients really spell them: nulls, empty lists, fields left
out, fields of dialects. For the properties that hold for any of them."""

from typing import Any

from hypothesis import strategies as st

WORDS = st.sampled_from(["a", "Hi", "wörld", "two words", "{", "\n", "👋"])
MAYBE_EMPTY = WORDS | st.just("")
NAMES = st.sampled_from(["f", "get_weather", "g"])
NUMBERS = st.integers(0, 50)
VALUES = (
    st.none() | st.booleans() | NUMBERS | WORDS | st.lists(NUMBERS, max_size=2) | st.just({}) | st.just({"x": None})
)
ARGUMENTS = st.sampled_from(["", "{}", '{"a": 1}', '{"a', "free text"])


def fields(required: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(required, optional=optional)


TEXT_ITEMS = fields({"type": st.just("text"), "text": MAYBE_EMPTY}, {"cache_control": st.just({"type": "ephemeral"})})
MARKED_ITEMS = fields(
    {"type": st.just("text"), "text": WORDS},
    {
        "prompt_cache_breakpoint": st.sampled_from(
            [{"mode": "explicit"}, {"mode": "explicit", "ttl": "30m"}, {}, {"ttl": None}]
        )
    },
)
URLS = st.sampled_from(
    [
        "https://example.com/a.png",
        "data:image/png;base64,iVBO",
        "data:;base64,AAAA",
        "DATA:image/png;base64,AAAA",
        "data:text/plain,hi",
    ]
)
PICTURE_ITEMS = fields(
    {
        "type": st.just("image_url"),
        "image_url": URLS | fields({"url": URLS}, {"detail": st.sampled_from(["low", None, "auto"]), "x": VALUES}),
    },
    {"x": VALUES},
)
SOUND_ITEMS = fields(
    {
        "type": st.just("input_audio"),
        "input_audio": fields(
            {"data": st.just("UklG")}, {"format": st.sampled_from(["wav", "mp3", "ogg", "odd", None])}
        ),
    },
    {},
)
FILE_ITEMS = fields(
    {
        "type": st.just("file"),
        "file": fields({}, {"file_data": URLS | st.just("JVBERi0="), "file_id": WORDS, "filename": WORDS | st.none()}),
    },
    {},
)
ODD_ITEMS = fields({"type": st.sampled_from(["reference", "document_url", "input_video"])}, {"x": VALUES})
THINKING_ITEMS = fields(
    {
        "type": st.just("thinking"),
        "thinking": MAYBE_EMPTY
        | st.lists(fields({"type": st.sampled_from(["text", "text", "reference"]), "text": WORDS}, {}), max_size=3),
    },
    {"closed": st.booleans(), "signature": WORDS},
)
REFUSAL_ITEMS = fields({"type": st.just("refusal"), "refusal": WORDS}, {})

CALLS = fields(
    {
        "function": fields(
            {"name": NAMES}, {"arguments": ARGUMENTS | st.none() | st.just({"a": 1}) | st.just([1]), "x": VALUES}
        )
    },
    {
        "id": st.sampled_from(["call_1", "call_2", "", "null", None]),
        "type": st.sampled_from(["function", "builtin_function", None]),
        "index": NUMBERS,
        "extra_content": st.sampled_from([{"google": {"thought_signature": "sig", "x": 1}}, {"google": {}}, {}]),
    },
)
CUSTOM_CALLS = fields(
    {"type": st.just("custom"), "custom": fields({"name": NAMES}, {"input": ARGUMENTS})},
    {"id": st.sampled_from(["call_1", "", None])},
)
DETAILS = fields(
    {"type": st.sampled_from(["reasoning.text", "reasoning.summary", "reasoning.encrypted"])},
    {
        "text": MAYBE_EMPTY | st.none(),
        "summary": MAYBE_EMPTY,
        "data": MAYBE_EMPTY,
        "signature": WORDS | st.none(),
        "index": NUMBERS,
        "format": st.sampled_from(["unknown", None]),
        "id": WORDS,
    },
)
REASONING = {
    "reasoning_content": MAYBE_EMPTY | st.none(),
    "reasoning": MAYBE_EMPTY | st.none(),
    "reasoning_details": st.lists(DETAILS, max_size=3) | st.none(),
}
ANNOTATIONS = st.lists(
    fields(
        {"type": st.just("url_citation")},
        {
            "url_citation": fields(
                {}, {"url": WORDS, "title": MAYBE_EMPTY, "start_index": NUMBERS, "end_index": NUMBERS, "x": VALUES}
            )
        },
    )
    | fields({"type": st.just("file")}, {"file": VALUES}),
    max_size=2,
)
ASSISTANT = {
    "refusal": MAYBE_EMPTY | st.none(),
    "tool_calls": st.none() | st.lists(CALLS | CUSTOM_CALLS, max_size=3),
    "function_call": st.none() | fields({"name": NAMES}, {"arguments": ARGUMENTS | st.none()}),
    "annotations": st.none() | ANNOTATIONS,
    "audio": st.none()
    | fields({}, {"id": WORDS, "data": st.just("AAAA"), "transcript": MAYBE_EMPTY, "expires_at": NUMBERS}),
    "x": VALUES,
    **REASONING,
}

USER_ITEMS = st.lists(TEXT_ITEMS | MARKED_ITEMS | PICTURE_ITEMS | SOUND_ITEMS | FILE_ITEMS | ODD_ITEMS, max_size=3)
MESSAGES = st.one_of(
    fields(
        {"role": st.sampled_from(["system", "developer", "user", "critic"]), "content": MAYBE_EMPTY | USER_ITEMS},
        {"name": WORDS | st.none(), "x": VALUES},
    ),
    fields(
        {"role": st.just("assistant")},
        {
            "content": MAYBE_EMPTY
            | st.none()
            | st.lists(TEXT_ITEMS | REFUSAL_ITEMS | THINKING_ITEMS | ODD_ITEMS, max_size=3),
            "name": WORDS,
            "prefix": st.booleans(),
            **ASSISTANT,
        },
    ),
    fields(
        {
            "role": st.just("tool"),
            "content": MAYBE_EMPTY | st.none() | st.lists(TEXT_ITEMS | PICTURE_ITEMS, max_size=2),
        },
        {"tool_call_id": st.sampled_from(["call_1", "", None]), "name": NAMES | st.none(), "x": VALUES},
    ),
    fields({"role": st.just("function"), "name": NAMES}, {"content": MAYBE_EMPTY | st.none()}),
)
TOOLS = st.one_of(
    fields(
        {
            "type": st.just("function"),
            "function": fields(
                {"name": NAMES},
                {
                    "description": MAYBE_EMPTY | st.none(),
                    "parameters": st.none() | st.just({}) | st.just({"type": "object"}),
                    "strict": st.booleans() | st.none(),
                    "x": VALUES,
                },
            ),
        },
        {"cache_control": st.just({"type": "ephemeral", "ttl": "1h"}), "x": VALUES},
    ),
    fields({"type": st.just("custom"), "custom": fields({"name": NAMES}, {"format": st.just({"type": "text"})})}, {}),
    fields({"type": st.just("openrouter:advisor")}, {"parameters": VALUES}),
)
CHOICES = st.one_of(
    st.sampled_from(["auto", "none", "required", "any", None, "odd"]),
    NAMES.map(lambda name: {"type": "function", "function": {"name": name}}),
    NAMES.map(lambda name: {"type": "custom", "custom": {"name": name}}),
    st.tuples(st.sampled_from(["auto", "required"]), st.lists(NAMES, max_size=2)).map(
        lambda said: {
            "type": "allowed_tools",
            "allowed_tools": {
                "mode": said[0],
                "tools": [{"type": "function", "function": {"name": name}} for name in said[1]],
            },
        }
    ),
    st.just({"type": "odd"}),
)
FORMATS = st.one_of(
    st.none(),
    fields({"type": st.sampled_from(["text", "json_object", "odd"])}, {"schema": st.just({"type": "object"})}),
    fields(
        {"type": st.just("json_schema")},
        {
            "json_schema": fields(
                {},
                {
                    "name": WORDS,
                    "schema": st.just({"type": "object"}),
                    "strict": st.booleans() | st.none(),
                    "description": MAYBE_EMPTY,
                    "x": VALUES,
                },
            )
        },
    ),
)
EFFORTS = st.sampled_from(["none", "low", "xhigh", "odd", "", None])
REQUESTS = fields(
    {"messages": st.lists(MESSAGES, max_size=4)},
    {
        "model": WORDS | st.none(),
        "stream": st.booleans() | st.none(),
        "stream_options": st.none() | fields({}, {"include_usage": st.booleans() | st.none(), "x": VALUES}),
        "usage": st.none() | fields({}, {"include": st.booleans(), "x": VALUES}),
        "max_tokens": NUMBERS | st.none(),
        "max_completion_tokens": NUMBERS | st.none(),
        "temperature": st.none() | st.floats(0, 2) | NUMBERS,
        "top_k": NUMBERS,
        "stop": st.none() | WORDS | st.lists(WORDS, max_size=2),
        "seed": NUMBERS | st.none(),
        "random_seed": NUMBERS,
        "n": NUMBERS,
        "logprobs": st.booleans() | st.none(),
        "metadata": st.none() | st.just({"a": "b"}),
        "modalities": st.none() | st.just(["text"]),
        "user": WORDS | st.none(),
        "safety_identifier": WORDS,
        "prompt_cache_key": WORDS,
        "reasoning_effort": EFFORTS,
        "reasoning": st.none()
        | fields(
            {},
            {"effort": EFFORTS, "max_tokens": NUMBERS | st.none(), "exclude": st.booleans(), "enabled": st.booleans()},
        ),
        "thinking": st.none()
        | fields({}, {"type": st.sampled_from(["enabled", "disabled", "auto"]), "budget_tokens": NUMBERS}),
        "response_format": FORMATS,
        "tools": st.none() | st.lists(TOOLS, max_size=2),
        "tool_choice": CHOICES,
        "functions": st.none()
        | st.lists(fields({"name": NAMES}, {"description": MAYBE_EMPTY, "parameters": st.just({})}), max_size=2),
        "function_call": st.sampled_from(["auto", "none", None, {"name": "f"}]),
        "x": VALUES,
    },
)

LOGPROBS = st.none() | fields(
    {},
    {
        "content": st.none()
        | st.lists(
            fields(
                {"token": WORDS, "logprob": st.floats(-9, 0) | st.just(-9999)},
                {"bytes": st.none() | st.lists(NUMBERS, max_size=2), "top_logprobs": st.just([]), "x": VALUES},
            ),
            max_size=2,
        ),
        "refusal": st.none() | st.just([]),
    },
)
USAGES = st.none() | fields(
    {},
    {
        "prompt_tokens": NUMBERS | st.none(),
        "completion_tokens": NUMBERS | st.none(),
        "total_tokens": NUMBERS | st.integers(0, 150) | st.none(),
        "prompt_tokens_details": st.none()
        | fields({}, {"cached_tokens": NUMBERS | st.none(), "cache_write_tokens": NUMBERS, "audio_tokens": NUMBERS}),
        "completion_tokens_details": st.none()
        | fields({}, {"reasoning_tokens": NUMBERS | st.none(), "audio_tokens": NUMBERS}),
        "prompt_cache_hit_tokens": NUMBERS,
        "prompt_cache_miss_tokens": NUMBERS,
        "cost": st.sampled_from([0, 0.0000893, "0.01", None, {"total_cost": 0.005, "x": 1}, {}, True]),
        "cost_in_usd_ticks": NUMBERS | st.just(2488500),
        "x": VALUES,
    },
)
REASONS = st.sampled_from(["stop", "length", "tool_calls", "content_filter", "function_call", "eos", "odd", "", None])
ANSWERS = fields(
    {
        "choices": st.lists(
            fields(
                {},
                {
                    "index": NUMBERS | st.none(),
                    "message": fields(
                        {},
                        {
                            "role": st.just("assistant"),
                            "content": MAYBE_EMPTY
                            | st.none()
                            | st.just({"title": "x"})
                            | st.lists(TEXT_ITEMS | THINKING_ITEMS | ODD_ITEMS, max_size=3),
                            "executed_tools": st.none() | st.just([{"index": 0}]),
                            "images": st.none()
                            | st.just([{"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBO"}}]),
                            **ASSISTANT,
                        },
                    ),
                    "finish_reason": REASONS,
                    "logprobs": LOGPROBS,
                    "x": VALUES,
                },
            ),
            max_size=2,
        )
    },
    {
        "id": MAYBE_EMPTY | st.none(),
        "object": st.just("chat.completion") | st.none(),
        "created": st.sampled_from([0, 1790000000, 1790000000123, 1790000000.5, None, "now"]),
        "model": MAYBE_EMPTY | st.none(),
        "usage": USAGES,
        "x": VALUES,
    },
)

FRAGMENTS = fields(
    {},
    {
        "index": st.integers(0, 1) | st.none(),
        "id": st.sampled_from(["call_1", "call_2", "", None]),
        "type": st.sampled_from(["function", None]),
        "function": fields({}, {"name": NAMES | st.none() | st.just(""), "arguments": ARGUMENTS | st.none()}),
    },
)
CHUNKS = fields(
    {},
    {
        "id": st.sampled_from(["chatcmpl-1", "", None]),
        "object": st.just("chat.completion.chunk"),
        "created": st.sampled_from([0, 1790000000]),
        "model": st.sampled_from(["m", ""]),
        "choices": st.none()
        | st.lists(
            fields(
                {},
                {
                    "index": st.integers(0, 1),
                    "delta": fields(
                        {},
                        {
                            "role": st.just("assistant"),
                            "content": MAYBE_EMPTY
                            | st.none()
                            | st.lists(TEXT_ITEMS | THINKING_ITEMS | ODD_ITEMS, max_size=3),
                            "refusal": MAYBE_EMPTY | st.none(),
                            "tool_calls": st.none() | st.lists(FRAGMENTS, max_size=2),
                            "function_call": st.none() | fields({}, {"name": NAMES, "arguments": ARGUMENTS}),
                            "annotations": ANNOTATIONS,
                            "audio": st.none()
                            | fields({}, {"id": WORDS, "data": st.just("AAAA"), "transcript": WORDS}),
                            **REASONING,
                        },
                    )
                    | st.none(),
                    "finish_reason": REASONS,
                    "logprobs": LOGPROBS,
                    "x": VALUES,
                },
            ),
            max_size=2,
        ),
        "usage": USAGES,
        "x_groq": st.none() | fields({}, {"id": WORDS, "usage": USAGES}),
        "obfuscation": WORDS,
        "x": VALUES,
    },
)
STREAMS = st.lists(CHUNKS, max_size=6)
