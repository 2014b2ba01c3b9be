"""Every block of code on the pages runs as it stands, and says what is true."""

import ast
import json
import tomllib
from pathlib import Path

import pytest

from minillm.observe import LOGGER
from tests.docs import pictures
from tests.docs.blocks import Block, blocks, named, pages
from tests.docs.running import namespace, prepare, run_block
from tests.import_graph import REPOSITORY
from tests.local.conftest import demand_model

EXAMPLES = {example.read_text("utf-8") for example in (REPOSITORY / "examples").glob("*.py")}  # run in their own test
WITH_PYTHON = [page for page in pages() if any(blocks(page, "python"))]
MODEL = {"docs/local.md"}  # what they show is the real one


@pytest.mark.parametrize(
    "page",
    [pytest.param(page, marks=[pytest.mark.local] if named(page) in MODEL else []) for page in WITH_PYTHON],
    ids=named,
)
async def test_the_python_of_a_page_runs_from_top_to_bottom(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One program a page, with the names that its text says are there; where a comment gives a value, it is so."""
    if named(page) in MODEL:
        demand_model()
    prepare(monkeypatch, tmp_path)
    names, level = await namespace(page), LOGGER.level
    try:
        for block in blocks(page, "python"):
            if block.not_run is None and block.text not in EXAMPLES:
                await run_block(block, names, capsys)
    finally:
        LOGGER.setLevel(level)  # not by monkeypatch: loggers remember what was enabled
    for picture in tmp_path.glob("*.svg"):
        assert pictures.words(picture) == pictures.words(pictures.PICTURES / picture.name), f"see {pictures.__name__}"


def test_what_does_not_run_says_why_and_is_python() -> None:
    """Few, each for a reason that a reader would accept."""
    left = [block for page in WITH_PYTHON for block in blocks(page, "python") if block.not_run]
    assert len(left) <= 6, left
    for block in left:
        assert block.not_run
        assert len(block.not_run) > 10
        compile(block.text, str(block), "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@pytest.mark.parametrize("block", [block for page in pages() for block in blocks(page, "json", "jsonl")], ids=str)
def test_json_is_json(block: Block) -> None:
    for text in [block.text] if block.language == "json" else block.text.splitlines():
        json.loads(text)


@pytest.mark.parametrize("block", [block for page in pages() for block in blocks(page, "toml")], ids=str)
def test_toml_is_toml(block: Block) -> None:
    assert tomllib.loads(block.text)


def test_every_set_up_belongs_to_a_page() -> None:
    """One that is left over is deleted with its page."""
    stems = {page.stem.replace("-", "_") for page in pages()} | {"every_page"}
    given = REPOSITORY / "tests" / "docs" / "given"
    assert [file.name for file in given.glob("*.py") if file.stem not in stems] == []
