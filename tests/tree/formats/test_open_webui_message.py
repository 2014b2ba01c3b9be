"""A message of Open WebUI and ours say the same, as far as it has places for it."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minillm.errors import ThreadFormatError
from minillm.report import Report
from minillm.tree.formats.open_webui_message import (
    message_from_open_webui,
    message_to_open_webui,
    read_metadata,
    write_metadata,
)
from minillm.tree.render.part_text import message_text
from minillm.types import FilePart, ImagePart, Message, ReasoningPart, TextPart, ToolCallPart, ToolResultPart
from tests.tree.messages import messages

HEAD = '<details type="reasoning" done="true" duration="2">\n<summary>Thought for 2 seconds</summary>'
THOUGHT = HEAD + "\n> hm\n> so\n</details>\n"


@given(messages)
@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
def test_what_comes_back_changed_was_told(message: Message) -> None:
    """Lossless or told, whatever the message."""
    report = Report()
    fields = message_to_open_webui(message, "m", report)
    back = message_from_open_webui(fields, "m")
    if not report:
        assert back == message


@given(messages)
@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
def test_no_text_is_lost(message: Message) -> None:
    """Every word a reader would see is still there for one."""
    fields = message_to_open_webui(message, "m", Report())
    back = message_from_open_webui(fields, "m")
    seen = message_text(back, reasoning=True)
    for part in message.parts:
        if isinstance(part, TextPart | ReasoningPart):
            assert all(line in seen for line in part.text.split("\n"))


def test_reasoning_keeps_open_webuis_own_heading() -> None:
    source = {"role": "assistant", "content": THOUGHT + "Four."}
    message = message_from_open_webui(source, "m")
    assert message.parts == (ReasoningPart("hm\nso"), TextPart("Four."))
    assert message_to_open_webui(message, "m", Report(strict=True)) == source


def test_a_users_details_are_text() -> None:
    """Only an answer thinks."""
    assert message_from_open_webui({"role": "user", "content": THOUGHT}, "m").text == THOUGHT


def test_a_text_that_would_be_read_as_reasoning_is_told() -> None:
    report = Report()
    message_to_open_webui(Message("assistant", THOUGHT), "m", report)
    assert [loss.what for loss in report.losses] == ["text that looks like Open WebUI's own reasoning block"]


def test_files_and_pictures() -> None:
    source = {
        "role": "user",
        "content": "x",
        "files": [
            {"type": "image", "url": "data:image/png;base64,AAAA"},
            {"type": "file", "id": "f", "name": "a.pdf", "content_type": "application/pdf", "file": {"data": {}}},
            {"type": "collection", "id": "c", "name": "Docs"},
        ],
    }
    message = message_from_open_webui(source, "m")
    assert message.parts[1] == ImagePart("image/png", "AAAA")
    assert message.parts[2] == FilePart("application/pdf", file_id="f", name="a.pdf")
    assert message_to_open_webui(message, "m", Report(strict=True)) == source


@pytest.mark.parametrize(
    "message",
    [
        Message("assistant", (TextPart("a"), ToolCallPart("1", "f", '{"x": 1}'))),
        Message("tool", (ToolResultPart("1", "f", "out", is_error=True),)),
        Message("user", "x", "Ann"),
        Message("critic", "x", origin=("h", "m")),
    ],
)
def test_tools_and_names_are_kept_in_keys_that_it_does_not_show(message: Message) -> None:
    back = message_from_open_webui(message_to_open_webui(message, "m", Report()), "m")
    assert (back, back.origin) == (message, message.origin)


def test_metadata_goes_to_its_places_and_comes_back() -> None:
    metadata = {"created_at": 5, "model": "m", "score": 3, "open_webui": {"usage": {"n": 1}, "done": False}}
    fields: dict[str, object] = {"role": "assistant", "content": ""}
    write_metadata(metadata, fields)
    assert (fields["timestamp"], fields["model"], fields["usage"], fields["done"]) == (5, "m", {"n": 1}, False)
    assert fields["minillm"] == {"metadata": {"score": 3}}
    assert read_metadata(fields, "m") == metadata


@given(
    st.dictionaries(st.sampled_from(["created_at", "model", "open_webui", "k"]), st.none() | st.integers() | st.text())
)
def test_metadata_of_any_kind_comes_back(metadata: dict[str, object]) -> None:
    fields: dict[str, object] = {"role": "assistant", "content": ""}
    write_metadata(metadata, fields)
    assert read_metadata(fields, "m") == metadata


@pytest.mark.parametrize(
    "source",
    [
        {"role": 3},
        {"content": ["x"]},
        {"files": 3},
        {"files": [3]},
        {"minillm": 3},
        {"role": "tool", "tool_call_id": 3},
        {"tool_calls": [3]},
        {"tool_calls": [{"id": 3}]},
    ],
)
def test_a_bad_field_is_refused_by_its_place(source: dict[str, object]) -> None:
    with pytest.raises(ThreadFormatError) as caught:
        message_from_open_webui(source, "m")
    assert str(caught.value).startswith("m")
