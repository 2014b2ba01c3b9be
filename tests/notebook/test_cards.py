"""A node as a card: order, limits, and records that cannot be read."""

from minillm import ChatNode
from minillm.notebook.cards import cards, note, shortened
from minillm.tree import label, score
from tests.notebook.talks import EVIL, talk


async def test_a_card_says_what_a_node_is() -> None:
    root, (first, second) = await talk("a", "b")
    score(first, 0.5)
    label(first, "checked")
    system, user, one, two = cards(root)
    assert [card["id"] for card in (system, user, one, two)] == [node.id for node in root.iter_depth_first()]
    assert one == {
        "id": first.id,
        "parent": user["id"],
        "level": 1,
        "role": "assistant",
        "text": "a",
        "who": "m-1",
        "figures": "30 in, 10 out · $0.00005",
        "score": 0.5,
        "labels": ["checked"],
        "below": 0,
    }
    assert (two["id"], two["score"], user["below"], system["parent"]) == (second.id, None, 2, "")
    assert note(first) == "m-1 · 30 in, 10 out · $0.00005 · score 0.5 · checked"


def test_the_top_of_what_is_shown_has_no_parent() -> None:
    """Whatever it stands under: the page does not have that."""
    leaf = ChatNode.root("a").add_user("b")
    assert [card["parent"] for card in cards(leaf)] == [""]


def test_only_branches_are_indented() -> None:
    """A talk of a thousand turns stays readable."""
    node = root = ChatNode.root("0")
    for turn in range(1000):
        node = node.add_user(str(turn))
    assert {card["level"] for card in cards(root)} == {0}


def test_the_nearest_are_shown_where_not_all_can_be() -> None:
    """No branch is missing because its neighbour is long, and each stands behind its parent."""
    root = ChatNode.root("root")
    first, second = root.add_user("1"), root.add_user("2")
    first.add_user("1.1").add_user("1.1.1")
    second.add_user("2.1")
    assert [card["text"] for card in cards(root, limit=5)] == ["root", "1", "1.1", "2", "2.1"]


def test_long_texts_are_cut_and_many_of_them_more_so() -> None:
    root = ChatNode.root("x" * 10_000)
    for _ in range(200):
        root.add_user("y" * 9_000)
    made = cards(root)
    assert made[0]["text"].endswith("… (6,000 more characters)")
    assert sum(len(card["text"]) for card in made) < 1_500_000
    assert made[-1]["text"] == shortened("y" * 9_000, 200)


def test_what_steers_a_screen_is_shown_and_not_obeyed() -> None:
    root = ChatNode.root(EVIL)
    (made,) = cards(root)
    assert "\x1b" not in made["text"]
    assert "\u202e" not in made["text"]


def test_a_record_that_cannot_be_read_hides_nothing_else() -> None:
    line = '{"message": {"role": "assistant", "content": "hi"}, "minillm": {"id": "a", "record": {"usage": 3}}}'
    head = ChatNode.root("").to_tree_json().splitlines()[0]
    node = ChatNode.from_tree_json(f"{head}\n{line}\n")
    (made,) = cards(node)
    assert (made["text"], made["figures"], made["who"]) == ("hi", "its record cannot be read", "")
