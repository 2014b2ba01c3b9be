"""The GenerateContent codec against what hosts really sent: 67 recorded exchanges.

Expected values come from ``gemini_reader.py``, which shares no code with minillm.
"""

import json
import re
from collections.abc import Iterable
from typing import Any, ClassVar

import pytest

from minillm import errors
from minillm.types import ReasoningDelta, TextDelta, TextPart, collect
from minillm.wire.sse import ServerSentEvent
from tests.wire import gemini_reader
from tests.wire.recorded import RecordedLaws, assert_texts

ARRAYS = ("empty_text_part", "stream_json_array")


class TestRecordedGemini(RecordedLaws):
    folder = "gemini_generate"
    wire = "gemini_generate_content"
    reader = gemini_reader
    count = 67
    terminal = re.compile(rb'"(finishReason|blockReason)": ?"')
    text_place = r"\.candidates\[0\]\.content\.parts\[\d+\]\.text$"
    argument_place = r"\.candidates\[0\]\.content\.parts\[\d+\]\.functionCall\.args(\.edited)?$"
    request_text_place = r"\.(systemInstruction|system_instruction|contents\[\d+\])\.parts(\[\d+\])?\.text$"
    deltas = (TextDelta, ReasoningDelta)  # arguments that came in pieces are said by the last of their frames
    delta_place = r"\.candidates\[0\]\.content\.parts\[\d+\]\.text$"

    typed: ClassVar = {
        "err_400": (errors.BadRequestError, False),
        "err_400_image_rejected": (errors.BadRequestError, False),
        "err_400_key": (errors.AuthenticationError, False),
        "err_403": (errors.AuthenticationError, False),
        "err_404": (errors.NotFoundError, False),
        "err_429": (errors.RateLimitError, True),
        "err_503_overloaded": (errors.ServerError, True),
        "err_context_cache": (errors.BadRequestError, False),
        "err_midstream": (errors.ServerError, False),
        "stream_err_503_raw_json": (errors.ServerError, True),
    }

    checked_by_eye = (
        ("text", "one part, 7 in, 4 out beside 20 of thoughts"),
        ("audio_out", "no text, one inlineData part of 284864 base64 characters, 111 tokens"),
        ("code_execution", "executableCode with a signature, codeExecutionResult, text with another signature"),
        ("empty_text_part", "a list of chunks; the last part is an empty text with a signature of 160 characters"),
        ("err_midstream", "two chunks that each say STOP, then a pretty-printed error 499 outside the framing"),
        ("explicit_cache", "9602 of 9613 prompt tokens cached; 33 visible and 39 of thoughts"),
        ("finish_message", "STOP with finishMessage 'Finished successfully', which is no refusal"),
        ("image_out", "text, a part that is an empty object, a picture of 1 x 1"),
        ("logprobs", "seven chosen tokens, five candidates for each, tokenId beside the token"),
        ("max_tokens_no_parts", "content has a role and no parts; 2 tokens of thoughts are all the output"),
        ("n_gt_1", "two candidates; the first has thought, text, thought, text"),
        ("parallel_tool_calls", "two functionCall parts without ids, only the first is signed"),
        ("prompt_blocked", "no candidates, blockReason MODEL_ARMOR, usageMetadata holds trafficType alone"),
        ("recitation", "STOP twice, then a candidate with nothing but RECITATION"),
        ("stream_err_503_raw_json", "'Okay', STOP with 2301 in and 1 out, then a bare error 503"),
        ("stream_fc_partial_args", "read_theme comes whole without args, then three calls whose $.id comes in pieces"),
        ("stream_prompt_blocked", "promptFeedback alone, no blank line at the end"),
        ("stream_thoughts_then_max_tokens", "one word of text, and no candidatesTokenCount: 29 + 59 = 88"),
        ("stream_two_finish_reasons", "STOP on the seventh chunk and on the last, code run in between"),
        ("stream_utf8_quotes", "four chunks, no finishReason anywhere"),
        ("thought_signature_call", "id ewfqe3jj, STOP, finishMessage 'Model generated function call(s).'"),
        ("tool_no_args", "$.location in two pieces, the second empty; a functionCall of {} closes each call"),
        ("unexpected_tool_call", "UNEXPECTED_TOOL_CALL although the call is there, args {}"),
        ("url_context", "the signature and the grounding come together in the last chunk, behind an empty text"),
    )

    def native_kind(self, block: Any) -> str:
        return next((field for field in gemini_reader.DATA if field in block), "unknown")

    def without_part(self, body: Any, place: int) -> Any:
        first, *others = body["candidates"]
        parts = [part for at, part in enumerate(first["content"]["parts"]) if at != place]
        return {**body, "candidates": [{**first, "content": {**first["content"], "parts": parts}}, *others]}

    @staticmethod
    def instruction(body: Any) -> str | None:
        return next((key for key in ("systemInstruction", "system_instruction") if body.get(key) is not None), None)

    def count_messages(self, body: Any) -> int:
        return len(body["contents"]) + (self.instruction(body) is not None)

    def without_message(self, body: Any, place: int) -> Any:
        instruction = self.instruction(body)
        place -= instruction is not None
        if place < 0:
            return {key: value for key, value in body.items() if key != instruction}
        return {**body, "contents": [content for at, content in enumerate(body["contents"]) if at != place]}

    def assert_signatures(self, expected: list[Any], parts: Iterable[Any]) -> None:
        found = [
            getattr(part, "signature", None) or getattr(part, "block", {}).get("thoughtSignature") or ""
            for part in parts
        ]
        assert_texts(expected, found if any(found) else [], "signature")

    def assert_citations(self, expected: dict[str, Any], parts: list[TextPart]) -> None:
        found = {citation.url for part in parts for citation in part.citations if citation.url}
        assert found == set(expected.get("cited", []))

    @pytest.mark.parametrize("name", ARRAYS)
    def test_array_is_the_sum_of_its_chunks(self, name: str) -> None:
        """Asked for a stream without ``alt=sse``, the host sends one list, which is one answer; it goes back as one."""
        chunks = self.body(name)
        assert len(chunks) > 1
        response = self.codec().decode_response(chunks)
        self.assert_response(self.expected()[name], response)
        decoder = self.codec().stream_decoder()
        events = [event for chunk in chunks for event in decoder.feed(ServerSentEvent("", json.dumps(chunk)))]
        assert collect([*events, *decoder.finish()]) == response
        encoded = self.codec().encode_response(response)
        self.assert_response(self.expected()[name], self.codec().decode_response(encoded))

    def test_page_of_a_proxy_is_an_error_that_keeps_the_status(self) -> None:
        """HTML where JSON was expected: the status alone says what it is."""
        case = self.case("err_html_404")
        error = self.codec().decode_error(404, {}, case.body)
        assert isinstance(error, errors.NotFoundError)
        assert error.message.startswith("Error 404 (Not Found)!!1 404. That")
        assert "<style>" not in error.message
