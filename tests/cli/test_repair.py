"""``minillm repair``: JSON on standard output and nothing else, and an exit code to build on."""

import contextlib
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.cli import main
from minillm.cli.repair import decoded, indented

BROKEN = '```json\n{"a": [1, 2,], "b": "ü'

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=("Cs",))),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(exclude_categories=("Cs",))), inner)
    ),
    max_leaves=20,
)


@pytest.mark.parametrize("options", [[], ["-"], ["--check"], ["-", "--check"]])
def test_standard_input_is_repaired_and_check_tells_so(
    options: list[str], typed: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    typed(BROKEN)
    assert main(["repair", *options]) == (1 if "--check" in options else 0)
    assert capsys.readouterr() == ('{"a":[1,2],"b":"ü"}\n', "")


def test_valid_json_stays_as_it_is(typed: Callable[[str], None], capsys: pytest.CaptureFixture[str]) -> None:
    typed('\n{"a" : 1.10}\n')
    assert main(["repair", "--check"]) == 0
    assert capsys.readouterr() == ('{"a" : 1.10}\n', "")


def test_a_file_is_read(own_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (own_folder / "said.txt").write_text(f"Here you are:\n{BROKEN}", "utf-8")
    assert main(["repair", "said.txt"]) == 0
    assert capsys.readouterr().out == '{"a":[1,2],"b":"ü"}\n'


@pytest.mark.parametrize("text", ["no json here", "I said [softly] no."])
def test_text_without_json_is_exit_code_2(
    text: str, typed: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    typed(text)
    assert main(["repair"]) == 2
    output, errors = capsys.readouterr()
    assert output == ""
    assert errors.startswith("minillm: standard input: ")


@pytest.mark.parametrize("blank", ["", " \n\t"])
def test_blank_input_is_nothing_to_repair(
    blank: str, typed: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    typed(blank)
    assert main(["repair", "--check"]) == 0
    assert capsys.readouterr() == ("", "standard input is blank: nothing to repair\n")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_every_encoding_of_json_is_read(
    encoding: str, typed: Callable[[bytes], None], capsys: pytest.CaptureFixture[str]
) -> None:
    typed('{"a": "ü"}'.encode(encoding))
    assert main(["repair", "--check"]) == 0
    assert capsys.readouterr().out == '{"a": "ü"}\n'


def test_bytes_that_are_no_text_are_named(typed: Callable[[bytes], None], capsys: pytest.CaptureFixture[str]) -> None:
    typed('{"a": "ü"}'.encode("latin-1"))
    assert main(["repair"]) == 2
    output, errors = capsys.readouterr()
    assert output == ""
    assert errors == "minillm: standard input: byte 7 (0xfc) is not utf-8 text; convert it first\n"


def test_an_indent_is_as_wide_as_asked(typed: Callable[[str], None], capsys: pytest.CaptureFixture[str]) -> None:
    typed('{"a": [1, {}], "b": "x\\n  y"}')
    assert main(["repair", "--indent", "4", "--check"]) == 0
    assert capsys.readouterr().out == '{\n    "a": [\n        1,\n        {}\n    ],\n    "b": "x\\n  y"\n}\n'


@given(values, st.integers(0, 9))
def test_indenting_never_changes_the_value(value: object, width: int) -> None:
    text = indented(value, width).decode()
    assert json.loads(text) == value
    assert text == json.dumps(value, indent=width, ensure_ascii=False) or "\x7f" in text


@given(st.binary(max_size=64))
def test_any_bytes_decode_or_are_refused_as_undecodable(data: bytes) -> None:
    with contextlib.suppress(UnicodeDecodeError):
        assert isinstance(decoded(data), str)


def test_a_terminal_is_told_that_it_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Terminal(io.TextIOWrapper):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal(io.BytesIO(b"[1")))
    assert main(["repair"]) == 0
    assert capsys.readouterr() == ("[1]\n", "reading from the terminal; Ctrl-D ends the input\n")
