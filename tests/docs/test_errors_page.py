"""docs/errors.md: the tree is the one of minillm.errors, every error has a row, and what it says of retrying is so."""

import inspect
import re
from textwrap import dedent

import pytest

from minillm import errors
from minillm.errors import APIError, MiniLLMError, OutputError
from minillm.wire.errors import _STATUSES, _WORDS
from tests.import_graph import REPOSITORY

PAGE = (REPOSITORY / "docs" / "errors.md").read_text("utf-8")
DRAWN = inspect.getdoc(errors) or ""
ROWS = {
    cells[0].strip("` "): [cell.strip() for cell in cells[1:]]
    for line in PAGE.splitlines()
    if line.startswith("| `") and len(cells := line.strip("|").split("|")) == 4
}
HTTP = {
    kind: {again for other, again in [*_STATUSES.values(), *_WORDS.values()] if other is kind}
    for kind, _ in [*_STATUSES.values(), *_WORDS.values()]
}


def test_the_tree_is_drawn_as_in_the_module() -> None:
    drawn = dedent(DRAWN.split("\n\n")[1]).replace("``", "")
    assert drawn.startswith("MiniLLMError ")
    assert f"```text\n{drawn}\n```" in PAGE


def test_every_error_has_a_row_in_the_order_of_the_tree() -> None:
    """So the table is read beside the tree."""
    in_order = re.findall(r"^[ │├└─]*([A-Z]\w+)\b", DRAWN.split("\n\n")[1], re.MULTILINE)
    assert list(ROWS) == in_order
    assert set(in_order) | {"LossWarning"} == set(errors.__all__)
    assert "`LossWarning`" in PAGE


@pytest.mark.parametrize("name", ROWS)
def test_a_row_says_when_and_what_to_do(name: str) -> None:
    when, advice, again = ROWS[name]
    assert when
    assert advice
    assert re.match(r"(yes|no|it tells)\b", again), again


@pytest.mark.parametrize("name", ROWS)
def test_whether_to_ask_again_is_what_the_code_says(name: str) -> None:
    """By the tables of statuses where hosts decide, by the default of the class where it alone does."""
    kind, again = getattr(errors, name), ROWS[name][2]
    if issubclass(kind, APIError) and kind is not APIError:
        decided = HTTP.get(kind, {kind("").retryable})
        assert again.partition(":")[0] == {(True,): "yes", (False,): "no"}.get(tuple(decided), "it tells")
    elif issubclass(kind, OutputError):
        assert again == "yes"
    assert issubclass(kind, MiniLLMError)
