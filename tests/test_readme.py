"""What the pages promise is there: the quick start runs, every link leads somewhere, the set-up lines stand once."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.import_graph import REPOSITORY
from tests.local.conftest import demand_model

PAGES = [REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")]
PAGES += sorted((REPOSITORY / "docs").rglob("*.md"))
README = (REPOSITORY / "README.md").read_text("utf-8")


def python_blocks(text: str) -> list[str]:
    """The fenced Python of a page; a fence stands at the start of a line."""
    return re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def test_the_quick_start_is_the_first_example():
    """One program, in two places."""
    assert python_blocks(README) == [(REPOSITORY / "examples" / "01_quickstart.py").read_text("utf-8")]


@pytest.mark.local
def test_the_quick_start_runs():
    """As it stands there, in a program of its own, on the real model."""
    demand_model()
    (program,) = python_blocks(README)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) >= 2


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_every_link_leads_somewhere(page: Path):
    """Links between our own files; others are not ours to test."""
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("end", ["minillm demo", "python -m pytest"])
def test_each_set_up_line_stands_once(end):
    """.ci/run takes them from here."""
    assert len(re.findall(rf"^python -m pip install .* && {end}$", README, re.MULTILINE)) == 1
