"""Lists of OpenAI-style messages, what the files of several formats are made of."""

import pytest

from minillm.errors import EncodeError, ThreadFormatError
from minillm.report import Report
from minillm.tree import Node
from minillm.tree.formats.chat_lines import decode_messages, encode_messages, leaves_of, said_at, tell_metadata
from minillm.types import Message, NativePart, ReasoningPart, TextPart


def test_losses_name_the_line() -> None:
    report = Report()
    encode_messages([Message("user", (NativePart("w", {}), TextPart("x")))], "line 3", report, None)
    assert report.losses[0].path == "line 3.messages[0].content[0]"
    with pytest.raises(EncodeError):
        encode_messages([Message("user", (NativePart("w", {}), TextPart("x")))], "", Report(strict=True), None)


def test_reasoning_goes_where_it_is_asked_to() -> None:
    answer = Message("assistant", (ReasoningPart("hm"), TextPart("x")))
    assert encode_messages([answer], "", Report(), None) == [{"role": "assistant", "content": "x"}]
    assert encode_messages([answer], "", Report(), "reasoning_content")[0]["reasoning_content"] == "hm"


def test_an_empty_system_message_is_left_out() -> None:
    assert encode_messages([Message("system", ""), Message("user", "")], "", Report(), None) == [
        {"role": "user", "content": ""}
    ]


def test_a_bad_list_is_refused_by_its_place() -> None:
    with pytest.raises(ThreadFormatError, match=r"line 1\.messages"):
        decode_messages(3, "line 1.messages", Report())
    with pytest.raises(ThreadFormatError) as caught:
        decode_messages([{"role": "user"}, 3], "line 1", Report())
    assert caught.value.place == "line 1[1]"


def test_conversations_end_at_leaves() -> None:
    root = Node.root("{a}")
    root.format_kwargs["a"] = "A"
    one, two = root.add_user("1"), root.add_user("2")
    assert list(leaves_of(root)) == list(leaves_of([one, two])) == [one, two]
    assert [message.text for message in said_at(one)] == ["A", "1"]


def test_metadata_is_told_unless_it_is_carried() -> None:
    node, report = Node.root("x"), Report()
    node.metadata["score"] = 1
    tell_metadata([node], "", report, {"score": None})
    assert not report
    tell_metadata([node], "", report)
    assert len(report.losses) == 1
