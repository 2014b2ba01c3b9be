"""The Messages codec against what hosts really sent: 63 recorded exchanges.

Expected values come from ``anthropic_reader.py``, which shares no code with minillm.
"""

import re
from typing import Any, ClassVar

from minillm import errors
from minillm.types import TextPart
from tests.wire import anthropic_reader
from tests.wire.recorded import RecordedLaws, assert_text


class TestRecordedAnthropic(RecordedLaws):
    folder = "anthropic_messages"
    wire = "anthropic_messages"
    reader = anthropic_reader
    count = 63
    malformed = frozenset({"err_400"})  # messages: ["Hello, world"]
    trailers = frozenset({"gateway_odd_usage"})
    terminal = re.compile(rb'"type": ?"message_stop"')
    text_place = r"\.content\[\d+\]\.text$"
    argument_place = r"\.content\[\d+\]\.input\.edited$"
    request_text_place = r"\.(system|messages\[\d+\]\.content)(\[\d+\]\.text)?$"
    delta_place = r"\.delta\.(text|thinking|partial_json)$"

    typed: ClassVar = {
        "err_400": (errors.BadRequestError, False),
        "err_400_prompt_too_long": (errors.ContextLengthError, False),
        "err_401": (errors.AuthenticationError, False),
        "err_404": (errors.NotFoundError, False),
        "err_413_edge_no_type": (errors.BadRequestError, False),
        "err_429_headers_only": (errors.RateLimitError, True),
        "err_429_rate_limit": (errors.RateLimitError, True),
        "err_500_api_error_overloaded": (errors.ServerError, True),
        "err_529_overloaded": (errors.ServerError, True),
        "stream_error_event_overloaded": (errors.ServerError, True),
    }

    checked_by_eye = (
        ("text", "one text block, 28 in, 36 out, end_turn"),
        ("cache_1h", "2056 tokens written, all under ephemeral_1h_input_tokens; 17 uncached; max_tokens"),
        ("cache_read", "message_delta repeats the 72 written tokens without the split that message_start had"),
        ("cit_char", "five text blocks, the citations on the second and fourth, document_title with its typo"),
        ("duplicate_message_start", "message_start twice with one id, then a single text block"),
        ("spliced_message_start", "the second message_start comes inside a tool's input, and index is 0 again"),
        ("empty_content_end_turn", "content is an empty list, 9 output tokens, end_turn"),
        ("err_413_edge_no_type", "no top-level type and no request_id"),
        ("gateway_odd_usage", "keys sorted, costs in the usage of message_delta, then event: data with [DONE]"),
        ("interleaved_thinking", "thinking, server_tool_use, result, thinking, server_tool_use, result, text"),
        ("message_delta_input_tokens", "43 input tokens at the start, 61 at the end"),
        ("pause_turn", "25 blocks, the last a server_tool_use whose result never came; 404500 input tokens"),
        ("programmatic_tool_calling", "four tool_use blocks with a caller between a server_tool_use and its result"),
        ("redacted_thinking", "a redacted_thinking block with data, then 'OK'; 7 thinking tokens of 13"),
        ("refusal", "content [], stop_reason refusal, stop_details null"),
        ("stop_sequence", "the text ends in a blank; stop_sequence 'cool'"),
        ("stream_citations", "citations_delta before the text it belongs to"),
        ("stream_error_event_overloaded", "one error event with details null, nothing else"),
        ("stream_parallel_tools", "two blocks one after another, each with partial_json that begins empty"),
        ("stream_redacted_thinking", "two redacted_thinking blocks whole in content_block_start, no deltas"),
        ("stream_tool_no_args", "one input_json_delta with an empty text, so the input is {}"),
        ("stream_thinking", "a text block of two line ends before the thinking block"),
        ("thinking_tokens_details", "output_tokens_details.thinking_tokens inside output_tokens"),
        ("tool_result_is_error", "is_error true in the request, and a second try in the answer"),
    )

    def without_part(self, body: Any, place: int) -> Any:
        return {**body, "content": [block for at, block in enumerate(body["content"]) if at != place]}

    def count_messages(self, body: Any) -> int:
        return len(body["messages"]) + ("system" in body)

    def without_message(self, body: Any, place: int) -> Any:
        place -= "system" in body
        if place < 0:
            return {key: value for key, value in body.items() if key != "system"}
        return {**body, "messages": [message for at, message in enumerate(body["messages"]) if at != place]}

    def assert_citations(self, expected: dict[str, Any], parts: list[TextPart]) -> None:
        found = [citation for part in parts for citation in part.citations]
        assert len(found) == len(expected.get("citations", []))
        for wanted, citation in zip(expected.get("citations", []), found, strict=True):
            assert (citation.url, citation.title) == (wanted["url"], wanted["title"])
            assert_text(wanted["text"], citation.text or "", "cited text")
