"""Programs that are killed while they save. Run by test_atomic_write.

    crashing_saves.py step KIND STEP PATH    save once and die at that step
    crashing_saves.py loop PATH HITS TRIES   fork children that save without end, kill each at a random moment,
                                             look at the file; print what was found as JSON

A child that dies with its temporary file still there was hit between opening and renaming.
"""

import json
import os
import random
import signal
import sys
from pathlib import Path

from minillm.tree import Node, atomic_write, thread_file, tree_file

NODES = 2000


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def tree(generation: str, count: int = NODES) -> Node:
    nodes = [Node.root(generation)]
    for number in range(1, count):
        nodes.append(nodes[(number - 1) // 3].add_user(generation))
    return nodes[0]


def whole(path: Path) -> str:
    """The generation in the file, if it is whole; anything else is an error."""
    root = Node.from_tree_file(path)
    texts = {node.text for node in root.iter_depth_first()}
    assert len(texts) == 1
    assert root.node_count() == NODES
    return texts.pop()


# ------------------------------------------------------------------ one step


def half_of_the_write(file, chunks) -> None:
    data = b"".join(chunks)
    file.write(data[: len(data) // 2])
    file.flush()
    die()


def die_before(name: str, which: int) -> None:
    """Replace ``os.name`` by one that dies on its n-th call (from 1)."""
    real, calls = getattr(os, name), []

    def call(*args, **kwargs):
        calls.append(args)
        if len(calls) == which:
            die()
        return real(*args, **kwargs)

    setattr(os, name, call)


def die_after(name: str, which: int) -> None:
    real, calls = getattr(os, name), []

    def call(*args, **kwargs):
        calls.append(args)
        result = real(*args, **kwargs)
        if len(calls) == which:
            die()
        return result

    setattr(os, name, call)


def prepare_half_write() -> None:
    thread_file.write_all = tree_file.write_all = half_of_the_write


STEPS = {
    "after open": lambda: die_after("open", 1),
    "half the write": prepare_half_write,
    "before fsync": lambda: die_before("fsync", 1),
    "after fsync": lambda: die_after("fsync", 1),
    "before rename": lambda: die_before("replace", 1),
    "after rename": lambda: die_after("replace", 1),
    "before folder fsync": lambda: die_before("fsync", 2),
    "after folder fsync": lambda: die_after("fsync", 2),
}


def step(kind: str, name: str, path: str) -> None:
    root = tree("new")
    leaf = next(root.iter_leaves())
    STEPS[name]()
    assert atomic_write.os is os
    if kind == "tree":
        root.save_tree(path)
    else:
        leaf.save_thread(path)


# ------------------------------------------------------------------ random moments


def save_without_end(path: Path, generation: int, started: int) -> None:
    trees = [(f"generation {number}", tree(f"generation {number}")) for number in range(generation, generation + 2)]
    os.write(started, b"!")
    while True:
        for _, root in trees:
            root.save_tree(path)


def loop(path: Path, hits: int, tries: int) -> None:
    tree("generation 0").save_tree(path)
    found = {"hits": 0, "tries": 0, "broken": []}
    while found["hits"] < hits and found["tries"] < tries:
        found["tries"] += 1
        ready, started = os.pipe()
        child = os.fork()
        if child == 0:
            save_without_end(path, 2 * found["tries"], started)
        os.read(ready, 1)
        os.close(ready)
        os.close(started)
        signal.setitimer(signal.ITIMER_REAL, random.uniform(0.0005, 0.03))
        signal.sigwait([signal.SIGALRM])
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        left = list(path.parent.glob(f".{path.name}.*.tmp"))
        found["hits"] += bool(left)
        for temporary in left:
            temporary.unlink()
        try:
            generation = int(whole(path).split()[1])
            if generation > 2 * found["tries"] + 1:
                found["broken"].append(f"generation {generation} from nowhere")
        except Exception as error:
            found["broken"].append(repr(error))
    print(json.dumps(found))


if __name__ == "__main__":
    if sys.argv[1] == "step":
        step(*sys.argv[2:])
    else:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
        loop(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
