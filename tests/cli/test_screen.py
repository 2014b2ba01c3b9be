"""How mistakes and asides are told."""

import pytest
from rich.console import Console

from minillm import ConfigurationError, ServerError, ThreadFormatError
from minillm.cli.screen import complain, note, words_of


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConfigurationError("no such thing"), "no such thing"),
        (ThreadFormatError("is broken", path="a.json", place="line 2"), "a.json: line 2: is broken"),
        (ServerError("down", status=503, host="groq"), "ServerError: groq 503: down"),
        (FileNotFoundError(2, "No such file or directory", "a.json"), "a.json: No such file or directory"),
        (OSError(28, "No space left on device"), "No space left on device"),
    ],
)
def test_an_error_is_told_as_people_read_it(error: Exception, words: str) -> None:
    assert words_of(error) == words


def test_words_are_neither_markup_nor_control_sequences(console: Console) -> None:
    complain("[red]\x1b]0;title\x07", console)
    note(console, "[/nothing] \u202eesrever")
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert shown == "minillm: [red]\\x1b]0;title\\x07\n[/nothing] \\u202eesrever\n"


def test_a_long_message_is_not_broken_into_lines(console: Console) -> None:
    complain("word " * 100, console)
    assert console.file.getvalue().count("\n") == 1  # type: ignore[attr-defined]
