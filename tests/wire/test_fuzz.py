"""A short run of the fuzzer on every wire finds no fault; and it does find those that are planted."""

import time
from pathlib import Path
from typing import Any

import pytest

from minillm.wire import WIRES, get_codec
from tests.wire import corpus, fuzz
from tests.wire.fuzz import Fuzzer

CHAT = WIRES[0]
CASES = 70


@pytest.fixture(scope="module", autouse=True)
def needs_corpus() -> None:
    corpus.case("openai_chat", "text")  # skips, or fails where the corpus is required


@pytest.mark.parametrize("wire", WIRES)
def test_broken_bodies_streams_and_errors_give_values_or_typed_errors(wire: str) -> None:
    """Longer runs: ``python -m tests.wire.fuzz --wire ...``."""
    tally = Fuzzer(wire, seed=1).run(cases=CASES)
    assert tally.faults == {}
    assert set(tally.cases) == {"request", "response", "stream", "error", "neutral"}
    done = {(kind, step) for (kind, step), counts in tally.outcomes.items() if counts["done"] >= 3}
    assert {(kind, "other wires") for kind in ("request", "response", "stream", "error")} <= done


def test_the_same_seed_gives_the_same_cases() -> None:
    once, again = Fuzzer(CHAT, seed=3).run(cases=40), Fuzzer(CHAT, seed=3).run(cases=40)
    assert once.outcomes == again.outcomes
    assert once.outcomes != Fuzzer(CHAT, seed=4).run(cases=40).outcomes


class _Planted:
    """A codec of which one step does what it must not."""

    def __init__(self, fault: Any) -> None:
        self._codec = get_codec(CHAT)
        self._fault = fault

    def __getattr__(self, name: str) -> Any:
        return getattr(self._codec, name)

    def decode_error(self, *_: Any) -> Any:
        return self._fault()


def _untyped() -> Any:
    return {}["nothing"]


def _endless() -> Any:
    return _endless()


def _slow() -> Any:
    end = time.process_time() + 0.05
    while time.process_time() < end:
        pass
    return get_codec(CHAT).decode_error(500, {}, b"")


def _greedy() -> Any:
    kept = bytearray(fuzz.MEMORY[0] + 40 * 2**20)
    return get_codec(CHAT).decode_error(500, {}, b"{}" if kept else b"")


@pytest.mark.parametrize(
    ("fault", "named"),
    [(_untyped, "KeyError"), (_endless, "RecursionError"), (_slow, "slower than"), (_greedy, "more memory")],
)
def test_planted_faults_are_found_and_kept(
    fault: Any, named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fuzz, "SLOW", 0.04)
    monkeypatch.setattr(fuzz, "MEASURED", 4 if fault is _greedy else 1000)
    monkeypatch.setattr(fuzz, "KINDS", (("error", 1),))
    fuzzer = Fuzzer(CHAT, keep=tmp_path)
    fuzzer.codec = _Planted(fault)
    tally = fuzzer.run(cases=5)
    what, again = next(iter(tally.faults.items()))
    assert named in what, list(tally.faults)
    kept = [path.read_text("utf-8") for path in tmp_path.iterdir()]
    assert any(what in text and again[0] in text for text in kept)
    assert any(line.startswith("FAULT") for line in tally.lines())


def test_the_command_prints_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fuzz.main(["--wire", CHAT, "--case", "7", "--keep", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "| what | step | cases | came to |" in printed
    assert "cases: 1, faults: 0" in printed
