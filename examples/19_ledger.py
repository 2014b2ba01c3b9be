"""A bill of exchanges: accepted, refused, left; the host tells later what a stream that was left has cost. Offline.

Run: python examples/19_ledger.py
"""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from minillm import ChatNode, CostLedger, GeneratorInfo, MockTransport, aclose
from minillm.transport import HTTPRequest, MockResponse

NUMBER = {"x-generation-id": "gen-1"}
BUSY = MockResponse.json({"error": {"message": "busy", "code": 429}}, status=429)
RECORD = MockResponse.json({"data": {"total_cost": 0.00012, "tokens_prompt": 20, "tokens_completion": 57}})


def chunk(text: str) -> dict[str, Any]:
    return {"id": "gen-1", "model": "v/small", "choices": [{"index": 0, "delta": {"content": text}}]}


def whole(text: str) -> MockResponse:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 20, "completion_tokens": 8, "total_tokens": 28, "cost": 0.00003}
    return MockResponse.json({"id": "gen-2", "model": "v/small", "choices": [choice], "usage": usage})


async def main() -> None:
    # What OpenRouter would say: it is busy once, answers, and streams; and keeps a record of the stream.
    posts = iter([BUSY, whole("A heron."), MockResponse.sse([chunk("Once "), chunk("upon "), chunk("a time")], NUMBER)])

    def host(request: HTTPRequest) -> MockResponse:
        return RECORD if request.method == "GET" else next(posts)

    gen = GeneratorInfo.openrouter("v/small", api_key="sk-test", app_name="Example", transport=MockTransport(host))
    ledger = CostLedger()
    root = ChatNode.root("You know birds.")
    await root.chat("Name one.", gen, cost_callback=ledger, back_off_time=0)
    async with root.stream(gen, user="Tell me a story.", cost_callback=ledger) as stream:
        async for _ in stream:
            break  # enough: the connection is closed at once

    print(f"now:   {ledger.total.resolution}, at least ${ledger.known_usd}")
    await aclose()  # waits for bills that are on their way
    print(f"later: {ledger.total.resolution}, ${ledger.total.usd}")
    for attempt in ledger.attempts:
        print(f"{attempt.outcome:<9} {attempt.status}  ${attempt.cost.usd if attempt.cost else '?'}")

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bill.jsonl"
        print(f"{ledger.save_jsonl(path)} lines, the first begins {path.read_text()[:9]}")


asyncio.run(main())
