"""The page of a saved conversation in a browser: clicked through, wide and narrow, light and dark, hostile files."""

import re

import pytest

from minillm.tree import Node
from minillm.types import ImagePart, Message, TextPart, ToolCallPart
from minillm.view import Conversations, page
from tests.view.samples import EVIL, PIXEL, SVG, grown, hostile, rivers

pytestmark = pytest.mark.browser

ROW = ".row:visible"
STEERING = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"


def words(seen) -> list[str]:
    """The rows, from top to bottom."""
    script = "all => all.filter(row => !row.hidden).sort((a, b) => a.node - b.node)"
    return seen.page.locator(".row").evaluate_all(
        f"all => ({script})(all).map(row => row.querySelector('.words').textContent)"
    )


def row(seen, text: str):
    return seen.page.locator(ROW, has_text=text).first


def told(seen, words) -> None:
    """What stands beside the search, as soon as it does."""
    from playwright.sync_api import expect

    expect(seen.page.locator("#found")).to_have_text(words)


def frame(seen) -> None:
    """Let the page draw: what is folded is filled when it has been opened."""
    seen.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def cards(seen) -> list[str]:
    return seen.page.locator("#pane .card").all_inner_texts()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 390])
def test_it_fits_the_window_and_asks_for_nothing(browser_page, width: int, scheme: str) -> None:
    seen = browser_page(page(rivers(), title="Rivers"), width=width, scheme=scheme)
    for key in ("t", "s", "b"):
        seen.page.keyboard.press(key)
        assert seen.width <= width
        box = seen.boxes("#pane")[0]
        assert box["width"] > 300
        assert box["right"] <= width
    assert (seen.complaints, len(seen.asked)) == ([], 1)
    paper = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") == (scheme == "light")


def test_the_theme_is_switched_whatever_the_system_says(browser_page) -> None:
    seen = browser_page(page(rivers()))
    papers = []
    for _ in range(3):
        seen.page.click("#theme")
        papers.append(seen.page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert papers == ["rgb(22, 22, 24)", "rgb(255, 255, 255)", "rgb(255, 255, 255)"]


def test_folding_by_click(browser_page) -> None:
    """A folded row says how many nodes it hides and what they have cost."""
    seen = browser_page(page(rivers()))
    assert len(words(seen)) == 16
    first = row(seen, "Take the Loire between Nevers and Orl")
    first.locator(".fold").click()
    assert len(words(seen)) == 7
    assert "with 9 below · $0.00567" in first.inner_text()
    assert first.get_attribute("aria-expanded") == "false"
    first.locator(".fold").click()
    assert len(words(seen)) == 16
    seen.page.click("#fold-all")
    assert len(words(seen)) == 5
    seen.page.click("#unfold-all")
    assert len(words(seen)) == 16


def test_a_click_shows_the_thread_to_a_node(browser_page) -> None:
    seen = browser_page(page(rivers()))
    row(seen, "The gauge at Nevers").click()
    shown = cards(seen)
    assert len(shown) == 7
    assert "1 of 3" in shown[2]
    assert "score 0.9" in shown[2]
    assert "Thinking" in shown[4]
    assert "Water levels" not in shown[4]
    seen.page.locator("summary", has_text="Thinking").click()
    frame(seen)
    assert "Water levels matter" in cards(seen)[4]
    row(seen, "Not in summer").locator("input").check()
    row(seen, "Is it dangerous").locator(".fold").click()
    assert "Water levels matter" in cards(seen)[4], "what was opened stays open"
    assert '"station": "Nevers"' in shown[4]
    assert '"trend": "falling"' in shown[5]
    seen.page.locator(".card").nth(2).locator("summary", has_text="Details").click()
    frame(seen)
    assert "with all below" in cards(seen)[2]


def test_siblings_side_by_side_with_their_differences(browser_page) -> None:
    seen = browser_page(page(rivers()))
    row(seen, "Take the Loire between Nevers and Tours").click()
    seen.page.click("#tab-compare")
    boxes = seen.boxes("#pane .card")
    assert len(boxes) == 3
    assert len({box["top"] for box in boxes}) == 1
    third = seen.page.locator(".card").nth(2)
    assert third.locator("del").all_inner_texts() == ["Orléans", "wide", "rest"]
    assert third.locator("ins").all_inner_texts() == ["Tours", "broad", "camp"]
    seen.page.click("#differ")
    assert seen.count("ins, del") == 0


def test_those_that_are_selected_are_compared(browser_page) -> None:
    seen = browser_page(page(rivers()))
    for text in ("The gauge at Nevers", "A weir"):
        row(seen, text).locator("input").check()
    assert seen.page.inner_text("#chosen") == "2 selected"
    seen.page.click("#tab-compare")
    assert "2 selected nodes" in seen.page.inner_text("#pane")
    assert len(cards(seen)) == 2
    seen.page.click("#copy")
    ids = seen.page.input_value("#ids-text").split("\n")
    assert [len(each) for each in ids] == [32, 32]


def test_pruning_hides_and_undo_brings_back(browser_page) -> None:
    """Ids of what was pruned can be taken to a program that prunes the file."""
    root = rivers()
    seen = browser_page(page(root))
    row(seen, "Take the Dordogne").locator("input").check()
    row(seen, "Not in summer").locator("input").check()
    seen.page.click("#prune")
    assert len(words(seen)) == 12
    assert "4 nodes pruned from view" in seen.page.inner_text("#facts")
    seen.page.click("#copy")
    found = [root.find(each) for each in seen.page.input_value("#ids-text").split("\n")]
    assert [node.text[:9] for node in found if node] == ["Not in su", "Take the "]
    seen.page.keyboard.press("Escape")
    seen.page.click("#restore")
    assert len(words(seen)) == 16
    row(seen, "You are a patient").click()
    seen.page.click("#prune")
    assert words(seen) == []
    assert "Everything is pruned" in seen.page.inner_text("#pane")
    seen.page.keyboard.press("u")
    assert len(words(seen)) == 16
    assert seen.complaints == []


def test_searching_marks_counts_and_narrows(browser_page) -> None:
    seen = browser_page(page(rivers()))
    seen.page.fill("#query", "LOIRE")
    told(seen, "3 found")
    assert seen.count(".row.hit:visible") == 3
    seen.page.check("#only")
    assert len(words(seen)) == 6
    seen.page.press("#query", "Enter")
    assert seen.page.inner_text("#found").endswith("of 3")
    assert "Loire" in seen.page.locator("#pane mark").all_inner_texts()
    seen.page.fill("#query", "water levels MATTER")
    told(seen, "1 found")
    seen.page.press("#query", "Enter")
    frame(seen)
    assert "Water levels matter" in seen.page.locator("#pane mark").all_inner_texts()
    seen.page.fill("#query", "(a[b*")
    told(seen, "nothing found")
    seen.page.fill("#query", "")
    told(seen, "")
    assert len(words(seen)) == 16


def test_everything_by_keyboard(browser_page) -> None:
    seen = browser_page(page(rivers()))

    def here() -> str:
        return seen.page.inner_text(".row.here .words")

    def press(*keys: str) -> None:
        for key in keys:
            seen.page.keyboard.press(key)

    press("Home")
    assert here().startswith("You are")
    press("ArrowDown", "j")
    assert here().startswith("Take the Loire")
    press("]")
    assert here().startswith("Take the Dordogne")
    press("[", "ArrowLeft")
    assert len(words(seen)) == 7
    press("ArrowLeft")
    assert here().startswith("Which river")
    press("ArrowRight", "Enter")
    assert len(words(seen)) == 16
    press("/")
    seen.page.keyboard.type("weir")
    told(seen, re.compile("[0-9] found"))
    press("Escape", "n")
    assert "weir" in here()
    press("x", "ArrowUp", "x")
    assert seen.page.inner_text("#chosen") == "2 selected"
    press("d")
    assert "pruned" in seen.page.inner_text("#facts")
    press("u", "b")
    assert "By model" in seen.page.inner_text("#pane") or "exchanges" in seen.page.inner_text("#pane")
    press("s", "f")
    assert not seen.page.is_checked("#differ")
    press("t", "m")
    assert seen.page.evaluate("document.documentElement.dataset.theme") == "dark"
    press("?")
    assert seen.page.is_visible("#help")
    assert seen.count("#key-table tr") > 20
    press("Escape", "c")
    assert seen.page.is_visible("#ids")
    assert seen.complaints == []


def test_the_bill_tells_what_is_not_known(browser_page) -> None:
    seen = browser_page(page(rivers()))
    assert "10 exchanges, at least $0.01117" in seen.page.inner_text("#facts")
    seen.page.click("#tab-bill")
    shown = seen.page.inner_text("#pane")
    assert "claude-sonnet-5" in shown
    assert "at least $0.00777" in shown
    assert "no price known" in shown
    assert "$0 " not in shown


def test_a_picture_is_shown_after_a_click_and_only_from_the_file(browser_page) -> None:
    """Safe raster types out of the file alone; addresses and SVG stay words."""
    from playwright.sync_api import expect

    parts = (
        ImagePart(mime="image/png", data=PIXEL, name="dot.png"),
        ImagePart(mime="image/png", data=SVG, name="trick.png"),
        ImagePart(url="http://evil.test/a.png"),
        TextPart("text"),
    )
    root = Node.root("a")
    root.add_user(parts)
    seen = browser_page(page(root.children[0]))
    assert (seen.count("img"), seen.count(".card button:text('Show picture')")) == (0, 1)
    seen.page.click("button:text('Show picture')")
    expect(seen.page.locator("img")).to_have_js_property("naturalWidth", 1)
    assert "http://evil.test/a.png" in seen.page.inner_text("#pane")
    assert seen.complaints == []
    assert [each for each in seen.asked if not each.startswith(("file:", "data:image/png"))] == []


def test_a_hostile_file_is_text_everywhere(browser_page) -> None:
    """Every pane of every node: no dialog, no script that ran, no request, no element that a text asked for."""
    root = hostile(long=10_000_000)
    made = page(root, title=EVIL[0])
    seen = browser_page(made)
    dialogs: list[str] = []
    opened: set[str] = set()
    seen.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    allowed = seen.page.evaluate("[...new Set([...document.querySelectorAll('*')].map(e => e.tagName))]")
    seen.page.keyboard.press("Home")
    for _ in range(root.node_count()):
        for key in "sbt":
            seen.page.keyboard.press(key)
            seen.page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        frame(seen)
        opened |= set(seen.page.locator("#pane dt").all_inner_texts())
        seen.page.keyboard.press("ArrowDown")
    assert {"metadata", "placeholders"} <= opened
    seen.page.keyboard.press("t")
    for wanted in ("<script>", "javascript:", "owned", "evil.test"):
        seen.page.fill("#query", wanted)
        told(seen, re.compile("[0-9] found"))
        seen.page.press("#query", "Enter")
        assert wanted in seen.page.inner_text("#pane") or wanted == "owned"
    assert seen.page.evaluate("window.ran") is None
    assert (dialogs, seen.complaints, len(seen.asked)) == ([], [], 1)
    tags = set(seen.page.evaluate("[...new Set([...document.querySelectorAll('*')].map(e => e.tagName))]"))
    extra = {
        "ARTICLE",
        "DETAILS",
        "SUMMARY",
        "DL",
        "DT",
        "DD",
        "MARK",
        "STRONG",
        "LABEL",
        "INS",
        "DEL",
        "TD",
        "TH",
        "H3",
    }
    assert tags - set(allowed) <= extra
    assert seen.count("script") == 1
    assert not re.search(STEERING, seen.page.inner_text("body") + seen.page.title())


def test_marks_and_control_characters_are_seen(browser_page) -> None:
    root = Node.root("")
    leaf = root.add_user("file\u202egnp.exe \x1b[2J \x9b31m \u200f")
    seen = browser_page(page(leaf))
    assert "file⟨RLO⟩gnp.exe ␛[2J ⟨9B⟩31m ⟨RLM⟩" in seen.page.inner_text("#pane")
    assert "⟨RLO⟩" in words(seen)[1]


def test_what_a_script_in_a_text_could_do_is_forbidden(browser_page) -> None:
    """Were there a way in, the page's policy would still run nothing and fetch nothing."""
    seen = browser_page(page(rivers()))
    seen.page.evaluate(
        """() => {
            const script = document.createElement('script'); script.textContent = 'window.ran = 1';
            const image = document.createElement('img'); image.src = 'http://evil.test/a.png';
            const button = document.createElement('b'); button.setAttribute('onclick', 'window.ran = 1');
            document.body.append(script, image, button); button.click();
        }"""
    )
    seen.page.wait_for_timeout(50)
    assert seen.page.evaluate("window.ran") is None
    assert len(seen.complaints) == 3
    assert all("Content Security Policy" in each for each in seen.complaints)


def test_an_export_of_many_conversations(browser_page) -> None:
    """Side by side, each with its title; any of them can be pruned, all of them too."""
    roots = [Node.root(f"Root {number}") for number in range(3)]
    for number, root in enumerate(roots):
        root.metadata["conversation"] = {"title": f"Talk {number}"}
        root.add_user(f"Question {number}")
    seen = browser_page(page(Conversations("export.zip", tuple(roots), roots[0], 2)))
    assert words(seen)[::2] == ["Talk 0 · Root 0", "Talk 1 · Root 1", "Talk 2 · Root 2"]
    assert "3 conversations" in seen.page.inner_text("#facts")
    assert "2 things of the file could not be kept" in seen.page.inner_text("#facts")
    seen.page.keyboard.press("]")
    assert seen.page.inner_text(".row.here .words").startswith("Talk 1")
    seen.page.keyboard.press("s")
    assert len(cards(seen)) == 1
    for left in (4, 2, 0):
        seen.page.keyboard.press("d")
        assert len(words(seen)) == left
    for key in "EecxtsbnN/":
        seen.page.keyboard.press(key)
    assert seen.complaints == []


def test_arguments_are_shown_as_they_were_sent(browser_page) -> None:
    """Set out in lines, not written anew: a browser would round long numbers and drop what is said twice."""
    sent = '{"id":12345678901234567890,"price":1.10,"a":[1,{}],"a":[ ],"text":"{\\"x\\": [1,2]}"}'
    leaf = Node(Message("assistant", (ToolCallPart("1", "f", sent), ToolCallPart("2", "g", '{"cut": [1,'))))
    seen = browser_page(page(leaf))
    shown = seen.page.locator(".code").all_inner_texts()
    assert shown[0].split("\n") == [
        "{",
        '  "id": 12345678901234567890,',
        '  "price": 1.10,',
        '  "a": [',
        "    1,",
        "    {}",
        "  ],",
        '  "a": [],',
        '  "text": "{\\"x\\": [1,2]}"',
        "}",
    ]
    assert shown[1] == '{"cut": [1,'


def test_ten_megabytes_of_text_come_a_piece_at_a_time(browser_page) -> None:
    root = Node.root("")
    leaf = root.add_user("😀" * 2_500_000)
    seen = browser_page(page(leaf))
    assert seen.page.evaluate("document.querySelector('#pane .card.here .text').textContent.length") <= 20_001
    seen.page.click("button.more:visible")
    shown = seen.page.evaluate("document.querySelector('#pane .card.here .text').textContent")
    assert 100_000 < len(shown) * 2 < 250_000
    assert set(shown) == {"😀"}


def test_a_large_tree_keeps_few_elements_and_answers(browser_page) -> None:
    """Only rows in sight are elements; the end is a key away, a search finds all."""
    root = grown(20_000, recorded=False)
    seen = browser_page(page(root.get_root(), title="Large"))
    assert seen.count(".row") < 60
    seen.page.keyboard.press("End")
    assert seen.page.inner_text(".row.here .words") == list(root.iter_depth_first())[-1].text
    seen.page.keyboard.press("Home")
    assert seen.page.inner_text(".row.here .words") == "A large tree."
    seen.page.fill("#query", "Bridge")
    told(seen, re.compile("[0-9] found"))
    count = sum("bridge" in node.text.lower() for node in root.iter_depth_first())
    assert seen.page.inner_text("#found") == f"{count:,} found"
    assert seen.count(".row") < 60


def test_a_chain_and_a_fan_of_thousands(browser_page) -> None:
    """Deep threads are shown from their end, many siblings some at a time."""
    root = leaf = Node.root("0")
    for number in range(5_000):
        leaf = leaf.add_user(f"turn {number}")
    for number in range(1_000):
        root.add_user(f"fan {number}")
    seen = browser_page(page(leaf))
    assert len(cards(seen)) == 40
    seen.page.click("text=Show earlier")
    assert len(cards(seen)) == 80
    row(seen, "turn 4999").click()
    seen.page.keyboard.press("s")
    assert "1,001 siblings" in seen.page.inner_text("#pane")
    assert len(cards(seen)) == 6
    assert seen.complaints == []
