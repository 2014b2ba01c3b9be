"""A tree on a page: foldable, self-contained, inert."""

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from minillm.tree import Node
from minillm.tree.render.html import tree_to_html
from minillm.types import FilePart, ImagePart, Message, Role, ToolCallPart
from tests.tree.trees import bushy, chain, random_trees

HARMLESS = {"div", "style", "details", "summary", "b", "pre", "p", "i"}


class Page(HTMLParser):
    """The elements of a page, checked to nest; any element that could do something is an error."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.deepest = 0
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        assert tag in HARMLESS, tag
        assert all(name in ("class", "open") for name, _ in attributes), attributes
        self.open.append(tag)
        self.deepest = max(self.deepest, len(self.open))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, text):
        if self.open[-1] != "style":
            self.texts.append(text)

    def handle_comment(self, data):
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


ATTACKS = [
    "</script><script>alert(1)</script>",
    "</pre></div><img src=x onerror=alert(1)>",
    '"><a href="javascript:alert(1)">x</a>',
    "</style><style>*{background:url(https://evil/)}",
    "<!-- --><![CDATA[x]]><?php ?>",
    "&lt;script&gt; &amp; &#60;",
]


@given(random_trees(st.sampled_from(ATTACKS) | st.text()))
def test_no_text_can_leave_its_place(root):
    Page(tree_to_html(root))


def test_texts_are_shown_as_they_are():
    for attack in ATTACKS:
        assert attack in "".join(Page(tree_to_html(Node.root(attack))).texts)


def test_addresses_are_words_and_not_links():
    parts = (
        ImagePart(url="javascript:alert(1)"),
        ImagePart("image/svg+xml", url="https://evil/track.png"),
        FilePart("text/html", "PHNjcmlwdD4=", name="<x>.html"),
        ToolCallPart("c", "<f>", '{"a": "</pre>"}'),
    )
    html = tree_to_html(Node(Message("<role>", parts)))
    page = Page(html)
    assert "[image javascript:alert(1)]" in "".join(page.texts)
    assert "PHNjcmlwdD4" not in html
    assert "href" not in html
    assert "src" not in html


def test_branches_fold_and_chains_do_not_nest():
    root = Node.root("r")
    root.add_user("a").add_user("a1")
    root.add_user("b")
    html = tree_to_html(root)
    assert html.count("<details open>") == 2
    assert "<summary>1 of 2</summary>" in html
    assert Page(tree_to_html(chain(400)[0])).deepest < 6


def test_large_and_deep_trees_are_cut_short():
    page = Page(tree_to_html(bushy(5000)))
    assert "and 4500 more" in page.texts
    comb = node = Node.root("r")
    for _ in range(200):
        node.add_user("tooth")
        node = node.add_user("spine")
    assert Page(tree_to_html(comb)).deepest < 60
    assert len(tree_to_html(Node(Message(Role.USER, "x" * 100_000)))) < 6000


def test_control_characters_are_visible():
    assert "\x1b" not in tree_to_html(Node.root("\x1b[31m"))
