"""A browser that looks at our pages: Chromium of the system, headless, without any network.

Tests here are marked ``browser`` and are plain functions: the browser brings an event loop of its own.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import pytest

from tests.required import demand

NAMES = ("chromium", "chromium-browser", "google-chrome")


@dataclass
class Seen:
    """A page as it was opened.

    Args:
        page: playwright's own.
        asked: every address that it wanted, the file itself first.
        complaints: what stood on the console, and errors of scripts.
    """

    page: Any
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def width(self) -> int:
        """Of all that is on it, in pixels: wider than the window means that it scrolls sideways."""
        return int(self.page.evaluate("document.documentElement.scrollWidth"))

    def count(self, selector: str) -> int:
        return int(self.page.locator(selector).count())

    def boxes(self, selector: str) -> list[dict[str, float]]:
        """Where the elements stand."""
        script = "all => all.map(each => each.getBoundingClientRect().toJSON())"
        found: list[dict[str, float]] = self.page.locator(selector).evaluate_all(script)
        return found


BrowserPage = Callable[..., Seen]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """The browser, once a file of tests."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    demand("browser", path is not None, "no Chromium is installed (Debian: apt-get install chromium)")
    demand("browser", find_spec("playwright") is not None, "playwright is not installed (it comes with the extra dev)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Root, as in a container, may not use the sandbox; the pages are ours.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def browser_page(chromium: Any, tmp_path: Path) -> Iterator[BrowserPage]:
    """``browser_page(html, width=1200, scheme="light")`` opens a text as a file and says what was seen."""
    contexts = []

    def opened(html: str | Path, *, width: int = 1200, scheme: Literal["light", "dark"] = "light") -> Seen:
        if isinstance(html, str):
            path = tmp_path / "page.html"
            path.write_text(html, "utf-8")
        else:
            path = html
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True)
        contexts.append(context)
        seen = Seen(context.new_page())
        seen.page.on("request", lambda request: seen.asked.append(request.url))
        seen.page.on("console", lambda message: seen.complaints.append(message.text))
        seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        seen.page.goto(path.as_uri())
        return seen

    yield opened
    for context in contexts:
        context.close()
