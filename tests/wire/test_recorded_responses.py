"""The Responses codec against what hosts really sent: 57 recorded exchanges.

Expected values come from ``responses_reader.py``, which shares no code with minillm.
"""

import dataclasses
import re
from typing import Any, ClassVar

from minillm import errors
from minillm.types import ChatResponse, MessageEnd, PartEnd, ReasoningPart, TextPart, collect
from tests.wire import responses_reader
from tests.wire.recorded import RecordedLaws

# Hosts whose terminal frame says nothing of what was streamed.
EMPTY_SNAPSHOTS = ("codex_backend",)


class TestRecordedResponses(RecordedLaws):
    folder = "openai_responses"
    wire = "openai_responses"
    reader = responses_reader
    count = 57
    trailers = frozenset({"image_in", "openrouter"})
    padding = frozenset({"obfuscation", "sequence_number"})
    terminal = re.compile(rb'"type": ?"response\.(completed|incomplete)"')
    text_place = r"\.output\[\d+\]\.content\[\d+\]\.text$"
    argument_place = r"\.output\[\d+\]\.arguments$"
    request_text_place = r"\.(instructions|input)(\[\d+\]\.content)?(\[\d+\]\.text)?$"
    delta_place = r"\.delta$"

    typed: ClassVar = {
        "err_400": (errors.NotFoundError, False),
        "err_401": (errors.AuthenticationError, False),
        "err_prev_response_not_found": (errors.BadRequestError, False),
        "err_xai_shape": (errors.AuthenticationError, False),
        "failed": (errors.RateLimitError, True),
        "stream_error_event": (errors.RateLimitError, True),
        "stream_error_event_nested": (errors.ServerError, True),
    }

    checked_by_eye = (
        ("text", "one message item with one output_text, 'Hello!', 23 in, 3 out"),
        ("background_queued", "response.created and response.queued say status queued, then in_progress"),
        ("cached_tokens", "xAI: summary and encrypted_content, cost_in_usd_ticks, context_details in the usage"),
        ("codex_backend", "keys sorted, response.completed with output [] although a call was streamed"),
        ("custom_tool", "a reasoning item with an empty summary, custom_tool_call math_exp with input '4 + 4'"),
        ("deepseek_or_bedrock_responses", "reasoning_text under content, summary []"),
        ("err_xai_shape", "error is a text, code stands beside it"),
        ("failed", "an error event 'unknown-error', then response.failed with rate_limit_exceeded"),
        ("incomplete_max_tokens", "status incomplete, max_output_tokens; 1217 of 1220 tokens written to the cache"),
        ("keepalive_event", "event: keepalive between in_progress and the first item"),
        ("mcp_approval_request", "mcp_list_tools without a status, reasoning, mcp_approval_request; no call of ours"),
        ("parallel_tool_calls", "one sealed reasoning item, five calls to db_lookup"),
        ("reasoning_summary", "two summary parts, joined by a blank line"),
        ("refusal", "content[0].type refusal, status completed"),
        ("stream_code_interpreter", "encrypted_content differs between added, done and completed"),
        ("stream_custom_tool", "custom_tool_call_input.delta, rebuilt framing"),
        ("stream_error_event_nested", "nothing but an error event whose fields stand under error"),
        ("stream_reasoning_text", "Bedrock: the only content of the message has content_index 1"),
        ("stream_web_search", "web_search_call first, then a text with one annotation.added"),
        ("unknown_item_or_phase", "two messages, phase commentary and final_answer"),
        ("web_search", "eleven items; messages and searches take turns"),
    )

    def without_part(self, body: Any, place: int) -> Any:
        at = 0
        output = []
        for item in body["output"]:
            if item.get("type", "message") != "message":
                output += [] if at == place else [item]
                at += 1
                continue
            kept = [part for number, part in enumerate(item["content"]) if at + number != place]
            at += len(item["content"])
            output += [{**item, "content": kept}] if kept else []
        return {**body, "output": output}

    def count_messages(self, body: Any) -> int:
        return responses_reader.count_messages(body)

    def without_message(self, body: Any, place: int) -> Any:
        return responses_reader.without_message(body, place)

    def assert_citations(self, expected: dict[str, Any], parts: list[TextPart]) -> None:
        found = [citation for part in parts for citation in part.citations]
        said = [(citation.url, citation.title, citation.start, citation.end) for citation in found]
        wanted = expected.get("citations", [])
        assert said == [(one["url"], one["title"], one["start_index"], one["end_index"]) for one in wanted]

    def test_stream_collects_to_the_snapshot_of_its_terminal_frame(self, whole_name: str) -> None:
        """What was gathered is what the host says it said."""
        raw = self.case(whole_name).body
        snapshot = responses_reader.terminal_response(raw)
        assert snapshot is not None
        assert bool(snapshot["output"]) is (whole_name not in EMPTY_SNAPSHOTS)
        if snapshot["output"]:
            assert collect(self.events([raw])) == self.codec().decode_response(snapshot)

    def test_what_was_gathered_needs_no_snapshot(self, whole_name: str) -> None:
        """The items alone give the same parts; one host sealed its reasoning anew for the terminal frame."""
        events = self.events([self.case(whole_name).body])
        whole = collect(events)
        assert isinstance(events[-1], MessageEnd)
        events[-1].message = None
        gathered = collect(events)
        assert [unsealed(part) for part in gathered.message.parts] == [unsealed(part) for part in whole.message.parts]
        differ = [
            one.sealed != other.sealed for one, other in zip(reasonings(gathered), reasonings(whole), strict=True)
        ]
        assert any(differ) is (whole_name == "stream_code_interpreter")

    def test_deltas_grow_into_what_the_items_say_at_their_end(self, whole_name: str) -> None:
        """Without the final forms of parts and without the snapshot, texts and arguments are the same."""
        events = [event for event in self.events([self.case(whole_name).body]) if not isinstance(event, PartEnd)]
        whole = collect(self.events([self.case(whole_name).body]))
        assert isinstance(events[-1], MessageEnd)
        events[-1].message = None
        grown = collect(events)
        assert (grown.text, grown.reasoning, grown.refusal) == (whole.text, whole.reasoning, whole.refusal)
        assert [(c.id, c.name, c.arguments) for c in grown.tool_calls] == [
            (c.id, c.name, c.arguments) for c in whole.tool_calls
        ]


def unsealed(part: Any) -> Any:
    return dataclasses.replace(part, sealed=None) if isinstance(part, ReasoningPart) else part


def reasonings(response: ChatResponse) -> list[ReasoningPart]:
    return [part for part in response.message.parts if isinstance(part, ReasoningPart)]
