"""Tests mirror the package: minillm/wire/sse.py is tested by tests/wire/test_sse.py, and nothing else claims to be."""

from tests.import_graph import REPOSITORY, read_sources

TESTS = REPOSITORY / "tests"

# Without a test file of its own, and why.
UNMIRRORED = {
    "__main__.py": "one line; the tests of the cli run it",
    "types/json_value.py": "names of types; nothing runs",
    "types/native.py": "a type alias and one value; every codec test uses it",
}

# Test files that belong to no single module: what they are about is in their first line.
OF_THE_WHOLE = {"examples", "peers", "typing", "benchmarks", "data"}


def modules():
    return [path for path in read_sources() if not path.endswith("__init__.py")]


def test_path(module: str) -> str:
    folder, slash, name = module.rpartition("/")
    return f"{folder}{slash}test_{name.lstrip('_')}"


test_path.__test__ = False  # type: ignore[attr-defined]  # it only is called like one


def test_every_module_has_its_tests():
    """A reader of a module knows where to look, and a gap shows."""
    missing = [m for m in modules() if m not in UNMIRRORED and not (TESTS / test_path(m)).exists()]
    assert missing == []


def test_the_exceptions_are_still_needed():
    """An exception whose reason is gone goes too."""
    assert [m for m in UNMIRRORED if m not in modules() or (TESTS / test_path(m)).exists()] == []


def test_every_test_file_says_what_it_is_about():
    """One sentence, at its top."""
    files = sorted(TESTS.rglob("test_*.py"))
    assert [str(path) for path in files if not path.read_text("utf-8").startswith('"""')] == []
