"""What a type checker makes of calls that are shown: what they are alone. Read by mypy and pyright, never run."""

from typing import assert_type

from minillm import Branch, ChatNode, ChatStream, GeneratorInfo, Reply, notebook
from minillm.chat import Run
from minillm.chat.branch import BranchRun
from minillm.tree import Node


async def shown(node: ChatNode, gen: GeneratorInfo) -> None:
    assert_type(await notebook.show(node.branch(gen, n=2)), Branch[Reply[str]])
    assert_type(await notebook.show(node.branch(gen, n=2, output=int)), Branch[Reply[int]])
    assert_type(await notebook.show(node.stream(gen)), Reply[str])
    assert_type(await notebook.show(node.run(gen, output=int)), Reply[int])
    async with notebook.show(node.run(gen)) as looping:
        assert_type(looping, Run[Reply[str], ChatNode])
    async with notebook.show(node.branch(gen)) as run:
        assert_type(run, BranchRun[Reply[str]])
    async with notebook.show(node.stream(gen, output=int)) as stream:
        assert_type(stream, ChatStream[Reply[int]])


def clicked(root: ChatNode) -> None:
    view = notebook.tree(root)
    assert_type(view, notebook.TreeWidget | notebook.StaticTree)
    assert_type(view.selected, Node | None)
    assert_type(view.compared, tuple[Node, ...])
    view.select(root)
    view.prune(root)
    view.fold(*view.compared)
    view.refresh()
    assert_type(notebook.plot_tree(root, highlight=root, label=lambda node: node.text), notebook.Picture)
    assert_type(notebook.cost_table(root, by="model"), notebook.CostTable)
    notebook.show(root)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
