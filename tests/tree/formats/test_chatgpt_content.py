"""Each kind of content in ChatGPT's messages becomes parts that say the same."""

import pytest

from minillm.errors import ThreadFormatError
from minillm.report import Report
from minillm.tree.formats.chatgpt_content import read_citations, read_content
from minillm.types import AudioPart, Citation, ImagePart, NativePart, ReasoningPart, TextPart, VideoPart
from tests.tree.formats.exports import Words, chatgpt_contents

CONTENTS = {content["content_type"]: content for _, content in chatgpt_contents(Words())}


def test_a_picture_keeps_its_pointer_and_says_that_its_bytes_are_elsewhere() -> None:
    report = Report()
    parts = read_content(CONTENTS["multimodal_text"], "c", report)
    kinds = [type(part) for part in parts if not isinstance(part, NativePart)]
    assert kinds == [ImagePart, TextPart, TextPart, AudioPart, VideoPart]
    picture = next(part for part in parts if isinstance(part, ImagePart))
    assert picture.url == "file-service://file-1"
    assert picture.native is not None
    assert picture.native.data == {"width": 3}
    assert len(report.losses) == 3


def test_thoughts_become_reasoning() -> None:
    said = {"content_type": "thoughts", "thoughts": [{"summary": "S", "content": "C", "chunks": ["C"]}, "plain"]}
    assert read_content(said, "c", Report()) == (ReasoningPart("S\n\nC"), ReasoningPart("plain"))


def test_a_page_is_cited() -> None:
    said = {"content_type": "tether_quote", "url": "https://h", "title": "T", "text": "x"}
    assert read_content(said, "c", Report()) == (TextPart("x", (Citation("https://h", "T"),)),)


def test_an_unknown_kind_is_kept_whole_and_told() -> None:
    report = Report()
    said = {"content_type": "new", "x": [1]}
    assert read_content(said, "c", report) == (NativePart("chatgpt", said),)
    assert report.losses[0].path == "c"


def test_a_text_may_be_anything_but_of_another_kind() -> None:
    with pytest.raises(ThreadFormatError, match=r"c\.text: must be text"):
        read_content({"content_type": "code", "text": {"a": 1}}, "c", Report())


def test_odd_citations_are_passed_over() -> None:
    """They stay in the metadata as they are."""
    odd = {
        "citations": [3, {"metadata": {"url": 5}}, {"metadata": {"url": "u"}, "start_ix": "x"}],
        "content_references": 1,
    }
    assert read_citations(odd) == (Citation("u"),)
