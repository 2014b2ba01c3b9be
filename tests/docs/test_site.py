"""The site: every page stands in the navigation, once, and what the navigation names is there or is made."""

import re
from pathlib import Path

import pytest

from tests.docs.blocks import named, pages
from tests.import_graph import REPOSITORY

CONFIGURATION = (REPOSITORY / "mkdocs.yml").read_text("utf-8")
NAVIGATION = re.findall(r"^ +- (?:[^\n]*: )?(\S+\.md)$", CONFIGURATION.split("\nnav:\n")[1], re.MULTILINE)
DOCS = REPOSITORY / "docs"
PAGES = [page.relative_to(DOCS).as_posix() for page in pages() if page.is_relative_to(DOCS)]

# What scripts/docs_site/pages.py makes of files that stand elsewhere.
MADE = {"examples/index.md"} | {
    f"project/{name}.md" for name in ("changelog", "contributing", "security", "env-example")
}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_stands_in_the_navigation(page: str) -> None:
    """A new page gets a line under nav: in mkdocs.yml, where a reader would look for it."""
    assert NAVIGATION.count(page) == 1


def test_the_navigation_leads_somewhere() -> None:
    assert set(NAVIGATION) - MADE == set(PAGES)


def test_nothing_is_fetched_from_elsewhere() -> None:
    """Fonts, scripts and styles are the site's own."""
    settings = CONFIGURATION.split("\nnav:\n")[0]
    assert "http" not in re.sub(r"#[^\n]*", "", settings)
    assert "font: false" in settings


def headings(page: Path) -> set[str]:
    """The anchors of a page, as the site makes them of its headings."""
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    found = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower()) for heading in found}


@pytest.mark.parametrize("page", pages(), ids=named)
def test_links_into_pages_meet_a_heading(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#\s]*\.md|)#([^)\s]+)\)", page.read_text("utf-8"))
    lost = [f"{file}#{at}" for file, at in links if at not in headings(page.parent / file if file else page)]
    assert lost == []


def test_every_room_with_public_names_has_its_reference() -> None:
    """A new room gets a page under docs/reference; the commands have docs/cli.md."""
    reference = "\n".join(page.read_text("utf-8") for page in (DOCS / "reference").glob("*.md"))
    shown = set(re.findall(r"^::: minillm\.(\w+)", reference, re.MULTILINE))
    inits = (REPOSITORY / "minillm").glob("*/__init__.py")
    assert {init.parent.name for init in inits if "\n__all__ = " in init.read_text("utf-8")} - shown == {"cli"}
