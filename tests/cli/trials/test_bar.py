"""What is seen of a run while it lasts."""

import io

from rich.console import Console

from minillm.cli.trials.bar import RunBar


def test_a_terminal_sees_how_far_it_is() -> None:
    console = Console(file=io.StringIO(), width=100, force_terminal=True, _environ={"TERM": "xterm"})
    with RunBar(console, "asking", 7) as bar:
        bar.step("a [b]model[/b] \x1b[2J", "1 failed")
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    assert "a [b]model[/b]" in text
    assert "\x1b[2J" not in text
    assert "1/7" in text
    assert "1 failed" in text


def test_without_a_terminal_there_is_none(console: Console) -> None:
    with RunBar(console, "asking", 7) as bar:
        bar.step("a", "b")
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue() == ""
