"""A page run from top to bottom as one program, in front of a host that answers anything."""

import ast
import inspect
import io
import re
import tokenize
from pathlib import Path
from typing import Any

import pytest

from minillm.cost import calibration
from minillm.observe import LOGGER, hooks
from minillm.providers.catalog import PROVIDERS
from tests.docs.blocks import Block
from tests.docs.obliging_host import obliging

GIVEN = Path(__file__).parent / "given"


def prepare(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Every host is the obliging one, every key is there, and files go to ``folder``."""
    from minillm.client import exchange

    transport = obliging()
    monkeypatch.setattr(exchange, "default_transport", lambda: transport)
    for row in PROVIDERS.values():
        for name in (*row.key_env, *row.variables.values()):
            monkeypatch.setenv(name, "not-a-key")
    monkeypatch.chdir(folder)
    # What a page does to the whole process ends with the page.
    monkeypatch.setattr(hooks, "_everywhere", ())
    monkeypatch.setattr(hooks, "count", 0)
    monkeypatch.setattr(calibration, "_default", calibration.Calibration())
    monkeypatch.setattr(LOGGER, "handlers", list(LOGGER.handlers))


async def namespace(page: Path) -> dict[str, Any]:
    """What a page's text says is there: what every page may use, then its own file under ``given/``."""
    names: dict[str, Any] = {"__name__": "page"}
    for given in (GIVEN / "every_page.py", GIVEN / f"{page.stem.replace('-', '_')}.py"):
        if given.exists():
            await execute(given.read_text("utf-8"), str(given), 1, names)
    return names


async def run_block(block: Block, names: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """Run it, and hold each ``expression  # value`` to what the comment says, and what it prints to the block below."""
    for value, said in await execute(block.text, str(block.page), block.line, names):
        assert value == said, f"{block}: {value!r}, but the page says {said!r}"
    printed = capsys.readouterr().out
    if block.prints is not None:
        assert printed == block.prints, block


async def execute(source: str, file: str, line: int, names: dict[str, Any]) -> list[tuple[Any, Any]]:
    """Run the source with await at its top; gives the values of those expressions that a comment gives too."""
    tree = ast.parse("\n" * (line - 1) + source, file)
    said = _comments(source, line)
    held: list[Any] = []
    for number, statement in enumerate(tree.body):
        if isinstance(statement, ast.Expr) and statement.end_lineno in said:
            kept = ast.parse("__held.append(0)").body[0]
            assert isinstance(kept, ast.Expr)
            assert isinstance(kept.value, ast.Call)
            kept.value.args = [statement.value]
            held.append(said[statement.end_lineno])
            tree.body[number] = ast.copy_location(kept, statement)
    values = names["__held"] = []
    code = compile(ast.fix_missing_locations(tree), file, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    running = eval(code, names)
    if inspect.iscoroutine(running):
        await running
    del names["__held"]
    return list(zip(values, held, strict=True))


def _comments(source: str, line: int) -> dict[int, Any]:
    """The comments that are a value, or begin with one and a colon, by line."""
    values = {}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and token.line.strip() != token.string:
            text = token.string.removeprefix("#").strip()
            for words in (text, re.split(r"[:;] ", text)[0]):
                try:
                    values[token.start[0] + line - 1] = ast.literal_eval(words)
                except (ValueError, SyntaxError):
                    continue
                break
    return values
