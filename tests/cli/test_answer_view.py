"""An answer on the screen while it comes."""

import io

import pytest
from rich.console import Console

from minillm import ChatNode, MockModel, ReasoningPart, ServerError, TextPart
from minillm.cli.answer_view import show_stream
from minillm.types import FinishReason, Message, Role


def text_of(console: Console) -> str:
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


async def test_the_words_come_as_they_are_but_harmless(console: Console) -> None:
    stream = ChatNode.root("").stream(MockModel(["a [bold]b[/]\n\x1b[2Jc"]), user="?")
    await show_stream(console, stream)
    assert text_of(console) == "a [bold]b[/]\n\\x1b[2Jc\n"
    assert stream.node.text == "a [bold]b[/]\n\x1b[2Jc"


async def test_reasoning_is_a_paragraph_before_the_answer(console: Console) -> None:
    answer = Message(Role.ASSISTANT, (ReasoningPart("Let me think."), TextPart("Paris.")))
    await show_stream(console, ChatNode.root("").stream(MockModel([answer]), user="?"))
    assert text_of(console) == "Let me think.\n\nParis.\n"


async def test_an_answer_without_words_prints_nothing(console: Console) -> None:
    stream = ChatNode.root("").stream(MockModel([""]), user="?")
    await show_stream(console, stream)
    assert text_of(console) == ""
    assert stream.node.response.finish_reason is FinishReason.STOP


async def test_a_stream_that_cannot_be_opened_raises_and_prints_nothing(console: Console) -> None:
    model = MockModel([ServerError("down")])
    with pytest.raises(ServerError):
        await show_stream(console, ChatNode.root("").stream(model, user="?", retry=0))
    assert text_of(console) == ""


async def test_a_terminal_gets_whole_words_on_its_lines_and_the_spinner_is_gone() -> None:
    console = Console(file=io.StringIO(), width=12, force_terminal=True, color_system=None, _environ={})
    await show_stream(console, ChatNode.root("").stream(MockModel(["one two three four five"]), user="?"))
    shown = text_of(console)
    assert shown.endswith("one two\nthree four\nfive\n")
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h")  # the cursor is back
