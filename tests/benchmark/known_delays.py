"""The benchmark against a host whose delays are known, and beside a bare client; by hand.

    python -m tests.benchmark.known_delays [--check] [--requests 40]

The host stamps its times on the client's clock. Medians of the time to first token, of the time between tokens and of
end to end must be the host's own within 5 % or 2 ms, whichever is larger; the time to first token must be less than
1 ms above the one that raw aiohttp and orjson see, asked in turns. ``--check`` fails otherwise. Then a stall.
"""

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Sequence
from typing import Any

from minillm import GeneratorInfo, aclose
from minillm.benchmark import Benchmark, Closed, Figures, Load, Open, Plan, Prompt, Target
from tests.benchmark.paced_server import WIRES, paced_server, stall, stamps

PROMPT = Prompt.of("short", "Name a river.")
MODELS = ("50-10-30", "5-2-50", "200-20-20")
_SHARE, _LEAST, _MOST_ADDED = 0.05, 0.002, 0.001
_TRIES = 3  # where other programs run beside it, their turns come between host and client


def generator(address: str, model: str, wire: str = "openai_chat_completions") -> GeneratorInfo:
    return GeneratorInfo.custom(model, base_url=f"{address}/v1", wire=wire)


async def measured(address: str, model: str, load: Load, requests: int, wire: str) -> Figures:
    """One series; the host's stamps are then those of it and of what went ahead."""
    plan = Plan(
        targets=[Target(model, generator(address, model, wire))], prompts=[PROMPT], loads=[load], requests=requests
    )
    results = await Benchmark(plan).run()
    assert not results.failed, results.series[0].errors
    return results.series[0]


def true_medians(rows: Sequence[dict[str, Any]]) -> tuple[float, float, float]:
    """First token, between tokens, end to end, as the host saw them."""
    median = statistics.median
    return (
        median(row["sent"][0] - row["came"] for row in rows),
        median((row["sent"][-1] - row["sent"][0]) / (len(row["sent"]) - 1) for row in rows),
        median(row["ended"] - row["came"] for row in rows),
    )


async def exactness(address: str, requests: int) -> bool:
    print(
        "| host | wire | load | first token: host, benchmark | between tokens | end to end |\n|---|---|---|---|---|---|"
    )
    well = True
    cases: list[tuple[str, str, Load]] = [(model, "openai_chat_completions", Closed(1)) for model in MODELS]
    cases += [(MODELS[0], wire, Closed(1)) for wire in WIRES.values() if wire != "openai_chat_completions"]
    cases += [(MODELS[0], "openai_chat_completions", load) for load in (Closed(4), Open(8.0))]
    for model, wire, load in cases:
        for _ in range(_TRIES):
            cells, good = await compared(address, model, load, requests, wire)
            if good:
                break
        well &= good
        print(f"| {model} | {wire} | {load.name} | {' | '.join(cells)} |", flush=True)
    return well


async def compared(address: str, model: str, load: Load, requests: int, wire: str) -> tuple[list[str], bool]:
    """The three medians, the host's and ours, and whether they agree."""
    stamps(address)
    figures = await measured(address, model, load, requests, wire)
    truth = true_medians(stamps(address)[-requests:])
    found = (figures.first_token.p50, figures.inter_token.p50, figures.end_to_end.p50)
    cells, well = [], True
    for true, seen in zip(truth, found, strict=True):
        assert seen is not None
        good = abs(seen - true) <= max(_SHARE * true, _LEAST)
        well &= good
        cells.append(f"{true * 1000:.2f}, {seen * 1000:.2f} ms{'' if good else ' (!)'}")
    return cells, well


async def floor(session: Any, address: str, model: str) -> float:
    """Seconds to the first token by aiohttp and orjson alone."""
    import orjson

    body = {
        "model": model,
        "messages": [{"role": "user", "content": "Name a river."}],
        "stream": True,
        "max_tokens": 128,
    }
    headers = {"content-type": "application/json"}
    first, rest = None, b""
    begun = time.perf_counter()
    async with session.post(f"{address}/v1/chat/completions", data=orjson.dumps(body), headers=headers) as answer:
        async for data in answer.content.iter_any():
            *whole, rest = (rest + data).split(b"\n\n")
            for frame in whole:
                if frame != b"data: [DONE]" and first is None:
                    choices = orjson.loads(frame[6:])["choices"]
                    if choices and choices[0]["delta"].get("content"):
                        first = time.perf_counter()
    assert first is not None
    return first - begun


async def overhead(address: str, requests: int) -> bool:
    """In turns, so that both see the same machine."""
    import aiohttp

    model, bare, ours = "20-10-5", [], []
    plan = Plan(targets=[Target(model, generator(address, model))], prompts=[PROMPT], requests=1, warm_up=0)
    async with aiohttp.ClientSession() as session:
        for _ in range(requests * 4):
            bare.append(await floor(session, address, model))
            (row,) = (await Benchmark(plan).run()).measured
            ours.append(row.first_token)
    below, above = statistics.median(bare), statistics.median(ours)
    more = f"{1e6 * (above - below):.0f} us more"
    print(f"\ntime to first token beside raw aiohttp: {below * 1000:.3f} and {above * 1000:.3f} ms, {more}")
    return above - below < _MOST_ADDED


async def standstill(address: str) -> None:
    """Twelve seconds, two of which the host stands still."""
    print("\n| 2 s of standstill | median | p90 | p95 | p99 | highest |\n|---|---|---|---|---|---|")
    for load, requests in ((Closed(1), 120), (Open(10.0), 120)):
        stall(address, 4.0, 2.0)
        figures = await measured(address, "50-10-5", load, requests, "openai_chat_completions")
        spread = figures.end_to_end
        cells = (
            f"{(value or 0) * 1000:.0f} ms" for value in (spread.p50, spread.p90, spread.p95, spread.p99, spread.high)
        )
        print(f"| {load.name} | {' | '.join(cells)} |", flush=True)


async def main(requests: int) -> bool:
    with paced_server() as address:
        well = await exactness(address, requests)
        well &= await overhead(address, requests)
        await standstill(address)
        await aclose()
    return well


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--requests", type=int, default=40)
    asked = parser.parse_args()
    passed = asyncio.run(main(asked.requests))
    print("\nwithin the goals" if passed else "\nnot within the goals")
    sys.exit(asked.check and not passed)
