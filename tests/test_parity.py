"""The page on parity: every row is there once, and the names and tests on it exist."""

import functools
import importlib
import re

import pytest

from minillm.chat import Options
from tests.import_graph import REPOSITORY

PAGE = REPOSITORY / "docs" / "parity.md"
TESTS = REPOSITORY / "tests"

ROOMS = {
    *("caching", "cli", "cost", "files", "gateway", "media", "operations", "providers", "recipes"),
    *("routing", "tools", "transforms", "tree functions"),
}

# Mark on the page -> what stands before its numbers.
TABLES = {"minillmlib": "", "llm_adapter": "", "defects": "B", "losses": "L"}

Row = list[str]


@functools.cache
def rows(table: str) -> tuple[int, list[Row]]:
    """How many rows the table says it has, and those it has: cells without their outer space."""
    text = PAGE.read_text("utf-8")
    mark = re.search(rf"<!-- {table}: (\d+) -->\n", text)
    assert mark, f"docs/parity.md has no table {table}"
    block = text[mark.end() :].strip().split("\n\n")[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()]
    return int(mark[1]), [row for row in cells[2:] if row[0]]


ALL = [pytest.param(table, row, id=f"{table}-{row[0]}") for table in TABLES for row in rows(table)[1]]
NAMED = [pytest.param(row, id=f"{table}-{row[0]}") for table in ("minillmlib", "llm_adapter") for row in rows(table)[1]]


@pytest.mark.parametrize("table", TABLES)
def test_every_row_is_there_once_and_in_order(table: str) -> None:
    count, found = rows(table)
    assert [row[0] for row in found] == [f"{TABLES[table]}{i}" for i in range(1, count + 1)]


def test_the_tables_are_as_long_as_what_they_mirror() -> None:
    assert [rows(table)[0] for table in TABLES] == [124, 104, 41, 39]


@pytest.mark.parametrize(("table", "row"), ALL)
def test_a_row_is_held_by_tests_or_says_why_not(table: str, row: Row) -> None:
    """A test, ``coming:`` with a known room, or ``no:`` with a reason; and what it names is there."""
    held = row[-1]
    tests = re.findall(r"`([\w/]+\.py)::(\w+)(?:\[(\w+)\])?`", held)
    coming = re.findall(r"coming: ([a-z ]+?)(?= \(|;|$)", held)
    assert tests or coming or "no: " in held
    assert set(coming) <= ROOMS, coming
    assert held.count("coming:") == len(coming)
    assert held.count("::") == len(tests), "a test is written `file.py::name`"
    for file, name, case in tests:
        check_test(file, name, case)


def check_test(file: str, name: str, case: str) -> None:
    path = TESTS / file
    assert path.is_file(), f"tests/{file} is gone"
    source = path.read_text("utf-8")
    assert re.search(rf"^((async )?def|class) {name}\(", source, re.MULTILINE), f"tests/{file} has no {name}"
    if case:
        assert re.search(rf'^@defect\(.*"{case}"', source, re.MULTILINE), f"tests/{file} has no check of {case}"


@pytest.mark.parametrize("row", NAMED)
def test_every_name_of_ours_resolves(row: Row) -> None:
    """A row that is held by a test names something; each name can be imported, each option given."""
    here = row[2]
    names = re.findall(r"`([^`]+)`", here)
    assert names or here == "—"
    assert names or row[-1].startswith(("coming: ", "no: "))
    assert re.sub(r"`[^`]+`|, ", "", here) in ("", "—"), "the column holds names only"
    for name in names:
        if name.endswith("="):
            assert name[:-1] in Options.__annotations__ or name[:-1] in inherited_options(), name
        else:
            resolve(name)


def inherited_options() -> set[str]:
    return {name for base in getattr(Options, "__orig_bases__", ()) for name in getattr(base, "__annotations__", ())}


def resolve(name: str) -> object:
    """What ``minillm.<name>`` is; modules are imported on the way."""
    found: object = importlib.import_module("minillm")
    path = "minillm"
    for step in name.split("."):
        path = f"{path}.{step}"
        if hasattr(found, step):
            found = getattr(found, step)
        elif step in getattr(found, "__dataclass_fields__", ()):
            found = found.__dataclass_fields__[step]  # type: ignore[attr-defined]
        else:
            found = importlib.import_module(path)
    return found


def test_every_check_of_a_defect_is_on_the_page() -> None:
    """None stands in the tests that a reader of the page would not find."""
    checked: set[str] = set()
    for path in (TESTS / "wire").glob("test_defects_*.py"):
        for line in re.findall(r"^@defect\((.*)\)$", path.read_text("utf-8"), re.MULTILINE):
            checked |= set(re.findall(r'"(\w+)"', line))
    listed = {
        case for table in ("defects", "losses") for row in rows(table)[1] for case in re.findall(r"\[(\w+)\]", row[-1])
    }
    assert checked == listed


def test_a_wrong_name_is_found() -> None:
    """The checks of this file can fail."""
    with pytest.raises(ModuleNotFoundError):
        resolve("ChatNode.no_such_name")
    with pytest.raises(AssertionError):
        check_test("test_parity.py", "test_that_is_not_there", "")
