"""A .env file: only when asked, never over the environment, and never shown."""

import os
import traceback

import pytest

from minillm import ConfigurationError, load_env


@pytest.fixture
def env_file(tmp_path, monkeypatch):
    for name in ("MINILLM_A", "MINILLM_B", "MINILLM_C"):
        # Set and taken away, so that what the test sets is taken away too.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)

    def write(text):
        path = tmp_path / ".env"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_what_is_missing_is_set(env_file):
    taken = load_env(env_file("MINILLM_A=1\nexport MINILLM_B='two words'  # why\n"))
    assert taken == {"MINILLM_A": True, "MINILLM_B": True}
    assert (os.environ["MINILLM_A"], os.environ["MINILLM_B"]) == ("1", "two words")


def test_the_environment_wins(env_file, monkeypatch):
    monkeypatch.setenv("MINILLM_A", "mine")
    assert load_env(env_file("MINILLM_A=theirs\n")) == {"MINILLM_A": False}
    assert os.environ["MINILLM_A"] == "mine"


def test_even_an_empty_variable_wins(env_file, monkeypatch):
    """Whoever empties a variable means it."""
    monkeypatch.setenv("MINILLM_A", "")
    load_env(env_file("MINILLM_A=theirs\n"))
    assert os.environ["MINILLM_A"] == ""


def test_a_name_without_a_value_sets_nothing(env_file):
    assert load_env(env_file("MINILLM_A\n")) == {"MINILLM_A": False}
    assert "MINILLM_A" not in os.environ


def test_dollars_are_dollars(env_file):
    """A key may hold one, and must not pull in another variable."""
    load_env(env_file("MINILLM_A=a$HOME${HOME}\n"))
    assert os.environ["MINILLM_A"] == "a$HOME${HOME}"


def test_a_missing_file_sets_nothing(tmp_path):
    assert load_env(tmp_path / "nothing") == {}


def test_parents_are_not_searched(env_file, tmp_path, monkeypatch):
    env_file("MINILLM_A=1\n")
    inner = tmp_path / "inner"
    inner.mkdir()
    monkeypatch.chdir(inner)
    assert load_env() == {}
    monkeypatch.chdir(tmp_path)
    assert load_env() == {"MINILLM_A": True}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"MINILLM_A=canary-in-file\nMINILLM_B=\xff\xfe\n", "UTF-8"),
        (b"MINILLM_A=1\nMINILLM_B=canary-in-file\0\n", "NUL"),
    ],
)
def test_a_broken_file_shows_nothing_and_sets_nothing(env_file, content, problem):
    path = env_file(content)
    with pytest.raises(ConfigurationError, match=problem) as caught:
        load_env(path)
    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert "canary-in-file" not in shown.replace(repr(content), "")
    assert "MINILLM_A" not in os.environ


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(ConfigurationError, match="folder"):
        load_env(tmp_path)
