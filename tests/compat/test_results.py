"""Results in memory and on a disk: what was written before a kill is read."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from minillm.compat import Exchange, Results, Row, Verdict, load_results
from minillm.compat.results import ResultsFile
from minillm.errors import ConfigurationError

FACTS = {"targets": [{"name": "a"}, {"name": "b"}], "probes": ["plain", "n"], "started": "2026-01-01T00:00:00+00:00"}


def row(target: str = "a", probe: str = "plain", verdict: Verdict = Verdict.PASS, reason: str = "why") -> Row:
    exchange = Exchange("POST", "http://x/v1", {}, b"{}", 200, {}, b'{"a":1}', [(7, 0.1)], 0.1)
    return Row(target, probe, verdict, reason, {"streaming": True}, 0.5, Decimal("0.1"), [exchange])


def written(path: Path, *rows: Row, end: bool = True) -> Path:
    with ResultsFile(path, FACTS) as file:
        for each in rows:
            file.add(each)
        if end:
            file.end("done")
    return path


def test_they_come_back_as_they_were(tmp_path: Path) -> None:
    results = load_results(written(tmp_path / "r.jsonl", row(), row(probe="n", verdict=Verdict.FAIL)))
    assert list(results.rows.values()) == [row(), row(probe="n", verdict=Verdict.FAIL)]
    assert (results.ending, results.targets, results.probes) == ("done", ["a", "b"], ["plain", "n"])
    assert results.counts("a") == {"pass": 1, "fail": 1}


def test_a_file_that_was_cut_gives_what_it_holds(tmp_path: Path) -> None:
    """Killed within a line, and gone on with afterwards: the cut line swallows nothing."""
    path = written(tmp_path / "r.jsonl", row(), row(probe="n"), end=False)
    path.write_bytes(path.read_bytes()[:-40])
    results = load_results(path)
    assert [name for _, name in results.rows] == ["plain"]
    assert results.ending == ""
    written(path, row(probe="n", verdict=Verdict.FAIL))
    assert [each.verdict for each in load_results(path).rows.values()] == [Verdict.PASS, Verdict.FAIL]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds no results"),
        ("hello\n", ":1: no JSON"),
        ('{"kind":"request"}\n', "holds no results"),
        ("[1]\n", ":1: a JSON object"),
        ('{"kind":"run","format":9}\n', ":1: written by a newer version"),
        ('{"kind":"run","format":1}\n{"kind":"probe","target":"a"}\n', ":2: no finding"),
        ('{"kind":"run","format":1}\n{"kind":"probe","target":"a","probe":"n","verdict":"maybe","reason":""}\n', ":2:"),
    ],
)
def test_what_is_no_file_of_results_is_refused_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=r"r\.jsonl") as caught:
        load_results(path)
    assert words in str(caught.value)


def test_json_holds_the_matrix_and_no_evidence_unless_asked() -> None:
    results = Results(FACTS)
    results.add(row())
    value = json.loads(json.dumps(results.to_json()))
    assert value["matrix"] == {"plain": {"a": "pass"}, "n": {}}
    assert "exchanges" not in value["findings"][0]
    assert value["findings"][0]["usd"] == "0.1"
    assert results.to_json(evidence=True)["findings"][0]["exchanges"][0]["body"] == {"text": '{"a":1}'}
