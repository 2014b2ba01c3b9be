"""How fast is a model, really? A host that stands still for a second, seen by a closed and by an open loop. Offline.

Run: python examples/27_benchmark.py
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from minillm import ChatRequest, ChatResponse, EventStream, Message, MockModel
from minillm.benchmark import Closed, Limits, Open, Plan, Prompt, Target, benchmark, load_results


class StandsStill:
    """Answers after 20 ms, but for a second in the midst of it not at all. Any ChatModel can be measured."""

    def __init__(self) -> None:
        self.inner = MockModel(lambda request: Message("assistant", "The Danube."))
        self.begun = asyncio.get_running_loop().time()

    @asynccontextmanager
    async def stream(self, request: ChatRequest) -> AsyncIterator[EventStream]:
        since = asyncio.get_running_loop().time() - self.begun
        await asyncio.sleep(1.5 - since if 0.5 <= since < 1.5 else 0.02)
        async with self.inner.stream(request) as stream:
            yield stream

    async def complete(self, request: ChatRequest) -> ChatResponse:
        async with self.stream(request) as stream:
            return await stream.collect()


async def main() -> None:
    prompt = Prompt.of("river", "Name a river.")
    with tempfile.TemporaryDirectory() as folder:
        for load in (Closed(1), Open(30)):
            file = Path(folder) / f"{load.name}.jsonl"
            targets = [Target("host", StandsStill())]  # a GeneratorInfo as a rule
            plan = Plan(
                targets=targets, prompts=[prompt], loads=[load], requests=60, warm_up=0, limits=Limits(end_to_end=0.5)
            )
            await benchmark(plan, file=str(file))
            figures = load_results(file).series[0]  # the file holds all of it, whatever happens to the program
            spread, good = figures.end_to_end, figures.good_share or 0
            print(f"{figures.load}: median {spread.p50:.2f} s, p95 {spread.p95:.2f} s, {good:.0%} within the limit")


asyncio.run(main())
