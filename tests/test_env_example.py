""".env.example names every variable that the package reads, and no other."""

import ast
import re

from minillm.providers import PROVIDERS
from tests.import_graph import REPOSITORY, read_sources

EXAMPLE = REPOSITORY / ".env.example"

# Read by name from the system, for what a name stands for anywhere; no setting of ours.
NOT_OURS = {"NO_COLOR", "TERM", "COLUMNS", "PATH", "HOME"}


def offered() -> set[str]:
    """The variables of .env.example: each on a line of its own, commented out or not."""
    return set(re.findall(r"^#? ?([A-Z][A-Z0-9_]*)=", EXAMPLE.read_text("utf-8"), re.MULTILINE))


def literal_reads(source: str) -> set[str]:
    """Names in ``os.environ["X"]``, ``os.environ.get("X")``, ``os.getenv("X")`` and ``"X" in os.environ``."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        name: ast.AST | None = None
        if isinstance(node, ast.Subscript) and is_environ(node.value):
            name = node.slice
        elif isinstance(node, ast.Call) and node.args and is_environment_read(node.func):
            name = node.args[0]
        elif isinstance(node, ast.Compare) and any(is_environ(side) for side in node.comparators):
            name = node.left
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            found.add(name.value)
    return found


def is_environ(node: ast.AST) -> bool:
    return (isinstance(node, ast.Attribute) and node.attr == "environ") or (
        isinstance(node, ast.Name) and node.id == "environ"
    )


def is_environment_read(function: ast.AST) -> bool:
    if not isinstance(function, ast.Attribute):
        return isinstance(function, ast.Name) and function.id == "getenv"
    return function.attr == "getenv" or (function.attr in ("get", "pop", "setdefault") and is_environ(function.value))


def read_by_the_code() -> set[str]:
    rows = {name for row in PROVIDERS.values() for name in (*row.key_env, *row.variables.values())}
    literal = set().union(*map(literal_reads, read_sources().values()))
    return (rows | literal) - NOT_OURS


def test_it_names_every_variable_that_is_read():
    """A newcomer copies it and fills in what he has."""
    assert read_by_the_code() - offered() == set()


def test_it_names_no_other():
    """A variable that nobody reads is a promise not kept."""
    assert offered() - read_by_the_code() == set()


def test_it_holds_no_value():
    """Copied as it is, it must change nothing: an empty key would hide the real one."""
    lines = [line for line in EXAMPLE.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    assert lines == []


def test_every_way_to_read_is_seen():
    """The scan finds what it is meant to find."""
    source = 'os.environ["A"]; environ.get("B"); os.getenv("C", ""); "D" in os.environ; getenv("E"); x["F"]; y.get("G")'
    assert literal_reads(source) == {"A", "B", "C", "D", "E"}
