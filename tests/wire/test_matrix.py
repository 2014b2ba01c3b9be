"""The tables in the docs are what the recorded bodies and their rewritings come to."""

import pytest

from tests.wire import corpus, counts, matrix


@pytest.fixture(scope="module", autouse=True)
def needs_corpus() -> None:
    corpus.case("openai_chat", "text")  # skips, or fails where the corpus is required


def between(page: str, begin: str, end: str) -> str:
    return page.partition(begin)[2].partition(end)[0].strip()


def test_the_matrix_in_the_docs_is_current() -> None:
    """If not: ``python -m tests.wire.matrix``, and read the difference."""
    page = matrix.PAGE.read_text("utf-8")
    assert between(page, matrix.BEGIN, matrix.END) == "\n".join(matrix.lines()).strip()


def test_the_counts_in_the_docs_are_current() -> None:
    page = matrix.PAGE.read_text("utf-8")
    assert between(page, counts.BEGIN, counts.END) == "\n".join(counts.lines()).strip()


def test_every_pair_has_its_place() -> None:
    text = "\n".join(matrix.lines())
    for source in matrix.NAMES.values():
        for target in matrix.NAMES.values():
            assert (f"**{source} → {target}**" in text) is (source != target)


def test_the_checks_named_are_there() -> None:
    files = ("recorded.py", "test_recorded_chat.py", "test_recorded_gemini.py")
    files += ("test_recorded_responses.py", "test_rewrite.py")
    code = "".join((corpus.REPOSITORY / "tests" / "wire" / name).read_text("utf-8") for name in files)
    assert [test for _, test, _ in counts.CHECKED if f"def test_{test}(" not in code] == []


def test_all_recorded_cases_are_counted() -> None:
    """Every exchange is an answer, a stream or a refusal."""
    for wire in counts.WIRES:
        assert len(counts.cases(wire)) == len(counts.verdicts(wire))
        assert counts.answers(wire) + counts.streams(wire) + counts.refusals(wire) == len(counts.cases(wire))
