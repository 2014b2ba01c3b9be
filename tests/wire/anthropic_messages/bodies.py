"""Bodies of Anthropic Messages as clients and hosts really spell them: nulls, empty lists, fields left out,
blocks nobody knows. For the properties that hold for any of them."""

from typing import Any

from hypothesis import strategies as st

Body = dict[str, Any]

WORDS = st.sampled_from(["a", "Hi", "wörld", "two words", "{", "\n", "👋"])
NAMES = st.sampled_from(["f", "get_weather", "g"])
NUMBERS = st.integers(0, 50)
VALUES = (
    st.none() | st.booleans() | NUMBERS | WORDS | st.lists(NUMBERS, max_size=2) | st.just({}) | st.just({"x": None})
)
IDS = st.sampled_from(["toolu_1", "toolu_2", "functions.f:0"])


def fields(required: Body, optional: Body) -> st.SearchStrategy[Body]:
    return st.fixed_dictionaries(required, optional=optional)


MARKS = st.sampled_from(
    [{"type": "ephemeral"}, {"type": "ephemeral", "ttl": "1h"}, {"type": "ephemeral", "ttl": "9d"}, None, {"type": "x"}]
)
BESIDE = {"cache_control": MARKS, "x": VALUES}
CITATIONS = fields(
    {"type": st.sampled_from(["char_location", "web_search_result_location"])},
    {
        "cited_text": WORDS,
        "document_title": WORDS | st.none(),
        "url": WORDS,
        "title": WORDS,
        "start_char_index": NUMBERS,
    },
)
TEXTS = fields(
    {"type": st.just("text"), "text": WORDS | st.just("")},
    {**BESIDE, "citations": st.lists(CITATIONS, max_size=2) | st.none()},
)
THOUGHTS = fields({"type": st.just("thinking"), "thinking": WORDS | st.just("")}, {"signature": WORDS | st.none()})
SEALS = fields({"type": st.just("redacted_thinking"), "data": WORDS}, {})
CALLS = fields(
    {"type": st.just("tool_use"), "id": IDS, "name": NAMES},
    {**BESIDE, "input": st.just({}) | st.just({"a": 1.0, "b": [None]}) | st.none() | st.just([1]), "caller": VALUES},
)
SOURCES = st.one_of(
    fields({"type": st.just("base64"), "data": st.just("JVBERi0=")}, {"media_type": st.just("image/png"), "x": VALUES}),
    fields({"type": st.just("url"), "url": st.sampled_from(["https://x.test/a", "data:image/png;base64,AAAA"])}, {}),
    fields({"type": st.just("file"), "file_id": WORDS}, {}),
    fields({"type": st.just("text"), "data": WORDS}, {"media_type": st.sampled_from(["text/plain", "text/x"])}),
    fields({"type": st.just("content"), "content": WORDS}, {}),
)
MEDIA = fields(
    {"type": st.sampled_from(["image", "document"]), "source": SOURCES},
    {**BESIDE, "title": WORDS | st.none(), "context": WORDS, "citations": st.just({"enabled": True})},
)
UNKNOWN = fields({"type": st.sampled_from(["server_tool_use", "compaction", "novel"])}, {"id": WORDS, "x": VALUES})
RESULTS = fields(
    {"type": st.just("tool_result"), "tool_use_id": IDS},
    {**BESIDE, "content": WORDS | st.just("") | st.lists(TEXTS | MEDIA | UNKNOWN, max_size=2) | st.none()}
    | {"is_error": st.booleans() | st.none()},
)
SAID = st.lists(TEXTS | THOUGHTS | SEALS | CALLS | UNKNOWN, max_size=4)
ASKED = st.lists(TEXTS | MEDIA | RESULTS | UNKNOWN, max_size=4)
MESSAGES = st.one_of(
    fields({"role": st.just("user"), "content": WORDS | ASKED}, {"x": VALUES}),
    fields({"role": st.just("assistant"), "content": WORDS | st.just("") | SAID}, {"x": VALUES}),
    fields({"role": st.just("system"), "content": WORDS | st.lists(TEXTS, max_size=2)}, {"clear_at": WORDS}),
)
SCHEMAS = st.sampled_from(
    [{"type": "object", "properties": {}}, {}, {"type": "object", "$defs": {"a": {"type": "null"}}}]
)
TOOLS = st.one_of(
    fields(
        {"name": NAMES, "input_schema": SCHEMAS},
        {"description": WORDS | st.just("") | st.none(), "strict": st.booleans() | st.none(), "type": st.just("custom")}
        | BESIDE,
    ),
    fields({"type": st.just("web_search_20250305"), "name": st.just("web_search")}, {"max_uses": NUMBERS}),
)
CHOICES = fields(
    {"type": st.sampled_from(["auto", "any", "none", "novel"])}, {"disable_parallel_tool_use": st.booleans()}
) | fields({"type": st.just("tool"), "name": NAMES}, {"disable_parallel_tool_use": st.booleans() | st.none()})
THINKING = fields(
    {"type": st.sampled_from(["enabled", "adaptive", "disabled", "between_tools"])},
    {"budget_tokens": NUMBERS | st.none(), "display": st.sampled_from(["summarized", "omitted", "x", None])},
)
OUTPUT = fields(
    {},
    {
        "effort": st.sampled_from(["low", "max", "novel", None]),
        "format": fields({"type": st.sampled_from(["json_schema", "x"])}, {"schema": SCHEMAS}),
        "task_budget": VALUES,
    },
)
REQUESTS = fields(
    {"messages": st.lists(MESSAGES, max_size=4)},
    {
        "model": st.just("claude-x"),
        "max_tokens": NUMBERS | st.none() | st.just("x"),
        "system": WORDS | st.just("") | st.lists(TEXTS, max_size=2) | st.none(),
        "stream": st.booleans() | st.none(),
        "stop_sequences": st.lists(WORDS, max_size=2) | st.none(),
        "temperature": st.sampled_from([0, 0.5, None, "x"]),
        "top_p": st.sampled_from([1, None]),
        "top_k": NUMBERS | st.none(),
        "thinking": THINKING | st.none(),
        "output_config": OUTPUT | st.none(),
        "tools": st.lists(TOOLS, max_size=3) | st.none(),
        "tool_choice": CHOICES | st.none(),
        "cache_control": MARKS,
        "metadata": fields({}, {"user_id": WORDS | st.none(), "x": VALUES}) | st.none(),
        "service_tier": st.sampled_from(["auto", "standard_only", "novel", None]),
        "container": VALUES,
    },
)
USAGES = fields(
    {},
    {
        "input_tokens": NUMBERS | st.none(),
        "output_tokens": NUMBERS | st.none() | st.just("x"),
        "cache_creation_input_tokens": NUMBERS | st.none(),
        "cache_read_input_tokens": NUMBERS | st.none(),
        "cache_creation": fields(
            {}, {"ephemeral_5m_input_tokens": NUMBERS, "ephemeral_1h_input_tokens": NUMBERS | st.none()}
        )
        | st.none(),
        "output_tokens_details": fields({}, {"thinking_tokens": NUMBERS | st.none()}) | st.none(),
        "server_tool_use": VALUES,
    },
)
ANSWERS = fields(
    {"content": SAID},
    {
        "id": WORDS | st.none(),
        "type": st.just("message"),
        "role": st.just("assistant"),
        "model": WORDS,
        "stop_reason": st.sampled_from(["end_turn", "max_tokens", "tool_use", "refusal", "novel", None]),
        "stop_sequence": WORDS | st.none(),
        "stop_details": fields(
            {"type": st.just("refusal")},
            {"category": st.sampled_from(["cyber", None]), "explanation": WORDS | st.none()},
        )
        | st.none(),
        "usage": USAGES | st.none(),
        "container": VALUES,
    },
)
DELTAS = st.one_of(
    fields({"type": st.just("text_delta")}, {"text": WORDS | st.just("") | st.none()}),
    fields({"type": st.just("thinking_delta")}, {"thinking": WORDS | st.none()}),
    fields({"type": st.just("signature_delta")}, {"signature": WORDS | st.just("") | st.none()}),
    fields({"type": st.just("input_json_delta")}, {"partial_json": st.sampled_from(['{"a"', ":1}", "", None])}),
    fields({"type": st.just("citations_delta")}, {"citation": CITATIONS | st.none()}),
    fields({"type": st.just("novel_delta")}, {"x": VALUES}),
)
PLACES = {"index": st.integers(0, 3)}
FRAMES = st.one_of(
    fields(
        {"type": st.just("message_start")},
        {"message": fields({}, {"id": WORDS, "model": WORDS, "usage": USAGES | st.none(), "x": VALUES}) | st.none()},
    ),
    fields(
        {"type": st.just("content_block_start")},
        {**PLACES, "content_block": TEXTS | THOUGHTS | SEALS | CALLS | UNKNOWN},
    ),
    fields({"type": st.just("content_block_delta")}, {**PLACES, "delta": DELTAS | st.none(), "x": VALUES}),
    fields({"type": st.just("content_block_stop")}, PLACES),
    fields(
        {"type": st.just("message_delta")},
        {
            "delta": fields(
                {},
                {
                    "stop_reason": st.sampled_from(["end_turn", "max_tokens", "tool_use", "refusal", "novel", None]),
                    "stop_details": fields({"type": st.just("refusal")}, {"explanation": WORDS | st.none()})
                    | st.none(),
                    "stop_sequence": WORDS | st.none(),
                },
            )
            | st.none(),
            "usage": USAGES | st.none(),
        },
    ),
    fields({"type": st.sampled_from(["ping", "novel"])}, {"x": VALUES}),
    fields({}, {"x": VALUES}),
)
ENDS = fields({"type": st.just("message_stop")}, {"x": VALUES}) | fields(
    {"type": st.just("error")}, {"error": fields({}, {"type": WORDS, "message": WORDS}), "request_id": WORDS}
)
STREAMS = st.builds(lambda frames, ends: [*frames, *ends], st.lists(FRAMES, max_size=9), st.lists(ENDS, max_size=1))
