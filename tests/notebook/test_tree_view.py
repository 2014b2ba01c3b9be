"""Which tree is shown: one that is clicked, or one that folds."""

import sys

import pytest

from minillm import notebook
from minillm.notebook import StaticTree
from minillm.tree import score
from tests.notebook.talks import talk


async def test_without_anywidget_there_is_a_tree_that_folds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "minillm.notebook.tree_widget", raising=False)
    monkeypatch.setitem(sys.modules, "anywidget", None)
    root, (first, second) = await talk("first answer", "second answer")
    score(second, 7)
    view = notebook.tree(root)
    assert isinstance(view, StaticTree)
    html = view._repr_html_()
    assert html.count("<details") == 2
    assert "4 nodes · $0.000102" in html
    assert "m-1 · 30 in, 11 out · $0.000052 · score 7" in html
    assert "second answer" in str(view)
    assert (view.selected, view.compared, view.pruned) == (None, (), ())
    view.select(second)
    view.compare(first, second)
    view.fold(root)
    assert (view.selected, view.compared, view.folded) == (second, (first, second), (root,))
    view.prune(first)
    view.refresh()
    assert view.compared == (second,)
    assert "first answer" not in view._repr_html_()


async def test_a_page_without_a_kernel_can_be_asked_for() -> None:
    root, _ = await talk("a")
    assert isinstance(notebook.tree(root, clickable=False), StaticTree)
    assert type(notebook.tree(root)).__name__ == "TreeWidget"
