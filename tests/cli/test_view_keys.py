"""Keys by name, out of what terminals send."""

import pytest

from minillm.cli.view_keys import names


@pytest.mark.parametrize(
    ("sent", "keys"),
    [
        ("a", ["a"]),
        ("\x1b[A\x1b[B", ["up", "down"]),
        ("\x1bOC", ["right"]),
        ("\x1b[5~x\x1b[6~", ["page up", "x", "page down"]),
        ("\x1b", ["escape"]),
        ("\x1bq", ["escape", "q"]),
        ("\r\x7f\x03\x04", ["enter", "backspace", "interrupt", "q"]),
        ("\x1b[200~é\x1b[1;5D", ["é"]),
        ("\x00\x01", []),
        ("\x1b[", []),
        ("\x1bO", []),
        ("", []),
    ],
)
def test_what_is_sent_is_named(sent: str, keys: list[str]) -> None:
    assert list(names(sent)) == keys
