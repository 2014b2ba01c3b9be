"""The browser itself: what it is told of a page is what a test may rely on."""

import pytest

pytestmark = pytest.mark.browser


def test_it_tells_what_a_page_asks_for_and_complains_of(browser_page) -> None:
    seen = browser_page("<!doctype html><img src='http://example.test/a.png'><script>undefined.x</script>")
    assert any("example.test" in address for address in seen.asked)
    assert any("undefined" in complaint for complaint in seen.complaints)


def test_a_page_that_is_too_wide_shows(browser_page) -> None:
    assert browser_page("<!doctype html><div style='width:900px'>a</div>", width=390).width > 390
