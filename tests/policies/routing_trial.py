"""Plans under random faults, over real sockets: every text is right, and when all is over nothing is left open.

Run by hand: ``python -m tests.policies.routing_trial [runs] [seed]``; a short form of it is in the suite.
"""

import asyncio
import gc
import os
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

from minillm import AllRoutesFailed, ChatNode, StreamInterrupted, fallback, hedge, loop_local

from .faulty_hosts import FaultyHosts, faulty_hosts

AT_ONCE = 16
FAULTS = ["429", "500", "drop", "dropstart", "dropafter", "hang", "well", "fine", "slow0.02"]
FIRST_BYTE = 0.25  # what ends a hang where nothing else does


@dataclass
class Trial:
    """What was counted.

    Args:
        left: file descriptors, tasks, and the server's connections and requests that are left at the end, beyond
            what was there at the start.
    """

    runs: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    attempts: Counter[str] = field(default_factory=Counter)
    left: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


async def trial(runs: int, seed: int = 1) -> Trial:
    """So many calls through plans of all kinds, sixteen at a time; some are cancelled or left early.

    Raises:
        AssertionError: a text, a tree or a table of attempts is wrong.
    """
    chance, result = random.Random(seed), Trial(runs)
    async with faulty_hosts() as hosts:
        await asyncio.sleep(0)
        gc.collect()
        files, tasks = open_files(), len(asyncio.all_tasks())
        numbers, began = iter(range(runs)), time.monotonic()

        async def work() -> None:
            for _ in numbers:
                await one(hosts, chance, result)

        await asyncio.gather(*(work() for _ in range(AT_ONCE)))
        result.seconds = time.monotonic() - began
        await hosts.until(lambda: hosts.hanging == 0)
        await loop_local.aclose()
        while hosts.connections() and time.monotonic() < began + result.seconds + 5:
            await asyncio.sleep(0.01)  # the server hears of the closed lines in its own time
        gc.collect()
        result.left = {
            "files": open_files() - files,
            "tasks": len(asyncio.all_tasks()) - tasks,
            "connections": hosts.connections(),
            "requests": hosts.hanging,
        }
    return result


async def one(hosts: FaultyHosts, chance: random.Random, result: Trial) -> None:
    """One call, and what must be true of its end."""
    faults = chance.sample(FAULTS, chance.randint(1, 4))
    midstream = chance.choice(["fail", "restart"])
    commit = chance.choice(["content", "text", "end"])
    routes = [hosts.gen(fault) for fault in faults]
    hedges = len(routes) > 1 and chance.random() < 0.4
    if hedges:
        plan = hedge(routes, after=0.005, retry=0, cooldown=None, commit=commit)
    else:
        midstream = "fail" if commit == "end" else midstream
        plan = fallback(routes, retry=0, cooldown=None, commit=commit, midstream=midstream)
    streamed, cancelled, leaves = chance.random() < 0.7, chance.random() < 0.1, chance.random() < 0.1
    node = ChatNode.root("Be terse.")
    call = _streamed(node, plan, leaves) if streamed else _whole(node, plan)
    task, failure = asyncio.ensure_future(call), None
    if cancelled:
        await asyncio.sleep(chance.random() * 0.02)
        task.cancel()
    try:
        ending = await task
    except asyncio.CancelledError:
        ending = "cancelled"
    except (AllRoutesFailed, StreamInterrupted) as error:
        failure, ending = error, type(error).__name__
    result.ended[ending] += 1
    assert failure is None or not node.children, "a failed call leaves the tree as it was"
    assert not isinstance(failure, AllRoutesFailed) or len(failure.errors) == len(faults)
    made = [attempt for each in node.iter_depth_first() for attempt in each.attempts]
    for attempt in made:
        result.attempts[f"{attempt.host} {attempt.outcome}"] += 1
        assert attempt.outcome != "pending"
        assert attempt.cost is not None
    if not hedges and not cancelled:
        assert sorted(attempt.host for attempt in made) == sorted(faults[: len(made)]), "each route once, in order"


async def _whole(node: ChatNode, plan: object) -> str:
    reply = await node.chat("Capital?", plan, first_byte_timeout=FIRST_BYTE)  # type: ignore[arg-type]
    assert reply.text == f"Paris of {reply.attempts[-1].host}.", reply.text
    assert reply.attempts[-1].outcome == "accepted"
    return "answered"


async def _streamed(node: ChatNode, plan: object, leaves: bool) -> str:
    seen = ""
    async with node.stream(plan, user="Capital?", first_byte_timeout=FIRST_BYTE) as stream:  # type: ignore[arg-type]
        async for chunk in stream:
            seen += chunk.delta
            if leaves:
                break
    if leaves:
        return "left"
    reply = stream.node
    assert reply.text == stream.text == f"Paris of {reply.attempts[-1].host}.", reply.text
    siblings = reply.parent.children if reply.parent is not None else ()
    assert seen == "".join(sibling.text for sibling in siblings), "what was read is the partial answers and the whole"
    return "answered" if len(siblings) == 1 else "restarted"


def main() -> None:
    given = [int(argument) for argument in sys.argv[1:]]
    result = asyncio.run(trial(*(given or [1000])))
    print(f"{result.runs} runs in {result.seconds:.1f} s")
    for title, counts in (("ended", result.ended), ("attempts", result.attempts), ("left open", result.left)):
        print(f"{title}: " + ", ".join(f"{name} {count}" for name, count in sorted(counts.items())))
    sys.exit(any(result.left.values()))


if __name__ == "__main__":
    main()
