"""json-repair, kept within bounds."""

import json_repair
import pytest

from minillm.json.metered import TooMuchWork, repaired


def test_the_result_is_of_plain_types() -> None:
    value = repaired('{"key": ["text", {"inner": \'more\'}], other: words, "last": "one"}')
    assert value == {"key": ["text", {"inner": "more"}], "other": "words", "last": "one"}
    kinds = {type(item) for item in (*value, *value["key"][:1], *value["key"][1], value["other"], value["last"])}
    assert kinds == {str}


def test_numbers_json_does_not_have_are_named() -> None:
    assert repaired('{"a": 1e400, "b": [-1e400], c: x}') == {"a": "Infinity", "b": ["-Infinity"], "c": "x"}


@pytest.mark.parametrize("text", [(")“" + "'{]" * 1000)[:3000], "'1a" + "]{a" * 1000, '{"a": "' + 'x"y' * 40_000])
def test_work_without_end_is_cut_off(text: str) -> None:
    with pytest.raises(TooMuchWork):
        repaired(text, looks=50_000)


def test_a_plain_fault_costs_a_few_looks_a_character() -> None:
    text = "{" + ", ".join(f"'key{n}': 'some words'" for n in range(1000)) + "}"
    assert len(repaired(text, looks=6 * len(text))) == 1000


def test_what_it_lets_out_is_a_value_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise AssertionError("a guess went wrong")

    monkeypatch.setattr(json_repair, "repair_json", broken)
    with pytest.raises(ValueError, match="gave up"):
        repaired("{a}")


def test_nesting_beyond_the_recursion_limit_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="gave up"):
        repaired("[{a:" * 2000, looks=10_000_000)
