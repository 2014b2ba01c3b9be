"""Trees for tests: shapes, random ones, and what every tree must satisfy."""

from collections.abc import Iterator

from hypothesis import strategies as st

from minillm.tree import Node

DEEP = 100_000


def chain(length: int, text: str = "m") -> tuple[Node, Node]:
    """A root and its leaf ``length - 1`` levels below."""
    root = leaf = Node.root(text)
    for level in range(1, length):
        leaf = leaf.add_assistant(text) if level & 1 else leaf.add_user(text)
    return root, leaf


def bushy(count: int, text: str = "m") -> Node:
    """A complete 8-ary tree of ``count`` nodes."""
    nodes = [Node.root(text)]
    for number in range(1, count):
        nodes.append(nodes[(number - 1) >> 3].add_user(text))
    return nodes[0]


def shape(node: Node) -> list[tuple[int, str, str]]:
    """Depth, role and text of every node, in depth-first order; iterative."""
    found = []
    stack = [(node, 0)]
    while stack:
        current, depth = stack.pop()
        found.append((depth, str(current.role), current.text))
        stack.extend((child, depth + 1) for child in reversed(current.children))
    return found


def check(root: Node) -> None:
    """The laws of a tree: links agree both ways, no node stands twice, ids differ, counts are right."""
    assert root.parent is None
    seen: set[Node] = set()
    ids: set[str] = set()
    for node in root.iter_depth_first():
        assert node not in seen
        seen.add(node)
        assert node.id not in ids
        ids.add(node.id)
        assert node.get_root() is root
        for child in node.children:
            assert child.parent is node
        assert len(set(node.children)) == len(node.children)
    assert len(seen) == root.node_count()
    assert set(root.iter_breadth_first()) == seen
    assert {node for node in seen if node.is_leaf} == set(root.iter_leaves())


@st.composite
def random_trees(draw: st.DrawFn, texts: st.SearchStrategy[str] | None = None, most: int = 12) -> Node:
    """A tree whose every node hangs under a random earlier one."""
    words = st.text(max_size=20) if texts is None else texts
    root = Node.root(draw(words))
    nodes = [root]
    for _ in range(draw(st.integers(0, most))):
        parent = nodes[draw(st.integers(0, len(nodes) - 1))]
        add = draw(st.sampled_from([parent.add_user, parent.add_assistant, parent.add_system]))
        nodes.append(add(draw(words)))
    return root


def all_nodes(roots: list[Node]) -> Iterator[Node]:
    for root in roots:
        yield from root.iter_depth_first()
