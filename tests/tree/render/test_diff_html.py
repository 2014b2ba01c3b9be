"""A diff as a page fragment: nothing in it can run or be fetched, whatever the trees say."""

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from minillm.tree import Node, diff
from minillm.types import Message, ToolCallPart
from tests.tree.messages import messages

ALLOWED = {"div", "style", "p", "b", "i", "span", "ins", "del", "pre"}
EVIL = "<script>alert(1)</script><img src=x onerror=y>\"'></style></pre>&lt;"


class Tags(HTMLParser):
    """What a browser would see: tags, attributes, and whether each is closed by its own."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: list[object] = []
        self.open: list[str] = []
        self.words = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.seen.add(tag)
        self.attributes += attributes
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words += data


def inert(page: str) -> Tags:
    tags = Tags(page)
    assert tags.seen <= ALLOWED
    assert tags.attributes == [("class", "minillm-diff")]
    assert tags.open == []
    return tags


def test_every_text_is_words_on_the_page():
    """Role, name, text, tool, arguments, metadata and its keys."""
    evil = Node(Message(EVIL, (ToolCallPart("1", EVIL, f'{{"{EVIL}": 1}}'),), name=EVIL))
    evil.metadata[EVIL] = EVIL
    evil.format_kwargs[EVIL] = EVIL
    evil.add_child(Node(Message(EVIL, EVIL)))
    for pair in ((Node.root("s"), evil), (evil, Node.root("s"))):
        assert "<script>alert(1)</script>" in inert(diff(*pair).to_html()).words


@given(st.lists(messages, min_size=2, max_size=4))
def test_no_tree_makes_a_tag(said):
    top, *rest = said
    a, b = Node(top), Node(rest[-1])
    for message in rest:
        b.add_child(Node(message))
    inert(diff(a, b).to_html())


def test_the_rest_is_counted():
    b = Node.root("s")
    for number in range(10):
        b.add_user(str(number))
    assert "… and 7 more" in inert(diff(Node.root("s"), b).to_html(limit=3)).words
