"""The widget's Python half: what travels, and what comes of it. Its page is tested in tests/browser."""

import json

import pytest

from minillm import ChatNode, notebook
from minillm.notebook import TreeWidget
from minillm.tree import score_of
from tests.notebook.talks import talk


def widget(root: ChatNode, **options: object) -> TreeWidget:
    view = notebook.tree(root, **options)  # type: ignore[arg-type]
    assert isinstance(view, TreeWidget)
    return view


async def test_its_properties_speak_of_nodes() -> None:
    root, (first, second) = await talk("a", "b")
    view = widget(root)
    assert (view.selected, view.compared, view.folded, view.pruned) == (None, (), (), ())
    view.selected_id = second.id  # as the page does
    view.compared_ids = [second.id, first.id]
    view.folded_ids = [root.id]
    assert view.selected is second
    assert view.compared == (second, first)
    assert view.folded == (root,)
    view.select(first)
    view.compare(first)
    view.fold()
    assert (view.selected_id, view.compared_ids, view.folded_ids) == (first.id, [first.id], [])
    view.select(None)
    assert view.selected is None


async def test_what_the_page_wishes_is_done_to_the_tree() -> None:
    root, (first, second) = await talk("a", "b")
    view = widget(root)
    view.select(first)
    view.compare(first, second)
    view.wish = {"do": "score", "id": first.id, "value": 4, "at": 1}
    assert score_of(first) == 4
    assert [node["score"] for node in view.nodes if node["id"] == first.id] == [4]
    view.wish = {"do": "prune", "id": first.id, "at": 2}
    assert (view.pruned, view.cut, view.selected, view.compared) == ((first,), 1, None, (second,))
    assert first.id not in json.dumps(view.nodes)
    view.wish = {"do": "restore", "at": 3}
    assert (view.pruned, view.cut) == ((), 0)
    assert first.parent is second.parent
    view.wish = {"do": "score", "id": first.id, "value": "much", "at": 4}
    assert view.fault
    view.wish = {"do": "score", "id": first.id, "value": 5, "at": 5}
    assert view.fault == ""


async def test_compared_nodes_come_with_the_words_that_differ() -> None:
    root, (first, second) = await talk("one two", "one three")
    view = widget(root)
    view.compare(first, second)
    assert [column["id"] for column in view.comparison] == [first.id, second.id]
    assert [[text for text, differs in column["pieces"] if differs] for column in view.comparison] == [
        ["two"],
        ["three"],
    ]


async def test_what_python_does_is_shown_when_it_says_so() -> None:
    root, (first, second) = await talk("a", "b")
    view = widget(root)
    view.score(first, 1.5)
    assert view.nodes[2]["score"] == 1.5
    root.add_user("new")
    assert len(view.nodes) == 4
    view.refresh()
    assert (len(view.nodes), view.head.split(" ·")[0]) == (5, "5 nodes")
    view.prune(second)
    assert view.restore() is second
    with pytest.raises(ValueError, match="cut off"):
        view.prune(root)


async def test_a_click_on_what_python_cut_off_meanwhile_shows_that_it_is_gone() -> None:
    root, (first, second) = await talk("a", "b")
    view = widget(root)
    first.detach()
    view.selected_id = first.id
    assert (view.selected, view.selected_id, len(view.nodes)) == (None, "", 3)
    second.detach()
    view.compared_ids = [second.id]
    assert (view.compared, view.compared_ids, len(view.nodes)) == ((), [], 2)


async def test_pages_without_a_kernel_get_the_tree_that_folds() -> None:
    root, _ = await talk("the answer")
    view = widget(root)
    data, _ = view._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert "the answer" in data["text/html"]
    assert repr(view) == "<TreeWidget: 3 nodes · $0.00005>"


async def test_all_that_travels_is_json() -> None:
    root, nodes = await talk("a", "b")
    view = widget(root)
    view.compare(*nodes)
    state = {name: value for name, value in view.get_state().items() if not name.startswith("_")}
    json.dumps({name: state[name] for name in ("head", "nodes", "comparison", "cut", "fault", "wish")})
