"""The page of a benchmark as a browser shows it: wide and narrow, light and dark, and nothing is fetched."""

import random

import pytest

from minillm.benchmark import Limits, Results
from minillm.benchmark.page import page
from tests.benchmark.rows import failure, results, row

pytestmark = pytest.mark.browser

EVIL = '</title><script>document.title="run"</script><img src=x onerror="document.title=1"><b>"\'&'


def many(series: int = 4, requests: int = 30) -> Results:
    chance = random.Random(1)
    rows = []
    for place in range(series):
        for number in range(requests):
            took = chance.lognormvariate(0, 0.5) * (place + 1)
            due = float(number)
            rows.append(
                row(
                    target=f"provider-{place % 2}:a-model-with-a-rather-long-name",
                    load=f"{2**place} at once",
                    number=number,
                    due=due,
                    sent=due,
                    first=due + took / 4,
                    last=due + took,
                    ended=due + took,
                )
            )
        rows.append(failure(target=f"provider-{place % 2}:a-model-with-a-rather-long-name", load=f"{2**place} at once"))
    return results(*rows, limits=Limits(end_to_end=4))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 390])
def test_it_fits_the_window_and_fetches_nothing(browser_page, width: int, scheme: str) -> None:
    seen = browser_page(page(many()), width=width, scheme=scheme)
    assert seen.complaints == []
    assert len(seen.asked) == 1
    assert seen.width <= width
    assert seen.page.title().startswith("Benchmark of")


def test_light_and_dark_differ_and_can_be_read(browser_page) -> None:
    """The paper is dark where the reader wants it, and letters stand out from it in both."""
    lights = []
    for scheme in ("light", "dark"):
        seen = browser_page(page(many(1)), scheme=scheme)
        colours = seen.page.evaluate(
            "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color,"
            " getComputedStyle(document.querySelector('p')).color]"
        )
        paper, ink, soft = (luminance(colour) for colour in colours)
        assert contrast(paper, ink) > 12
        assert contrast(paper, soft) > 4.5  # WCAG 2.2, 1.4.3
        lights.append(paper)
    assert lights[0] > 0.9
    assert lights[1] < 0.1


def luminance(colour: str) -> float:
    """WCAG's relative luminance of ``rgb(r, g, b)``."""
    parts = [int(part) / 255 for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: float, other: float) -> float:
    light, dark = max(one, other), min(one, other)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("width", [1200, 390])
def test_every_chart_is_drawn_inside_its_column(browser_page, width: int) -> None:
    """A row each, four sections of rows, a curve each, a dot for each request; none sticks out."""
    seen = browser_page(page(many()), width=width)
    assert seen.count("svg.row circle.dot") == 3 * 4
    assert seen.count("rect.bar") == 4
    assert seen.count("polyline") == 4
    assert seen.count("circle.mark") == 4 * 30
    assert seen.count("rect.failed") == 4
    drawn = seen.boxes("svg.row, svg.plot")
    assert all(box["width"] > 100 and box["left"] >= 0 for box in drawn)
    for selector in ("circle.dot", "rect.bar", "circle.mark"):
        assert all(box["left"] >= 0 and box["right"] <= width for box in seen.boxes(selector)), selector


LETTERS = """all => all.map(svg => [...svg.querySelectorAll(":scope > text, :scope > g > text")]
    .filter(each => each.checkVisibility())
    .map(each => { const box = each.getBoundingClientRect(); return [box.left, box.right, box.top, box.bottom] }))"""


@pytest.mark.parametrize("width", [1200, 390])
def test_numbers_of_axes_do_not_stand_on_each_other(browser_page, width: int) -> None:
    seen = browser_page(page(many()), width=width)
    charts = seen.page.locator("svg.row, svg.plot").evaluate_all(LETTERS)
    assert sum(map(len, charts)) > 30
    for texts in charts:
        for place, one in enumerate(texts):
            for other in texts[place + 1 :]:
                apart = one[1] <= other[0] or other[1] <= one[0] or one[3] <= other[2] + 3 or other[3] <= one[2] + 3
                assert apart, (one, other)


def test_a_median_stands_where_its_number_says(browser_page) -> None:
    """Two series, one twice as slow, on an axis from zero: the dot is twice as far from its left end."""
    slow = {"first": 12.0, "last": 16.0, "ended": 16.0, "load": "2 at once"}
    seen = browser_page(page(results(row(), row(number=1), row(**slow), row(number=1, **slow))))
    section = seen.page.locator("section", has_text="End to end").filter(has=seen.page.locator("circle.dot")).first
    script = """all => all.map(dot => { const box = dot.getBoundingClientRect(), row = dot.closest('svg')
        .getBoundingClientRect(); return (box.left + box.width / 2 - row.left) / row.width })"""
    fast, late = section.locator("circle.dot").evaluate_all(script)
    assert late / fast == pytest.approx(2, rel=0.02)


def test_no_name_becomes_markup(browser_page) -> None:
    evil = {"target": EVIL, "prompt": EVIL, "load": EVIL}
    made = results(row(**evil), failure(**evil, error=EVIL, message=EVIL))
    made.facts = {"targets": [{"name": EVIL}], "started": EVIL, "max_tokens": EVIL}
    made.ending = EVIL
    seen = browser_page(page(made))
    assert (seen.count("script"), seen.count("img")) == (0, 0)
    assert seen.page.title().startswith("Benchmark of </title>")
    assert len(seen.asked) == 1


def test_nothing_measured_is_a_page_too(browser_page) -> None:
    seen = browser_page(page(results()))
    assert "Nothing was measured" in seen.page.inner_text("main")
    assert seen.complaints == []
