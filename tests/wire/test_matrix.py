"""The conversion matrix in the docs is what the rewritings of the recorded bodies come to."""

from tests.wire import corpus, matrix


def test_the_matrix_in_the_docs_is_current() -> None:
    """If not: ``python -m tests.wire.matrix``, and read the difference."""
    corpus.case("openai_chat", "text")  # skips, or fails where the corpus is required
    page = matrix.PAGE.read_text("utf-8")
    written = page.partition(matrix.BEGIN)[2].partition(matrix.END)[0].strip()
    assert written == "\n".join(matrix.lines()).strip()


def test_every_pair_has_its_place() -> None:
    corpus.case("openai_chat", "text")
    text = "\n".join(matrix.lines())
    for source in matrix.NAMES.values():
        for target in matrix.NAMES.values():
            assert (f"**{source} → {target}**" in text) is (source != target)
