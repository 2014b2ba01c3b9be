"""The matrix as a browser shows it: a click leads to evidence, wide and narrow, light and dark, nothing is fetched."""

import asyncio

import pytest

from minillm.compat import Plan, Results, compat
from minillm.compat.page import page
from tests.compat import hosts

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def results() -> Results:
    every = (hosts.obliging, hosts.ignoring, hosts.refusing)
    targets = [hosts.target(host, f"{host.__name__}:a-model-with-a-long-name") for host in every]

    async def run() -> Results:
        return await compat(Plan(targets=targets, retry=0))

    # The browser has an event loop of its own in this thread.
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, run()).result()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 390])
def test_it_fits_the_window_and_fetches_nothing(browser_page, results: Results, width: int, scheme: str) -> None:
    seen = browser_page(page(results), width=width, scheme=scheme)
    assert seen.complaints == []
    assert len(seen.asked) == 1
    assert seen.width <= width
    paper = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") is (scheme == "light")


def test_a_click_leads_to_what_was_sent_and_what_came(browser_page, results: Results) -> None:
    seen = browser_page(page(results))
    cell = seen.page.locator("a.cell.v-fail").first
    place = cell.get_attribute("href")
    cell.click()
    evidence = seen.page.locator(f"[id='{place[1:]}']")
    assert evidence.is_visible()
    assert evidence.bounding_box()["y"] < 900
    evidence.locator("summary").first.click()
    assert evidence.locator("pre").first.is_visible()
    assert hosts.CANNED in evidence.locator("pre").nth(1).inner_text()
