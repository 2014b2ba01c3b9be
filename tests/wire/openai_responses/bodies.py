"""Bodies of Responses as clients and hosts really spell them: nulls, short forms, fields left out, items nobody
knows. For the properties that hold for any of them."""

from typing import Any

from hypothesis import strategies as st

Body = dict[str, Any]

WORDS = st.sampled_from(["a", "Hi", "wörld", "two words", "{", "\n", "👋"])
NAMES = st.sampled_from(["f", "get_weather", "g"])
NUMBERS = st.integers(0, 50)
VALUES = (
    st.none() | st.booleans() | NUMBERS | WORDS | st.lists(NUMBERS, max_size=2) | st.just({}) | st.just({"x": None})
)
IDS = st.sampled_from(["call_1", "call_2"])
STATUSES = st.sampled_from(["completed", "in_progress", "incomplete", "novel", None])


def fields(required: Body, optional: Body) -> st.SearchStrategy[Body]:
    return st.fixed_dictionaries(required, optional=optional)


MARKS = st.sampled_from([{"mode": "explicit"}, {"mode": "explicit", "ttl": "12h"}, {"ttl": "9d"}, {}, None, "x"])
BESIDE = {"prompt_cache_breakpoint": MARKS, "x": VALUES}
TOKENS = fields(
    {"token": WORDS, "logprob": st.sampled_from([-0.5, 0, "x"])},
    {
        "bytes": st.just([97]) | st.just([]) | st.none(),
        "top_logprobs": st.sampled_from(
            [[], [{"token": "a", "logprob": -1.0}], [{"token": "a", "logprob": -1.0, "bytes": [97]}], [{}], None]
        ),
        "x": VALUES,
    },
)
ANNOTATIONS = st.one_of(
    fields(
        {"type": st.just("url_citation")},
        {"url": WORDS, "title": WORDS | st.just("") | st.none(), "start_index": NUMBERS, "end_index": NUMBERS},
    ),
    fields({"type": st.just("file_citation")}, {"file_id": WORDS, "index": NUMBERS, "filename": WORDS}),
    fields({}, {"x": VALUES}),
)
TEXTS = fields(
    {"type": st.sampled_from(["input_text", "output_text", "text"]), "text": WORDS | st.just("")},
    {
        **BESIDE,
        "annotations": st.lists(ANNOTATIONS, max_size=2) | st.none() | st.just([1]),
        "logprobs": st.lists(TOKENS, max_size=2) | st.none(),
    },
)
REFUSALS = fields({"type": st.just("refusal"), "refusal": WORDS | st.just("")}, {"x": VALUES})
URLS = st.sampled_from(
    ["https://x.test/a", "data:image/png;base64,AAAA", "data:;base64,AAAA", "data:image/png;a=b;base64,AAAA", "", None]
)
IMAGES = fields(
    {"type": st.just("input_image")},
    {**BESIDE, "image_url": URLS, "file_id": WORDS | st.none(), "detail": st.sampled_from(["auto", "low", "", None])},
)
FILES = fields(
    {"type": st.just("input_file")},
    {
        **BESIDE,
        "file_url": st.sampled_from(["https://x.test/a.pdf", "", None]),
        "file_data": st.sampled_from(["data:application/pdf;base64,JVBERi0=", "JVBERi0=", "data:,a", "", None]),
        "file_id": WORDS | st.none(),
        "filename": WORDS | st.none() | st.just(""),
        "detail": st.sampled_from(["high", None]),
    },
)
UNKNOWN = fields({"type": st.sampled_from(["input_audio", "novel"])}, {"id": WORDS, "x": VALUES})
CONTENTS = st.lists(TEXTS | IMAGES | FILES | REFUSALS | UNKNOWN, max_size=3)
SAID = st.lists(TEXTS | REFUSALS, max_size=3) | st.lists(TEXTS | UNKNOWN, max_size=2)
MESSAGES = st.one_of(
    fields(
        {"role": st.sampled_from(["user", "system", "developer", "novel"]), "content": WORDS | st.just("") | CONTENTS},
        {"type": st.just("message"), "id": WORDS, "status": STATUSES, "x": VALUES},
    ),
    fields(
        {"role": st.just("assistant"), "content": WORDS | st.just("") | SAID},
        {
            "type": st.just("message"),
            "id": WORDS | st.none(),
            "status": STATUSES,
            "phase": st.sampled_from(["commentary", "final_answer", None]),
        },
    ),
)
SUMMARIES = fields({"type": st.just("summary_text"), "text": WORDS | st.just("")}, {"x": VALUES})
SPOKEN = fields({"type": st.sampled_from(["reasoning_text", "novel"]), "text": WORDS}, {})
REASONING = fields(
    {"type": st.just("reasoning")},
    {
        "id": WORDS | st.none(),
        "summary": st.lists(SUMMARIES, max_size=3) | st.none() | st.just("x"),
        "content": st.lists(SPOKEN, max_size=2) | st.none(),
        "encrypted_content": WORDS | st.just("") | st.none(),
        "status": STATUSES,
    },
)
CALLS = fields(
    {"type": st.just("function_call"), "call_id": IDS, "name": NAMES},
    {
        "id": WORDS | st.none(),
        "arguments": st.sampled_from(['{"a":1}', "{}", "", "not json", None, 1]),
        "status": STATUSES,
        "x": VALUES,
    },
) | fields(
    {"type": st.just("custom_tool_call"), "call_id": IDS, "name": NAMES},
    {"input": WORDS | st.just("") | st.none(), "status": STATUSES, "namespace": VALUES},
)
RESULTS = fields(
    {"type": st.sampled_from(["function_call_output", "custom_tool_call_output"]), "call_id": IDS},
    {"output": WORDS | st.just("") | CONTENTS | st.none(), "id": WORDS | st.none(), "status": STATUSES, "name": NAMES},
)
HOSTED = fields(
    {"type": st.sampled_from(["web_search_call", "item_reference", "mcp_call", "novel"])}, {"id": WORDS, "x": VALUES}
)
PICTURES = fields(
    {"type": st.just("image_generation_call"), "result": st.none() | st.sampled_from(["", "AAAA", "iVBORw0KGgo="])},
    {"id": WORDS, "status": WORDS, "output_format": WORDS, "x": VALUES},
)
ITEMS = MESSAGES | REASONING | CALLS | RESULTS | HOSTED | PICTURES
SCHEMAS = st.sampled_from(
    [{"type": "object", "properties": {}}, {}, {"type": "object", "$defs": {"a": {"type": "null"}}}]
)
TOOLS = st.one_of(
    fields(
        {"type": st.just("function"), "name": NAMES},
        {
            "description": WORDS | st.just("") | st.none(),
            "parameters": SCHEMAS | st.none(),
            "strict": st.booleans() | st.none(),
            "x": VALUES,
        },
    ),
    fields(
        {"type": st.just("custom"), "name": NAMES},
        {
            "description": WORDS | st.none(),
            "format": st.sampled_from(
                [{"type": "text"}, {"type": "grammar", "syntax": "regex", "definition": "a"}, None]
            ),
        },
    ),
    fields({"type": st.sampled_from(["web_search", "mcp", "novel"])}, {"x": VALUES}),
)
CHOICES = st.sampled_from(["auto", "none", "required", "novel"]) | st.sampled_from(
    [
        {"type": "function", "name": "f"},
        {"type": "custom", "name": "g"},
        {"type": "function"},
        {"type": "web_search"},
        {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "f"}]},
        {"type": "allowed_tools", "mode": "required", "tools": [{"type": "mcp", "server_label": "x"}]},
        {"type": "allowed_tools"},
        {},
    ]
)
FORMATS = st.sampled_from(
    [
        {"type": "text"},
        {"type": "json_object"},
        {"type": "json_schema", "name": "a", "schema": {}},
        {"type": "json_schema", "schema": {"type": "object"}, "strict": None},
        {"type": "json_schema", "name": "a"},
        {"type": "novel"},
        {},
        None,
    ]
)
REQUESTS = fields(
    {},
    {
        "input": WORDS | st.just("") | st.lists(ITEMS, max_size=5) | st.none(),
        "model": st.just("gpt-x"),
        "instructions": WORDS | st.just("") | st.none() | st.lists(MESSAGES, max_size=1),
        "max_output_tokens": NUMBERS | st.none() | st.just("x"),
        "temperature": st.sampled_from([0, 0.5, None, "x"]),
        "top_p": st.sampled_from([1, None]),
        "top_logprobs": NUMBERS | st.none(),
        "stream": st.booleans() | st.none(),
        "store": st.booleans() | st.none(),
        "parallel_tool_calls": st.booleans() | st.none(),
        "metadata": st.sampled_from([{}, {"a": "b"}, None]),
        "service_tier": st.sampled_from(["auto", "flex", "novel", None]),
        "prompt_cache_key": WORDS | st.none() | st.just(""),
        "safety_identifier": WORDS | st.none(),
        "include": st.lists(
            st.sampled_from(["message.output_text.logprobs", "reasoning.encrypted_content"]), max_size=3
        )
        | st.none(),
        "reasoning": fields(
            {},
            {
                "effort": st.sampled_from(["low", "none", "novel", "", None]),
                "summary": st.sampled_from(["auto", "detailed", "", None]),
                "generate_summary": VALUES,
            },
        )
        | st.none(),
        "text": fields({}, {"format": FORMATS, "verbosity": st.sampled_from(["low", None, ""]), "x": VALUES})
        | st.none(),
        "tools": st.lists(TOOLS, max_size=3) | st.none(),
        "tool_choice": CHOICES | st.none(),
        "previous_response_id": WORDS | st.none(),
        "conversation": VALUES,
    },
)
USAGES = fields(
    {},
    {
        "input_tokens": NUMBERS | st.none(),
        "output_tokens": NUMBERS | st.none() | st.just("x"),
        "total_tokens": NUMBERS | st.none(),
        "input_tokens_details": fields(
            {},
            {
                "cached_tokens": NUMBERS | st.none(),
                "cache_write_tokens": NUMBERS,
                "cache_write_tokens_details": st.just({"ttl_30m_tokens": 1}) | st.none(),
            },
        )
        | st.none(),
        "output_tokens_details": fields({}, {"reasoning_tokens": NUMBERS | st.none()}) | st.none(),
        "cost_in_usd_ticks": NUMBERS,
        "num_sources_used": VALUES,
    },
)
ANSWERED = MESSAGES.filter(lambda item: item["role"] == "assistant") | REASONING | CALLS | HOSTED | PICTURES
ANSWERS = fields(
    {"output": st.lists(ANSWERED, max_size=4)},
    {
        "id": WORDS | st.none(),
        "object": st.just("response"),
        "created_at": NUMBERS | st.none() | st.just(1.5),
        "completed_at": NUMBERS,
        "status": st.sampled_from(["completed", "incomplete", "in_progress", "cancelled", "novel", None]),
        "incomplete_details": st.sampled_from(
            [None, {}, {"reason": "max_output_tokens"}, {"reason": "content_filter"}, {"reason": "novel"}]
        ),
        "model": WORDS | st.none(),
        "usage": USAGES | st.none(),
        "error": st.none(),
        "instructions": WORDS | st.none(),
        "tools": st.lists(TOOLS, max_size=1),
        "x": VALUES,
    },
)
PLACES = {"output_index": st.integers(0, 2), "item_id": st.sampled_from(["a", "b"]), "content_index": st.integers(0, 1)}
HEADS = fields({}, {"id": WORDS, "model": WORDS, "created_at": NUMBERS, "usage": USAGES | st.none(), "x": VALUES})
FRAMES = st.one_of(
    fields(
        {"type": st.sampled_from(["response.created", "response.in_progress", "response.queued"])},
        {"response": HEADS | st.none(), "sequence_number": NUMBERS},
    ),
    fields({"type": st.just("response.output_item.added"), "item": ANSWERED | st.none()}, PLACES),
    fields(
        {"type": st.just("response.content_part.added"), "part": TEXTS | REFUSALS | UNKNOWN | st.none()},
        PLACES,
    ),
    fields(
        {
            "type": st.sampled_from(
                [
                    "response.output_text.delta",
                    "response.refusal.delta",
                    "response.reasoning_summary_text.delta",
                    "response.reasoning_text.delta",
                    "response.function_call_arguments.delta",
                    "response.custom_tool_call_input.delta",
                    "response.audio.delta",
                ]
            )
        },
        {**PLACES, "delta": WORDS | st.just("") | st.none(), "logprobs": st.lists(TOKENS, max_size=1), "x": VALUES},
    ),
    fields(
        {"type": st.sampled_from(["response.reasoning_summary_part.added", "response.reasoning_part.added"])},
        {**PLACES, "summary_index": st.integers(0, 2)},
    ),
    fields(
        {"type": st.just("response.output_text.annotation.added")}, {**PLACES, "annotation": ANNOTATIONS | st.none()}
    ),
    fields({"type": st.just("response.output_item.done"), "item": ANSWERED | st.none()}, PLACES),
    fields({"type": st.sampled_from(["response.output_text.done", "keepalive", "novel"])}, {**PLACES, "x": VALUES}),
    fields({"type": st.just("error")}, {"code": WORDS | st.none(), "message": WORDS, "error": VALUES}),
    fields({}, {"x": VALUES}),
)
ENDS = fields(
    {"type": st.sampled_from(["response.completed", "response.incomplete", "response.cancelled"]), "response": ANSWERS},
    {"sequence_number": NUMBERS},
) | fields(
    {"type": st.just("response.failed")},
    {"response": fields({"status": st.just("failed")}, {"error": st.none() | st.just({"code": "x", "message": "m"})})},
)
STREAMS = st.builds(lambda frames, ends: [*frames, *ends], st.lists(FRAMES, max_size=8), st.lists(ENDS, max_size=1))
