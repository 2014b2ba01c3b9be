"""The site: every page stands in the navigation, once, and what the navigation names is there or is made."""

import re

import pytest

from tests.docs.blocks import pages
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
