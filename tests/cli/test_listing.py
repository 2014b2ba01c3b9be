"""Tables and JSON on the screen."""

import json

from rich.console import Console

from minillm.cli.listing import print_json, print_table


def written(console: Console) -> str:
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_a_table_has_its_columns_and_numbers_to_the_right(console: Console) -> None:
    """So that sums can be compared at a glance."""
    print_table(console, ("name", "cost"), [("a", "$1"), ("b", "$100")], numbers=1)
    lines = [line.rstrip() for line in written(console).splitlines()]
    assert lines == ["name  cost", "a       $1", "b     $100"]


def test_text_of_a_file_cannot_steer_the_terminal(console: Console) -> None:
    """Neither by control sequences nor by markup."""
    print_table(console, ("name",), [("\x1b[31m[bold]x",)])
    assert "\x1b" not in written(console)
    assert "[bold]x" in written(console)


def test_json_is_one_value_and_nothing_else(console: Console) -> None:
    """However long its lines are."""
    value = {"a": ["x" * 500, "ü"]}
    print_json(console, value)
    assert json.loads(written(console)) == value


def test_json_cannot_steer_the_terminal(console: Console) -> None:
    """It is the same value all the same."""
    value = {"a\x9b31m": ["\x1b[2J", "\x7f", "gnp.\u202eexe", "\u200f"]}
    print_json(console, value)
    assert written(console).isascii()
    assert "\x1b" not in written(console)
    assert json.loads(written(console)) == value
