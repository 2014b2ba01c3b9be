"""The picture of a tree: who stands where, which way is thick, what is left out."""

import re
from xml.etree import ElementTree as ET

import pytest

from minillm import ChatNode, notebook
from minillm.notebook import Picture
from minillm.tree import score
from tests.notebook.talks import EVIL, talk

SVG = "{http://www.w3.org/2000/svg}"


def drawn(picture: Picture) -> ET.Element:
    return ET.fromstring(picture.svg)


def dots(picture: Picture) -> list[tuple[float, float]]:
    return [(float(dot.get("cx", "")), float(dot.get("cy", ""))) for dot in drawn(picture).iter(f"{SVG}circle")]


async def test_children_stand_to_the_right_and_a_parent_in_their_middle() -> None:
    root, _ = await talk("a", "b", "c")
    system, user, *answers = dots(notebook.plot_tree(root))
    assert system[0] < user[0] < answers[0][0] == answers[2][0]
    assert answers[0][1] < answers[1][1] < answers[2][1]
    assert system[1] == user[1] == answers[1][1]


async def test_every_dot_and_label_is_inside() -> None:
    root, _ = await talk("a" * 300, "b")
    picture = notebook.plot_tree(root)
    svg = drawn(picture)
    width, height = float(svg.get("width", "")), float(svg.get("height", ""))
    assert all(0 < x < width and 0 < y < height for x, y in dots(picture))
    for text in svg.iter(f"{SVG}text"):
        assert float(text.get("x", "")) + 7 * len(text.text or "") <= width


async def test_a_label_has_text_score_and_cost_unless_told_otherwise() -> None:
    root, (first, _) = await talk("Paris", "Rome")
    score(first, 2)
    words = [text.text for text in drawn(notebook.plot_tree(root)).iter(f"{SVG}text")]
    assert words == ["You are terse.", "Hi?", "Paris · 2 · $0.00005", "Rome · $0.000052"]
    words = [text.text for text in drawn(notebook.plot_tree(root, label=lambda node: node.role)).iter(f"{SVG}text")]
    assert words == ["system", "user", "assistant", "assistant"]


async def test_the_way_to_a_node_is_thick_and_lies_on_top() -> None:
    root, (first, second) = await talk("a", "b")
    lines = [line.get("class") for line in drawn(notebook.plot_tree(root, highlight=second)).iter(f"{SVG}path")]
    assert lines == ["thin", "way", "way"]
    lines = [
        line.get("class") for line in drawn(notebook.plot_tree(root, highlight=(first, second))).iter(f"{SVG}path")
    ]
    assert lines == ["way", "way", "way"]


def test_large_and_deep_trees_are_drawn_in_part_and_counted() -> None:
    node = root = ChatNode.root("0")
    for turn in range(5000):
        node = node.add_user(str(turn))
    for _ in range(300):
        root.add_user("leaf")
    picture = notebook.plot_tree(root, limit=100)
    assert len(dots(picture)) == 100
    assert "and 5,201 more nodes" in picture.svg
    assert picture.title == "A conversation tree of 5,301 nodes"


def test_no_text_is_markup() -> None:
    root = ChatNode.root(EVIL)
    root.add_user(EVIL)
    picture = notebook.plot_tree(root)
    assert {element.tag for element in drawn(picture).iter()} == {
        f"{SVG}{tag}" for tag in ("svg", "title", "style", "g", "circle", "text", "path")
    }
    assert not re.search(r"\son\w+=", re.sub(r"<title>.*?</title>|<text[^>]*>.*?</text>", "", picture.svg))


def test_only_nodes_are_drawn() -> None:
    with pytest.raises(TypeError):
        notebook.plot_tree("root")  # type: ignore[arg-type]
