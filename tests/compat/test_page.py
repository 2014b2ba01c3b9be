"""The page: everything is in it, everything is escaped, every word of the matrix leads somewhere."""

import re
from html.parser import HTMLParser

from minillm.compat import Exchange, Plan, Results, Row, Verdict, compat
from minillm.compat.page import page
from tests.compat import hosts

EVIL = "</title><script>alert(1)</script><img src=x onerror=alert(1)>\"'&"


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name == "href":
                self.links.append(value or "")
            if name.startswith("on"):
                self.handlers.append(name)


def read(text: str) -> Tags:
    tags = Tags()
    tags.feed(text)
    return tags


async def test_each_word_leads_to_its_evidence() -> None:
    results = await compat(Plan(targets=[hosts.target(hosts.obliging), hosts.target(hosts.ignoring, "other")]))
    text = page(results)
    tags = read(text)
    assert [link.removeprefix("#") for link in tags.links if link.startswith("#")]
    assert {link.removeprefix("#") for link in tags.links} == set(tags.ids)
    assert len(tags.ids) == len(set(tags.ids)) == len(results.rows)
    assert hosts.CANNED in text
    assert hosts.KEY not in text


def test_nothing_of_a_host_becomes_markup() -> None:
    results = Results({"targets": [{"name": EVIL}], "probes": [EVIL], "started": EVIL})
    exchange = Exchange(
        "POST", EVIL, {EVIL: EVIL}, EVIL.encode(), 200, {EVIL: EVIL}, EVIL.encode(), [(1, 0.1)], 0.1, EVIL
    )
    results.add(Row(EVIL, EVIL, Verdict.FAIL, EVIL, {EVIL: EVIL}, 0.1, None, [exchange]))
    tags = read(page(results))
    assert tags.tags.isdisjoint({"script", "img", "b", "iframe", "link"})
    assert tags.handlers == []
    assert all(re.fullmatch(r"e\d+-\d+", each) for each in tags.ids)


def test_bytes_that_are_no_text_are_shown_as_such() -> None:
    results = Results({})
    results.add(Row("a", "plain", Verdict.FAIL, "\ud800", exchanges=[Exchange("GET", "u", {}, b"", None, {}, b"\xff")]))
    text = page(results)
    assert "\\xff" in text
    assert "no answer" in text
    text.encode()


def test_a_long_body_is_cut_on_the_page() -> None:
    results = Results({})
    results.add(Row("a", "plain", Verdict.PASS, "", exchanges=[Exchange("GET", "u", {}, b"x" * 50_000, 200)]))
    assert len(page(results)) < 40_000


def test_a_run_without_findings_is_a_page() -> None:
    assert "Nothing was asked." in page(Results({}))
