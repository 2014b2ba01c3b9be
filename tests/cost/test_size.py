"""What a request holds that hosts count, and what it brings in unseen."""

import base64

import pytest

from minillm.cost.size import measure
from minillm.cost.tokens import count_text
from minillm.types import (
    ChatRequest,
    CompletionParameters,
    FilePart,
    ImagePart,
    Message,
    NativePart,
    NativeTool,
    ReasoningPart,
    RefusalPart,
    ResponseFormat,
    TextPart,
    ToolCallPart,
    ToolDefinition,
    ToolResultPart,
    VideoPart,
)

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}}


def size_of(*messages, **more):
    return measure(ChatRequest("m", messages, **more))


def test_texts_of_all_kinds():
    size = size_of(
        Message("user", "One two"),
        Message("assistant", (TextPart("three"), RefusalPart("four"), ToolCallPart("c", "five", '{"six": 7}'))),
        Message("tool", (ToolResultPart("c", "five", (TextPart("eight"), ImagePart(url="https://a.test/b.png"))),)),
        Message("tool", (ToolResultPart("d", "five", "nine"),), name="ten"),
    )
    said = ("One two", "three", "four", "five", '{"six": 7}', "eight", "nine", "ten")
    assert size.text.likely == pytest.approx(sum(count_text(text).likely for text in said))
    assert (size.messages, size.calls, len(size.media), size.unseen) == (4, 3, 1, ())


def test_tools_and_schemas_are_counted_as_they_are_written():
    tool = ToolDefinition("add", "Adds.", SCHEMA)
    form = ResponseFormat("json_schema", SCHEMA, description="An answer.")
    size = size_of(tools=(tool, tool), parameters=CompletionParameters(response_format=form))
    written = count_text('{"type":"object","properties":{"a":{"type":"integer"}}}').likely
    assert size.tool_count == 2
    assert size.tools.likely == pytest.approx(2 * (count_text("add").likely + count_text("Adds.").likely + written))
    assert size.schema.likely == pytest.approx(written + count_text("An answer.").likely)


def test_a_schema_in_the_hosts_own_words():
    size = size_of(parameters=CompletionParameters(extra={"output_format": {"schema": SCHEMA}}))
    assert size.schema.likely > 5


def test_thinking_is_apart():
    size = size_of(Message("assistant", (ReasoningPart("thinking aloud"), ReasoningPart(sealed="x" * 800))))
    assert size.reasoning.likely == pytest.approx(100 + count_text("thinking aloud").likely)
    assert size.text.likely == 0


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (ChatRequest("m", tools=(NativeTool("w", {"type": "web_search"}),)), "own tool web_search"),
        (ChatRequest("m", tools=(NativeTool("w", {"googleSearch": {}}),)), "own tool googleSearch"),
        (ChatRequest("m", extra={"previous_response_id": "r"}), "previous_response_id"),
        (ChatRequest("m", parameters=CompletionParameters(extra={"conversation": "c"})), "conversation"),
        (ChatRequest("groq/compound"), "by itself"),
        (ChatRequest("x/y:online"), "by itself"),
        (ChatRequest("m", (Message("user", (FilePart(file_id="f"),)),)), "file given by reference"),
        (ChatRequest("m", (Message("user", (FilePart(url="https://a.test/b.pdf"),)),)), "file given by reference"),
        (ChatRequest("m", (Message("user", (VideoPart(data="AAAA"),)),)), "video of unknown length"),
        (ChatRequest("m", (Message("user", (FilePart(data="AAAA", mime="application/zip"),)),)), "document of unknown"),
        (ChatRequest("m", (Message("assistant", (NativePart("w", {"type": "x"}),)),)), "block of w"),
    ],
)
def test_what_nobody_here_can_see_is_named(request_, reason):
    assert reason in "; ".join(measure(request_).unseen)


def test_a_file_of_text_and_a_picture_by_address_are_bounded():
    text = FilePart(mime="text/plain", data=base64.b64encode(b"hello there").decode())
    assert size_of(Message("user", (text, ImagePart(url="https://a.test/b.png")))).unseen == ()
