"""A hundred thousand nodes through everything, and their weight; tests/benchmarks/tree.py times a million of them."""

import tracemalloc

from minillm.tree import Node, best_leaf, diff, journal, prune, union
from tests.tree.trees import bushy

MANY = 100_000
TEXT = "A middling chat message."


def test_a_large_tree_is_built_walked_saved_loaded_journalled_and_pruned(tmp_path):
    root = bushy(MANY, TEXT)
    assert sum(1 for _ in root.iter_depth_first()) == sum(1 for _ in root.iter_breadth_first()) == MANY
    path = tmp_path / "tree.jsonl"
    root.save_tree(path)
    again = Node.from_tree_file(path)
    assert again.node_count() == MANY
    with journal(again, path):
        leaves = len(prune(again, lambda node: node.is_leaf))
    assert Node.from_tree_file(path).node_count() == again.node_count() == MANY - leaves
    assert union(again, root).node_count() == MANY
    assert len(diff(again, root).changes) == leaves
    assert best_leaf(root, lambda node: len(node.text)) is next(root.iter_leaves())


def test_a_node_weighs_at_most_160_bytes_above_its_text():
    """With an id as well."""
    count = 20_000
    bushy(10)
    tracemalloc.start()
    try:
        root = bushy(count, TEXT)
        for node in root.iter_depth_first():
            assert node.id
        weight = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert weight / count <= 160
