"""Agents that are killed while they run tools, and go on from their file. Run by test_run_killed.

    python -m tests.chat.killed_runs KILLS [SEED]
        fork children that work on a journalled conversation of many rounds with tools side by side, each going on
        from the file that the one before left; kill -9 each at a random moment, until KILLS of them were hit in a tool
        or between two (those hit before their first are counted apart); look at the file and at what the tools did;
        print what was found as JSON

Every tool writes a line to a ledger of its own when it begins and when it ends, which is the truth that the tree is
held against:

- what was begun stands on disk as begun, and what has a result there is never begun again;
- what was begun and has no result is reported as interrupted by the next run, all of it and nothing else, and is begun
  again only where that was allowed, or where the tool is idempotent and ``on_interrupted="rerun"``;
- what was on disk stays, nothing is skipped, and in the end every call of every turn has one result.
"""

import asyncio
import json
import mmap
import os
import random
import signal
import sys
import tempfile
import time
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from minillm import Allow, Answer, ChatNode, Deny, LossWarning, Message, MockModel, RunLimits, ToolCallPart, tool
from minillm.chat import ApprovalRequest, CallInterrupted
from minillm.tree import journal, started_calls
from minillm.types import ChatRequest, Role

ROUNDS, PARALLEL = 8, 4
IDEMPOTENT = "read"


# ------------------------------------------------------------------ the agent


class Ledger:
    """What the tools of one life did: a line each, handed to the operating system at once."""

    def __init__(self, path: Path, life: int) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._life = life

    def note(self, what: str, call: str) -> None:
        os.write(self._file, json.dumps([self._life, what, call]).encode() + b"\n")


def tools(ledger: Ledger, chance: random.Random) -> list[Any]:
    @tool
    async def write(call: ToolCallPart) -> str:
        ledger.note("begin", call.id)
        await asyncio.sleep(chance.uniform(0, 0.003))
        ledger.note("end", call.id)
        return f"wrote {call.id}"

    @tool
    def send(call: ToolCallPart) -> str:
        ledger.note("begin", call.id)
        time.sleep(chance.uniform(0, 0.003))
        ledger.note("end", call.id)
        return f"sent {call.id}"

    @tool(idempotent=True)
    async def read(call: ToolCallPart) -> str:
        ledger.note("begin", call.id)
        await asyncio.sleep(chance.uniform(0, 0.002))
        ledger.note("end", call.id)
        return f"read {call.id}"

    return [write, send, read]


async def answer(request: ChatRequest) -> Message | str:
    """The model: the same for the same conversation, whoever asks."""
    await asyncio.sleep(0.001)
    turn = sum(message.role == Role.ASSISTANT for message in request.messages)
    if turn == ROUNDS:
        return "Done."
    names = random.Random(turn)
    calls = [ToolCallPart(f"{turn}.{n}", names.choice(("write", "send", "read"))) for n in range(PARALLEL)]
    return Message(Role.ASSISTANT, calls)


def live(path: Path, books: Path, life: int, seed: int, memory: mmap.mmap) -> None:
    """One life of the agent: go on from where the file ends."""
    chance = random.Random(seed)
    ledger = Ledger(books, life)

    def approve(request: ApprovalRequest) -> Any:
        if not request.interrupted:
            return True
        decision = chance.choice((Allow(), Answer("looked up"), Deny("it was cut off")))
        ledger.note(type(decision).__name__, request.call.id)
        return decision

    async def work() -> None:
        leaf = end_of(load(path)[0])
        memory[0:1] = b"w"
        with journal(leaf, path):
            run = leaf.run(
                MockModel(answer),
                tools=tools(ledger, chance),
                approve=approve,
                on_interrupted="rerun" if life % 2 else "ask",
                limits=RunLimits(parallel=chance.choice((None, 2))),
            )
            async with run:
                async for event in run:
                    if isinstance(event, CallInterrupted):
                        ledger.note("reported", event.call.id)
        memory[0:1] = b"d"

    asyncio.run(work())


# ------------------------------------------------------------------ what its file says


def load(path: Path) -> tuple[ChatNode, bool]:
    """The tree in the file, and whether its last line was torn."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        root = ChatNode.from_tree_file(path)
    assert all(issubclass(each.category, LossWarning) for each in told)
    return root, bool(told)


def end_of(root: ChatNode) -> ChatNode:
    (leaf,) = root.iter_leaves()  # a run that goes on never branches by itself
    return leaf


@dataclass
class Standing:
    """Calls by what the file says of them."""

    asked: list[str] = field(default_factory=list)
    begun: set[str] = field(default_factory=set)
    results: dict[str, str] = field(default_factory=dict)
    over: bool = False

    @property
    def interrupted(self) -> set[str]:
        return self.begun - set(self.results)


def standing(root: ChatNode) -> Standing:
    found = Standing()
    for node in end_of(root).path():
        calls = [call.id for call in node.message.tool_calls]
        found.asked += calls
        found.begun |= {calls[each.position] for each in started_calls(node)}
        for result in node.message.tool_results:
            assert result.call_id not in found.results, f"two results for {result.call_id}"
            found.results[result.call_id] = result.text
        found.over = node.text == "Done."
    return found


def entries(books: Path, life: int) -> list[tuple[str, str]]:
    if not books.exists():
        return []
    lines = [json.loads(line) for line in books.read_text().splitlines()]
    return [(what, call) for each, what, call in lines if each == life]


def problems(before: Standing, after: Standing, life: int, did: list[tuple[str, str]]) -> list[str]:
    """What is wrong with what one life did, told by its ledger and by the file before and after."""
    noted: dict[str, Counter[str]] = {}
    for what, call in did:
        noted.setdefault(what, Counter())[call] += 1
    begun, reported = noted.get("begin", Counter()), noted.get("reported", Counter())
    allowed = set(noted.get("Allow", ()))
    wrong = []
    if life % 2:
        names = {f"{turn}.{n}": name for turn in range(ROUNDS) for n, name in enumerate(names_of(turn))}
        allowed |= {call for call in before.interrupted if names[call] == IDEMPOTENT}
    for call, times in begun.items():
        if call in before.results:
            wrong.append(f"{call} had its result and was begun again")
        if call in before.interrupted and call not in allowed:
            wrong.append(f"{call} was interrupted and begun again without leave")
        if times > 1:
            wrong.append(f"{call} was begun {times} times in one life")
        if call not in after.begun:
            wrong.append(f"{call} was begun and the file does not say so")
    # Reported one after another before anything else, so a life that was cut at once may not have come to all.
    if not set(reported) <= before.interrupted or (begun and set(reported) != before.interrupted):
        wrong.append(f"reported {sorted(reported)}, interrupted were {sorted(before.interrupted)}")
    if any(times > 1 for times in reported.values()):
        wrong.append("reported twice")
    lost = {call: text for call, text in before.results.items() if after.results.get(call) != text}
    if lost:
        wrong.append(f"results are gone or changed: {sorted(lost)}")
    if after.over and sorted(after.results) != sorted(every_call()):
        wrong.append("it ended, and not every call has its one result")
    return [f"life {life}: {each}" for each in wrong]


def names_of(turn: int) -> list[str]:
    chance = random.Random(turn)
    return [chance.choice(("write", "send", "read")) for _ in range(PARALLEL)]


def every_call() -> list[str]:
    return [f"{turn}.{n}" for turn in range(ROUNDS) for n in range(PARALLEL)]


# ------------------------------------------------------------------ the killer


def kills(folder: Path, count: int, seed: int) -> dict[str, Any]:
    chance = random.Random(seed)
    found: Counter[str] = Counter()
    broken: list[str] = []
    path, books, life = folder / "0.jsonl", folder / "0.ledger", 0
    ChatNode.root("You are busy.").add_user("Go.").get_root().save_tree(path)
    while found["kills"] < count:
        life += 1
        before = standing(load(path)[0])
        status = one_life(path, books, life, chance)
        if status not in (0, signal.SIGKILL):
            broken.append(f"life {life} ended by itself with {status}")
            break
        root, torn = load(path)
        after, did = standing(root), entries(books, life)
        broken += problems(before, after, life, did)
        begun = {call for what, call in did if what == "begin"}
        ended = {call for what, call in did if what == "end"}
        if status == signal.SIGKILL:
            found["during_a_tool" if begun - ended else "between_tools" if begun else "before_any"] += 1
            found["kills"] += bool(begun)
        found["torn_lines"] += torn
        found["begun"] += len(begun)
        found["ended_but_not_written"] += len((begun & ended) - set(after.results))
        found["reported"] += sum(what == "reported" for what, _ in did)
        found["begun_again_with_leave"] += len(begun & before.interrupted)
        if after.over:
            found["conversations_ended"] += 1
            life = 0
            path = folder / f"{found['conversations_ended']}.jsonl"
            books = path.with_suffix(".ledger")
            ChatNode.root("You are busy.").add_user("Go.").get_root().save_tree(path)
    return {**found, "broken": broken}


def one_life(path: Path, books: Path, life: int, chance: random.Random) -> int:
    """How the child ended."""
    memory, seed = mmap.mmap(-1, 1), chance.randrange(1_000_000)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            live(path, books, life, seed, memory)
            code = 0
        finally:
            os._exit(code)
    while memory[0:1] == b"\0":  # not at work yet
        time.sleep(0.0005)
        if os.waitpid(child, os.WNOHANG) != (0, 0):
            return 1
    time.sleep(chance.uniform(0.001, 0.05))
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) * -1 if status else 0


def warm_up(folder: Path) -> None:
    """One conversation without a killer, so that no child is killed while it reads modules."""
    path = folder / "warm.jsonl"
    ChatNode.root("You are busy.").add_user("Go.").get_root().save_tree(path)
    live(path, path.with_suffix(".ledger"), 1, 0, mmap.mmap(-1, 1))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        warm_up(Path(made))
        seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1_000_000)
        print(json.dumps({"seed": seed, **kills(Path(made), int(sys.argv[1]), seed)}))
