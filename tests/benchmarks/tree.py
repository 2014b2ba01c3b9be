"""What a tree costs, as ratios to plain objects with slots and flat JSON by orjson: the least Python can do.

    python tests/benchmarks/tree.py [--nodes 1000000] [--rounds 5] [--check]

Each figure is CPU time in a fresh process, the median of the rounds, floor and minillm in turn. ``--check``
ends with 1 where a goal is missed by more than a quarter (machines are noisy). The floor's rows are
``[parent, role, content]``; ours also carry an id for every node, which the goals do not forgive. Files are
written and read through the file system's cache, ours with fsync, whose wait is no CPU time.
"""

import argparse
import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

TEXT = "A middling chat message, some sixty characters of plain text."
ROLES = ("user", "assistant")

# name: (unit, goal as a ratio, or as an absolute figure where the ratio is None)
GOALS: dict[str, tuple[str, float | None, float | None]] = {
    "build": ("us a node", 2.0, 1.2),
    "memory": ("bytes a node", None, 160),
    "memory with ids": ("bytes a node", None, 160),
    "walk": ("us a node", 2.0, None),
    "thread of 1,000": ("us", 1.5, None),
    "prune": ("us a node", 2.0, None),
    "tree JSON out": ("us a node", 2.0, None),
    "tree JSON in": ("us a node", 2.0, None),
    "save": ("us a node", 2.0, None),
    "save again": ("us a node", 2.0, None),
    "load": ("us a node", 2.0, None),
    "journal": ("us a node", None, None),
    "thread JSON out": ("us a node", None, None),
    "thread JSON in": ("us a node", None, None),
    "free": ("us a node", None, None),
}


class Floor:
    """Plain objects with slots, a list of children on first use, flat JSON."""

    class Node:
        __slots__ = ("children", "content", "parent", "role")

        def __init__(self, role: str, content: str, parent: Any) -> None:
            self.role, self.content, self.parent, self.children = role, content, parent, None
            if parent is not None:
                if parent.children is None:
                    parent.children = [self]
                else:
                    parent.children.append(self)

    def __init__(self) -> None:
        import orjson

        self.dumps, self.loads = orjson.dumps, orjson.loads

    def build(self, parents: list[int]) -> list[Any]:
        nodes: list[Any] = []
        for i, p in enumerate(parents):
            nodes.append(self.Node(ROLES[i & 1], TEXT, nodes[p] if i else None))
        return nodes

    def ids(self, root: Any) -> None:
        pass

    def walk(self, root: Any) -> int:
        found, stack = 0, [root]
        while stack:
            node = stack.pop()
            found += 1
            if node.children:
                stack.extend(reversed(node.children))
        return found

    def thread(self, leaf: Any) -> list[Any]:
        found = []
        while leaf is not None:
            found.append({"role": leaf.role, "content": leaf.content})
            leaf = leaf.parent
        found.reverse()
        return found

    def tree_out(self, root: Any) -> Any:
        rows, stack = [], [(root, -1)]
        while stack:
            node, parent = stack.pop()
            number = len(rows)
            rows.append((parent, node.role, node.content))
            if node.children:
                stack.extend([(child, number) for child in reversed(node.children)])
        return self.dumps(rows)

    def tree_in(self, data: Any) -> Any:
        nodes: list[Any] = []
        for parent, role, content in self.loads(data):
            nodes.append(self.Node(role, content, nodes[parent] if parent >= 0 else None))
        return nodes[0]

    def prune(self, root: Any, drop: Callable[[Any], bool]) -> int:
        gone, stack = 0, [root]
        while stack:
            node = stack.pop()
            if node.children:
                kept = [child for child in node.children if not drop(child)]
                gone += len(node.children) - len(kept)
                node.children = kept
                stack.extend(kept)
        return gone

    def is_leaf(self, node: Any) -> bool:
        return not node.children

    def save(self, root: Any, path: Path) -> None:
        path.write_bytes(self.tree_out(root))

    def load(self, path: Path) -> Any:
        return self.tree_in(path.read_bytes())

    def journal(self, parents: list[int], path: Path) -> Any:
        """A line for each node, written when it is made."""
        nodes: list[Any] = []
        with open(path, "ab", buffering=0) as file:
            for i, p in enumerate(parents):
                node = self.Node(ROLES[i & 1], TEXT, nodes[p] if i else None)
                file.write(self.dumps([p, node.role, node.content]) + b"\n")
                nodes.append(node)
        return nodes[0]

    def thread_out(self, leaf: Any) -> Any:
        return self.dumps(self.thread(leaf))

    def thread_in(self, data: Any) -> Any:
        node = None
        for row in self.loads(data):
            node = self.Node(row["role"], row["content"], node)
        return node


class MiniLLM:
    """The same through the public face of a node."""

    def __init__(self) -> None:
        from minillm.tree import Node, journal, prune

        self.Node, self.prune, self._journal = Node, prune, journal
        root, leaf = self.build([-1, 0])  # so that nothing is imported inside a figure
        self.tree_in(self.tree_out(root))
        self.thread_in(self.thread_out(leaf))

    def build(self, parents: list[int]) -> list[Any]:
        nodes: list[Any] = [self.Node.root(TEXT)]
        for i, p in enumerate(parents):
            if i:
                nodes.append(nodes[p].add_assistant(TEXT) if i & 1 else nodes[p].add_user(TEXT))
        return nodes

    def ids(self, root: Any) -> None:
        for node in root.iter_depth_first():
            node.id  # noqa: B018

    def walk(self, root: Any) -> int:
        found = 0
        for _ in root.iter_depth_first():
            found += 1
        return found

    def thread(self, leaf: Any) -> list[Any]:
        return leaf.thread()  # type: ignore[no-any-return]

    def tree_out(self, root: Any) -> Any:
        return root.to_tree_json()

    def tree_in(self, data: Any) -> Any:
        return self.Node.from_tree_json(data)

    def is_leaf(self, node: Any) -> bool:
        return node.is_leaf  # type: ignore[no-any-return]

    def save(self, root: Any, path: Path) -> None:
        root.save_tree(path)

    def load(self, path: Path) -> Any:
        return self.Node.from_tree_file(path)

    def journal(self, parents: list[int], path: Path) -> Any:
        nodes: list[Any] = [self.Node.root(TEXT)]
        with self._journal(nodes[0], path):
            for i, p in enumerate(parents):
                if i:
                    nodes.append(nodes[p].add_assistant(TEXT) if i & 1 else nodes[p].add_user(TEXT))
        return nodes[0]

    def thread_out(self, leaf: Any) -> Any:
        return leaf.to_thread_json()

    def thread_in(self, data: Any) -> Any:
        return self.Node.from_thread_json(data).leaf


CONTESTANTS: dict[str, Callable[[], Any]] = {"floor": Floor, "minillm": MiniLLM}


def bushy(count: int) -> list[int]:
    return [(i - 1) >> 3 for i in range(count)]


def chain(count: int) -> list[int]:
    return [i - 1 for i in range(count)]


def cpu(work: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    start = time.process_time()
    result = work(*arguments)
    return result, time.process_time() - start


def resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def large(contestant: Any, count: int) -> dict[str, float]:
    """One tree of ``count`` nodes: building, memory, walking, freeing."""
    parents = bushy(count)
    gc.collect()
    before = resident()
    nodes, built = cpu(contestant.build, parents)
    root = nodes[0]
    del nodes
    gc.collect()
    memory = resident() - before
    _, walked = cpu(contestant.walk, root)
    contestant.ids(root)
    with_ids = resident() - before
    is_leaf, place = contestant.is_leaf, iter(range(count))
    _, pruned = cpu(contestant.prune, root, lambda node: next(place) % 2 and is_leaf(node))
    start = time.process_time()
    del root
    gc.collect()
    freed = time.process_time() - start
    return {
        "build": built / count * 1e6,
        "memory": memory / count,
        "memory with ids": with_ids / count,
        "walk": walked / count * 1e6,
        "prune": pruned / count * 1e6,
        "free": freed / count * 1e6,
    }


def disk(contestant: Any, count: int) -> dict[str, float]:
    """One tree of ``count`` nodes into a file and back; a tenth of it by a journal."""
    root = contestant.build(bushy(count))[0]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tree"
        _, saved = cpu(contestant.save, root, path)
        _, again = cpu(contestant.save, root, path)
        loaded, back = cpu(contestant.load, path)
        assert contestant.walk(loaded) == count
        _, journalled = cpu(contestant.journal, bushy(count // 10), Path(folder) / "journal")
    return {
        "save": saved / count * 1e6,
        "save again": again / count * 1e6,
        "load": back / count * 1e6,
        "journal": journalled / count * 1e7,
    }


def files(contestant: Any, count: int) -> dict[str, float]:
    """JSON of a tree of a tenth as many nodes, and of a chain of a hundredth."""
    root = contestant.build(bushy(count // 10))[0]
    text, out = cpu(contestant.tree_out, root)
    _, back = cpu(contestant.tree_in, text)
    found = {"tree JSON out": out * 1e7 / count, "tree JSON in": back * 1e7 / count}
    leaf = contestant.build(chain(count // 100))[-1]
    text, out = cpu(contestant.thread_out, leaf)
    _, back = cpu(contestant.thread_in, text)
    found |= {"thread JSON out": out * 1e8 / count, "thread JSON in": back * 1e8 / count}
    leaf = contestant.build(chain(1000))[-1]
    contestant.thread(leaf)
    found["thread of 1,000"] = statistics.median(cpu(contestant.thread, leaf)[1] for _ in range(50)) * 1e6
    return found


PARTS: dict[str, Callable[[Any, int], dict[str, float]]] = {"large": large, "disk": disk, "files": files}


def measure(name: str, part: str, count: int) -> dict[str, float]:
    """In a process of its own."""
    command = [sys.executable, __file__, "--one", name, part, str(count)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nodes", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--one", nargs=3, metavar=("NAME", "PART", "NODES"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        name, part, count = options.one
        print(json.dumps(PARTS[part](CONTESTANTS[name](), int(count))))
        return 0
    samples: dict[str, dict[str, list[float]]] = {name: {} for name in CONTESTANTS}
    for _ in range(options.rounds):
        for part in PARTS:
            for name in CONTESTANTS:
                for figure, value in measure(name, part, options.nodes).items():
                    samples[name].setdefault(figure, []).append(value)
    return report(samples, options.check)


def report(samples: dict[str, dict[str, list[float]]], check: bool) -> int:
    missed = 0
    print(f"{'':18}{'floor':>9}{'minillm':>9}{'ratio':>7}  goal")
    for figure, (unit, ratio_goal, absolute_goal) in GOALS.items():
        floor, ours = (statistics.median(samples[name][figure]) for name in CONTESTANTS)
        goals = [f"<= {ratio_goal}x"] * bool(ratio_goal) + [f"<= {absolute_goal}"] * bool(absolute_goal)
        ratio = ours / floor if floor else float("nan")
        too_much = (ratio_goal and ratio > ratio_goal * 1.25) or (absolute_goal and ours > absolute_goal * 1.25)
        missed += bool(too_much)
        mark = " MISSED" if too_much else ""
        print(f"{figure:18}{floor:9.2f}{ours:9.2f}{ratio:7.2f}  {', '.join(goals)} {unit}{mark}")
    return 1 if check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
