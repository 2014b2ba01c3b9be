"""Errors are read by people in terminals and by programs."""

import pickle

import pytest

from minillm import ConfigurationError
from minillm.config_file import ConfigFileError, Problem
from minillm.config_file.problems import closest, key_path, quoted


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("m", "a.b", 3, 5, "f.toml"), "f.toml:3:5: a.b: m"),
        (Problem("m", "", 3, None, "f.toml"), "f.toml:3: m"),
        (Problem("m", "a", 3, 5), "line 3:5: a: m"),
        (Problem("m", file="f.toml"), "f.toml: m"),
        (Problem("m"), "m"),
    ],
)
def test_a_problem_in_words(problem, text):
    """As compilers write it, so that editors link the place."""
    assert str(problem) == text


def test_the_error_speaks_of_its_first_and_tells_all():
    """Ten of them, and how many more."""
    error = ConfigFileError([Problem(f"m{n}", f"k{n}", n + 1, 2, "f.toml") for n in range(13)])
    assert isinstance(error, ConfigurationError)
    assert (error.file, error.line, error.column, error.key) == ("f.toml", 1, 2, "k0")
    assert str(error).splitlines()[9:] == ["f.toml:10:2: k9: m9", "and 3 more"]
    assert len(error.problems) == 13


def test_it_crosses_processes():
    """Pickled and back, all of it."""
    error = pickle.loads(pickle.dumps(ConfigFileError([Problem("m", "k", 1, 2, "f")])))
    assert (str(error), error.problems) == ("f:1:2: k: m", (Problem("m", "k", 1, 2, "f"),))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("steps", 2, "model"), "steps[2].model"),
        (("a-b", "c d"), 'a-b."c d"'),
        ((), ""),
        (("x" * 99,), '"' + "x" * 37 + '..."'),
    ],
)
def test_key_paths(path, text):
    """As TOML would write them."""
    assert key_path(path) == text


def test_quotes_are_printable():
    """No escape sequence of a terminal gets through."""
    assert quoted('a"\x1b[31m\\') == '"a\\"\\x1b[31m\\\\"'


def test_the_closest_word():
    """A misspelt key is recognised, a strange one is not."""
    assert closest("modle", ["model", "prompt"]) == '; did you mean "model"?'
    assert closest("Model", ["model", "prompt"]) == '; did you mean "model"?'
    assert closest("zebra", ["model", "prompt"]) == ""
