"""A tree without scripts: what folds, what is said, what is only words."""

from minillm.notebook import StaticTree
from tests.notebook.talks import EVIL, talk


async def test_branches_fold_and_nodes_have_their_figures() -> None:
    root, _ = await talk("first answer", "second answer")
    view = StaticTree(root)
    html = view._repr_html_()
    assert html.count("<details") == 2
    assert "m-1 · 30 in, 11 out · $0.000052" in html
    assert repr(view) == "<StaticTree: 4 nodes · $0.000102>"
    assert "second answer" in str(view)


async def test_nothing_in_it_is_markup() -> None:
    root, (node,) = await talk(EVIL)
    node.metadata["labels"] = [EVIL]
    html = StaticTree(root)._repr_html_()
    assert html.count("<script") == html.count("<img") == 0
    assert "\x1b" not in html
