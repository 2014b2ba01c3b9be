"""The tree that is clicked: the page does what was clicked, and Python sees it.

The page is our module in front of a model as anywidget gives one; what it saves goes to the real widget, and what that
changes comes back. So both halves are the real ones; only what carries their words is ours.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from minillm import ChatNode
from minillm.notebook import TreeWidget
from minillm.tree import score_of
from tests.notebook.talks import EVIL, talk

pytestmark = pytest.mark.browser

CARRIED = ("head", "nodes", "selected_id", "compared_ids", "folded_ids", "comparison", "cut", "fault", "wish")
MODEL = """
const hearers = {}, state = STATE, dirty = new Set();
const fire = (name) => (hearers["change:" + name] ?? []).forEach((hear) => hear());
window.heard = () => Object.values(hearers).reduce((all, some) => all + some.length, 0);
window.receive = (news) => {
  const changed = Object.keys(news).filter((name) => JSON.stringify(news[name]) !== JSON.stringify(state[name]));
  Object.assign(state, news);
  changed.forEach(fire);
};
const model = {
  get: (name) => state[name],
  set: (name, value) => { state[name] = value; dirty.add(name); },
  save_changes: () => {
    const names = [...dirty];
    dirty.clear();
    names.forEach(fire);
    const saved = JSON.stringify(names.map((name) => [name, state[name]]));
    window.python(saved).then((news) => window.receive(JSON.parse(news)));
  },
  on: (name, hear) => (hearers[name] ??= []).push(hear),
  off: (name, hear) => { hearers[name] = (hearers[name] ?? []).filter((each) => each !== hear); },
};
"""


class Clicked:
    """A widget and its page."""

    def __init__(self, view: TreeWidget, seen: Any) -> None:
        self.view = view
        self.page = seen.page
        self.seen = seen
        self.page.expose_function("python", self.python)
        self.page.add_style_tag(content=str(view._css))
        script = "\n".join(
            (
                MODEL.replace("STATE", json.dumps(self.state())),
                str(view._esm).replace("export default", "const afm ="),
                "window.close = afm.render({ model, el: document.body });",
            )
        )
        self.page.add_script_tag(content=script, type="module")
        self.page.wait_for_selector(".minillm-nb.tree .row")

    def state(self) -> dict[str, Any]:
        return {name: getattr(self.view, name) for name in CARRIED}

    def python(self, saved: str) -> str:
        """What anywidget does: the widget is told, and only what is other than the page has it goes back."""
        page = self.state()
        for name, value in json.loads(saved):
            page[name] = value
            setattr(self.view, name, value)
        return json.dumps({name: value for name, value in self.state().items() if value != page[name]})

    def rows(self) -> list[str]:
        return self.page.locator(".row .text").all_inner_texts()  # type: ignore[no-any-return]

    def row(self, text: str) -> Any:
        return self.page.locator(".row", has=self.page.locator(".text", has_text=text))

    def settled(self, true: Callable[[], bool]) -> None:
        """Wait until Python and the page have spoken."""
        for _ in range(200):
            if true():
                return
            self.page.wait_for_timeout(10)
        raise AssertionError(f"it did not come: {self.state()}")


@pytest.fixture
def clicked(browser_page: Any) -> Callable[..., Clicked]:
    def made(root: ChatNode, **options: Any) -> Clicked:
        seen = browser_page("<!doctype html><title>t</title><body>", **options)
        return Clicked(TreeWidget(root), seen)

    return made


@pytest.fixture
def tree() -> tuple[ChatNode, list[ChatNode]]:
    # Playwright has a loop of its own in this thread.
    return in_own_loop("Warm bread, warm people.", "Warm soup, warm people.", "Bread.")


def in_own_loop(*texts: str) -> tuple[ChatNode, list[ChatNode]]:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(talk(*texts))).result()


def test_a_click_selects(clicked: Any, tree: Any) -> None:
    root, (first, second, _) = tree
    made = clicked(root)
    made.row("Warm soup").click()
    made.settled(lambda: made.view.selected is second)
    assert made.page.inner_text(".detail pre") == "Warm soup, warm people."
    assert "m-1 · 30 in, 11 out" in made.page.inner_text(".detail .figures")
    made.view.select(first)
    made.page.evaluate(f"window.receive({json.dumps(made.state())})")
    assert made.page.inner_text(".detail pre") == "Warm bread, warm people."
    assert made.page.locator(".row.selected").count() == 1
    assert made.seen.complaints == []


def test_an_arrow_folds(clicked: Any, tree: Any) -> None:
    root, _ = tree
    (question,) = root.children
    made = clicked(root)
    assert len(made.rows()) == 5
    made.row("Hi?").locator(".fold").click()
    made.settled(lambda: made.view.folded == (question,))
    assert made.rows() == ["You are terse.", "Hi?"]
    assert made.row("Hi?").get_attribute("aria-expanded") == "false"
    made.page.get_by_text("Unfold all").click()
    made.settled(lambda: made.view.folded == ())
    assert len(made.rows()) == 5


def test_nodes_are_compared_with_the_words_that_differ(clicked: Any, tree: Any) -> None:
    root, (first, second, _) = tree
    made = clicked(root)
    made.row("Warm bread").click(modifiers=["Control"])
    made.row("Warm soup").click(modifiers=["Shift"])
    made.settled(lambda: made.view.compared == (first, second))
    made.page.wait_for_selector(".column mark")
    assert made.page.locator(".column mark").all_inner_texts() == ["bread", "soup"]
    made.page.locator(".column button").first.click()
    made.settled(lambda: made.view.compared == (second,))
    assert made.page.locator(".column").count() == 1


def test_a_score_reaches_the_tree(clicked: Any, tree: Any) -> None:
    root, (first, *_) = tree
    made = clicked(root)
    made.row("Warm bread").click()
    made.page.fill(".detail input", "7.5")
    made.page.press(".detail input", "Enter")
    made.settled(lambda: score_of(first) == 7.5)
    made.page.wait_for_selector(".row .score")
    assert made.page.locator(".row .score").all_inner_texts() == ["7.5"]
    made.page.fill(".detail input", "")
    made.page.press(".detail input", "Tab")
    made.settled(lambda: score_of(first) is None)
    made.page.wait_for_selector(".row .score", state="detached")


def test_what_is_pruned_goes_and_can_be_put_back(clicked: Any, tree: Any) -> None:
    root, (first, second, third) = tree
    made = clicked(root)
    made.row("Warm soup").click()
    made.page.get_by_role("button", name="Prune").click()
    made.settled(lambda: made.view.pruned == (second,) and len(made.rows()) == 4)
    assert second.parent is None
    assert made.view.selected is None
    made.page.get_by_role("button", name="Put back (1)").click()
    made.settled(lambda: made.view.pruned == () and len(made.rows()) == 5)
    assert root.children[0].children == (first, second, third)
    made.row("You are terse.").click()
    made.settled(lambda: made.view.selected is root)
    assert made.page.get_by_role("button", name="Prune").count() == 0


def test_the_keyboard_does_it_too_and_keeps_its_keys(clicked: Any, tree: Any) -> None:
    """A notebook has keys of its own (x cuts the cell): none pressed here may reach it."""
    root, (first, *_) = tree
    made = clicked(root)
    made.page.evaluate("window.leaked = 0; window.addEventListener('keydown', () => window.leaked++)")
    made.page.focus(".rows")
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp"):
        made.page.keyboard.press(key)
    made.settled(lambda: made.view.selected is first)
    made.page.keyboard.press("ArrowLeft")
    made.settled(lambda: made.view.selected is root.children[0])
    made.page.keyboard.press("Enter")
    made.settled(lambda: made.view.folded == (root.children[0],))
    made.page.keyboard.press("ArrowRight")
    made.settled(lambda: made.view.folded == ())
    made.page.keyboard.press("End")
    made.page.keyboard.press(" ")
    made.settled(lambda: made.view.compared == (root.children[0].children[2],))
    made.page.keyboard.press("x")
    assert made.page.evaluate("window.leaked") == 0
    assert made.page.get_attribute(".minillm-nb", "data-lm-suppress-shortcuts") == "true"
    assert first.parent is not None


@pytest.mark.parametrize(("width", "scheme"), [(1200, "light"), (390, "dark")])
def test_nothing_sticks_out_at_any_width(clicked: Any, tree: Any, width: int, scheme: str) -> None:
    root, nodes = tree
    nodes[0].add_user("word" * 500).add_assistant("x " * 2000)
    made = clicked(root, width=width, scheme=scheme)
    made.row("wordword").click()
    made.row("x x x").click(modifiers=["Control"])
    made.settled(lambda: len(made.view.compared) == 1)
    assert made.seen.width == width
    assert all(box["right"] <= width for box in made.seen.boxes(".row, .detail, .column"))


def test_no_text_is_more_than_text(clicked: Any) -> None:
    root, (node,) = in_own_loop(EVIL)
    node.metadata["labels"] = [EVIL]
    node.add_user(EVIL).add_assistant(EVIL)
    made = clicked(root)
    made.row("</style>").first.click()
    made.row("</style>").first.click(modifiers=["Control"])
    made.settled(lambda: made.view.compared == (node,))
    assert made.page.evaluate("window.ran") is None
    assert made.page.locator("body img, .minillm-nb script").count() == 0
    assert "<script>window.ran=1</script>" in made.page.inner_text(".detail pre")
    assert "\\x1b[31m\\u202e" in made.page.inner_text(".detail pre")
    assert len(made.seen.asked) == 1


def test_a_page_that_is_closed_listens_no_more(clicked: Any, tree: Any) -> None:
    made = clicked(tree[0])
    assert made.page.evaluate("window.heard()") == 8
    made.page.evaluate("window.close()")
    assert made.page.evaluate("window.heard()") == 0


def test_two_thousand_nodes_stay_usable(clicked: Any) -> None:
    """As many as are shown at most: folding them is a matter of tenths of a second."""
    root = ChatNode.root("root")
    for turn in range(1999):
        (root if turn % 10 else root.add_user("branch")).add_user(f"node {turn}")
    made = clicked(root)
    assert made.page.locator(".row").count() == 2000
    milliseconds = made.page.evaluate(
        "async () => { const began = performance.now(); document.querySelector('.bar button').click();"
        " await new Promise(requestAnimationFrame); return performance.now() - began }"
    )
    assert milliseconds < 2000
    made.settled(lambda: made.view.folded == (root,))
    assert made.page.locator(".row").count() == 1
