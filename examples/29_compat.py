"""What does a host take? One that knows neither streams nor functions, its profile, and a client that adapts. Offline.

Run: python examples/29_compat.py
"""

import asyncio
import json
import tempfile
from pathlib import Path

from minillm import ChatNode, GeneratorInfo
from minillm.compat import Plan, Target, compat, write_profile
from minillm.transport import HTTPRequest, MockResponse, MockTransport


def host(request: HTTPRequest) -> MockResponse:
    """Answers plain questions alone."""
    body = json.loads(request.body or b"{}")
    for key in ("stream", "tools"):
        if body.get(key):
            return MockResponse.json({"error": {"message": f"{key}: not taken here"}}, status=400)
    message = {"role": "assistant", "content": "The Danube."}
    return MockResponse.json({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})


async def main() -> None:
    address = "http://127.0.0.1:9/v1"
    gen = GeneratorInfo.custom("small", base_url=address, transport=MockTransport(host))
    results = await compat(Plan(targets=[Target("mine", gen)], probes=["plain", "stream", "tools", "usage"], retry=0))
    for row in results.rows.values():
        print(f"{row.probe:8} {row.verdict:12} {row.reason}")

    with tempfile.TemporaryDirectory() as folder:
        profile = Path(folder) / "host.json"
        write_profile(results, "mine", gen, profile)
        adapted = GeneratorInfo.custom("small", base_url=address, profile=profile, transport=MockTransport(host))
        async with ChatNode.root("Be terse.").add_user("A river?").stream(adapted) as stream:
            print("streamed all the same:", (await stream.finish()).text)


asyncio.run(main())
