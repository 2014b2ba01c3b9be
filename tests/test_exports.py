"""Every module says what it gives, and the public face gives what it says."""

import ast
import importlib
import subprocess
import sys

import pytest

import minillm
from tests.import_graph import REPOSITORY, module_name, read_sources

SOURCES = read_sources()
# A program, not a module to import from: its child runs it by its path.
PROGRAMS = {"local/child.py", "__main__.py"}


def public_definitions(source):
    """Classes and functions that a module defines itself under a public name."""
    kinds = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    return [node.name for node in ast.parse(source).body if isinstance(node, kinds) and not node.name.startswith("_")]


@pytest.mark.parametrize("path", [path for path in SOURCES if path not in PROGRAMS])
def test_a_module_lists_what_it_gives(path):
    """Every name in __all__ is there, once; that they are in order is for the linter to see."""
    module = importlib.import_module(module_name(path))
    if not hasattr(module, "__all__"):
        assert public_definitions(SOURCES[path]) == [], "public names, but no __all__"
        return
    names = list(module.__all__)
    assert len(set(names)) == len(names)
    assert [name for name in names if not hasattr(module, name)] == []


@pytest.mark.parametrize("name", minillm.__all__)
def test_a_public_name_resolves(name):
    """The face is lazy: a typo in its table would only show when the name is used."""
    assert getattr(minillm, name) is not None


def test_the_face_is_sorted_and_complete():
    """What type checkers see under TYPE_CHECKING is what the lazy table gives."""
    typed = {
        alias.asname
        for node in ast.walk(ast.parse(SOURCES["__init__.py"]))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname and not alias.asname.startswith("_")
    }
    assert typed == set(minillm.__all__) - {"__version__"}
    assert list(minillm.__all__) == sorted(minillm.__all__)


def test_every_error_is_public():
    """Who catches an error must be able to name it."""
    from minillm import errors

    assert set(errors.__all__) <= set(minillm.__all__)


def test_a_name_that_is_not_there_is_an_attribute_error():
    """Not an ImportError from inside, nor None."""
    with pytest.raises(AttributeError, match="no attribute 'ChatTree'"):
        minillm.ChatTree  # noqa: B018


def test_dir_shows_the_names_that_have_not_loaded_yet():
    """Completion in a notebook works on dir()."""
    program = "import minillm; print(set(minillm.__all__) <= set(dir(minillm)))"
    done = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


def test_star_import_gives_the_public_names():
    """It loads everything, and that must work too."""
    program = "import sys\nfrom minillm import *\nimport minillm\nprint(set(minillm.__all__) <= set(globals()))"
    done = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


def test_the_version_is_that_of_the_project():
    """Stamped in the package so that nothing has to look up metadata; it may not drift."""
    import tomllib

    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    assert minillm.__version__ == project["version"]
    changelog = (REPOSITORY / "CHANGELOG.md").read_text("utf-8")
    assert f"## [{minillm.__version__}]" in changelog or "## [Unreleased]" in changelog
