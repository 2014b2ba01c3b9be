"""Programs that are killed while a journal is open. Run by test_journalling.

    python -m tests.tree.crashing_journals step STEP PATH
        open a journal, work, and die at that step
    python -m tests.tree.crashing_journals kills PATH KILLS
        fork KILLS children that work on a journalled tree without end, each going on from the file that the one
        before left; kill each at a random moment; look at the file; print what was found as JSON

A child tells what it has begun, finished and flushed through memory that it shares with its parent, which does the
same operations on its own copy of the tree and so knows every state that the file may be in. A kill has hit a
write where the file holds a part of the next operation, or its last line is torn.
"""

import json
import mmap
import os
import random
import signal
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

from minillm.errors import LossWarning
from minillm.tree import Node, journal, journalling
from tests.tree.crashing_saves import die, die_after, die_before

HEAVY = "x" * 400_000  # so that many a kill falls into the writing of a line


def load(path: Path) -> tuple[Node, bool]:
    """The tree in the file, and whether its last line was torn."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        root = Node.from_tree_file(path)
    assert all(issubclass(each.category, LossWarning) for each in told)
    return root, bool(told)


def half_of_the_write(self: journalling.Journal, chunks: object) -> None:
    data = b"".join(chunks)  # type: ignore[call-overload]
    os.write(self._file.fileno(), data[: len(data) // 2])
    die()


def write_half() -> None:
    journalling.Journal._append = half_of_the_write  # type: ignore[method-assign,assignment]


def write_then_die() -> None:
    real = journalling.Journal._append

    def write(self: journalling.Journal, chunks: object) -> None:
        real(self, chunks)  # type: ignore[arg-type]
        die()

    journalling.Journal._append = write  # type: ignore[method-assign,assignment]


# At opening the file is saved whole, so those steps are the saves'; then come the lines, and the end of the block.
OPENING = {
    "before the first fsync": lambda: die_before("fsync", 1),
    "before the rename": lambda: die_before("replace", 1),
    "after the rename": lambda: die_after("replace", 1),
    "after the folder's fsync": lambda: die_after("fsync", 2),
}
WORKING = {"half a line": write_half, "a line": write_then_die}
CLOSING = {
    "before the last fsync": lambda: die_before("fsync", 1),
    "after the last fsync": lambda: die_after("fsync", 1),
}


def step(name: str, path: str) -> None:
    """The file holds a tree of two at first; a third node is finished, and death comes with a fourth at the latest."""
    root = Node.from_tree_file(path)
    if name in OPENING:
        OPENING[name]()
    with journal(root, path):
        root.add_user("finished")
        (WORKING | CLOSING)[name]()
        if name in WORKING:
            root.add_user("unfinished")


# ------------------------------------------------------------------ random moments


def operation(root: Node, run: int, number: int) -> Iterator[None]:
    """What is done as the n-th thing in a run, the same wherever it is done; a pause after each line it writes."""
    chance = random.Random(1000 * run + number)
    nodes = list(root.iter_depth_first())
    new = chance.choice(nodes).add_user(f"{run}.{number} " + HEAVY * (number % 3 == 0))
    yield
    if number % 4 == 0:
        root.add_child(new)
        yield
    if len(nodes) > 20:
        root.children[0].detach()
        yield
    elif number % 5 == 0:
        chance.choice(nodes[1:] or [new]).splice_out()
        yield
    if number % 7 == 0:
        root.metadata["score"] = f"{run}.{number}"
        yield


def state(root: Node) -> list[object]:
    nodes = root.iter_depth_first()
    return [(node.depth, node.text[:20], len(node.text), node.metadata.get("score")) for node in nodes]


def work_without_end(path: Path, run: int, memory: mmap.mmap) -> None:
    root, _ = load(path)
    with journal(root, path) as lines:
        number = 0
        while True:
            memory[0:8] = (number + 1).to_bytes(8)  # begun
            number += 1
            for _ in operation(root, run, number):
                pass
            if number % 10 == 0:
                lines.flush()
                memory[16:24] = number.to_bytes(8)
            memory[8:16] = number.to_bytes(8)  # finished


def look(path: Path, before: Node, run: int, finished: int, flushed: int) -> tuple[str | None, bool]:
    """What is wrong with the file, and whether the kill hit a write: the file holds a part of an operation.

    ``before`` is the tree that the run began with.
    """
    root, torn = load(path)
    found = state(root)
    passed: list[list[object]] = [state(before)]
    lasting = 0  # where the file may stand at the earliest
    for number in range(1, finished + 1):
        for _ in operation(before, run, number):
            passed.append(state(before))
        # A change inside metadata is written with the next thing that happens, or at a flush.
        lasting = len(passed) - 1 - (number % 7 == 0 and number > flushed)
    whole = len(passed) - 1
    for _ in operation(before, run, finished + 1):
        passed.append(state(before))
    at = next((place for place in range(lasting, len(passed)) if passed[place] == found), None)
    if at is None:
        return f"run {run}: {finished} operations were finished, and the file is in no state from then on", torn
    return None, torn or at > whole


def kills(path: Path, count: int) -> None:
    Node.root("top").save_tree(path)
    found = {"kills": 0, "hit_a_write": 0, "torn": 0, "operations": 0}
    broken: list[str] = []
    for run in range(1, count + 1):
        before, _ = load(path)
        memory = mmap.mmap(-1, 24)
        child = os.fork()
        if child == 0:
            work_without_end(path, run, memory)
        moment = random.uniform(0.001, 0.02)
        while not any(memory[0:8]):  # not at work yet
            pause(0.0005)
        pause(moment)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        finished, flushed = (int.from_bytes(memory[at : at + 8]) for at in (8, 16))
        found["kills"] += status == signal.SIGKILL
        found["operations"] += finished
        try:
            problem, hit = look(path, before, run, finished, flushed)
            found["hit_a_write"] += hit
            found["torn"] += load(path)[1]
        except Exception as error:
            problem = repr(error)
        if problem:
            broken.append(problem)
    print(json.dumps({**found, "broken": broken}))


def pause(seconds: float) -> None:
    signal.setitimer(signal.ITIMER_REAL, seconds)
    signal.sigwait([signal.SIGALRM])


if __name__ == "__main__":
    if sys.argv[1] == "step":
        step(*sys.argv[2:])
    else:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
        kills(Path(sys.argv[2]), int(sys.argv[3]))
