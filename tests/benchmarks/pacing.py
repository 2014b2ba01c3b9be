"""Pacing beside a client that only retries, at servers that limit as OpenAI and Anthropic do.

    python -m tests.benchmarks.pacing [--seconds 20] [--check]

A second is a second: the servers allow some hundred requests a minute, and each run asks for more than its buckets
hold at the beginning, so that it lives from what comes back. ``used`` is what was answered out of what the server
would have let through in the same time. ``--check`` fails below 90 % of that, or at 1 % of 429s and above.
"""

import argparse
import asyncio
import random
import sys
import time
from dataclasses import dataclass
from typing import Any

from minillm import ChatNode, GeneratorInfo, MiniLLMError
from minillm.types import RateLimits
from tests.rate_limited_server import ANTHROPIC, OPENAI, RateLimitedServer, Style, limiting

MOST_TOKENS = 200
LEAST_USED, MOST_REFUSED = 0.90, 0.01


@dataclass(frozen=True)
class Case:
    """A server, and how it is asked."""

    name: str
    style: Style
    wire: str
    limits: dict[str, float]
    each: float  # what a request takes of the narrowest limit, about

    def calls(self, seconds: float) -> int:
        """As many as take so long."""
        narrowest = min(self.limits.values()) if self.each == 1 else self.limits[_TOKENS[self.wire]]
        return int((narrowest + narrowest * seconds / 60) / self.each)


_TOKENS = {"openai_chat_completions": "tokens", "anthropic_messages": "output_tokens"}
CASES = [
    Case("OpenAI, requests", OPENAI, "openai_chat_completions", {"requests": 600, "tokens": 10_000_000}, 1),
    Case("OpenAI, tokens", OPENAI, "openai_chat_completions", {"requests": 10_000, "tokens": 60_000}, MOST_TOKENS),
    Case(
        "Anthropic, requests",
        ANTHROPIC,
        "anthropic_messages",
        {"requests": 600, "input_tokens": 5_000_000, "output_tokens": 5_000_000},
        1,
    ),
    Case(
        "Anthropic, tokens",
        ANTHROPIC,
        "anthropic_messages",
        {"requests": 10_000, "input_tokens": 600_000, "output_tokens": 40_000},
        MOST_TOKENS / 2,
    ),
]
GIVEN = {
    "requests": "requests_per_minute",
    "tokens": "tokens_per_minute",
    "input_tokens": "input_tokens_per_minute",
    "output_tokens": "output_tokens_per_minute",
}
#: How the limits are known. "learned" makes one call before the others.
CLIENTS = ("given", "learned", "retry only")


async def run(case: Case, client: str, seconds: float) -> dict[str, Any]:
    words = random.Random(1)
    async with limiting(RateLimitedServer(case.style, case.limits)) as server:
        limits = None
        if client == "given":
            limits = RateLimits(**{GIVEN[name]: limit for name, limit in case.limits.items()})  # type: ignore[arg-type]
        elif client == "retry only":
            limits = RateLimits(learn=False)
        gen = GeneratorInfo.custom("m", base_url=server.url, api_key="k-123456", wire=case.wire, limits=limits)
        root = ChatNode.root("Be terse.")
        options: dict[str, Any] = {"max_tokens": MOST_TOKENS, "retry": 60}
        if client == "learned":
            await root.chat("Hi", gen, **options)
        began = time.monotonic()

        async def one() -> bool:
            try:
                await root.chat("word " * words.randint(5, 60), gen, attach=False, **options)
            except MiniLLMError:
                return False
            return True

        done = sum(await asyncio.gather(*(one() for _ in range(case.calls(seconds)))))
        total = server.answered + server.refused
        return {
            "case": case.name,
            "client": client,
            "calls": case.calls(seconds),
            "failed": case.calls(seconds) - done,
            "seconds": time.monotonic() - began,
            "used": server.used(),
            "refused": server.refused / total,
        }


async def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0, help="how long each run lives from what comes back")
    parser.add_argument("--check", action="store_true", help="fail where the goals are missed")
    parser.add_argument("--only", default="", help="cases and clients whose name holds this")
    arguments = parser.parse_args()
    missed = 0
    print(f"{'server':22}{'client':12}{'calls':>6}{'failed':>8}{'seconds':>9}{'used':>8}{'429s':>8}")
    for case in CASES:
        for client in CLIENTS:
            if arguments.only and arguments.only not in f"{case.name} {client}":
                continue
            row = await run(case, client, arguments.seconds)
            print(
                "{case:22}{client:12}{calls:6}{failed:8}{seconds:9.1f}{used:8.1%}{refused:8.1%}".format(**row),
                flush=True,
            )
            good = row["used"] >= LEAST_USED and row["refused"] < MOST_REFUSED and not row["failed"]
            missed += client != "retry only" and not good
    return 1 if arguments.check and missed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
