"""The codecs alone, in a web handler: Anthropic Messages in front, another wire behind, streams as they pass.

Run: python examples/09_codecs_in_a_web_handler.py
"""

import asyncio

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient, TestServer

from minillm.report import Report
from minillm.wire import get_codec, rewrite_request, rewrite_response, rewrite_stream

FRONT, BEHIND = "anthropic_messages", "openai_chat_completions"


async def messages(http: web.Request) -> web.StreamResponse:
    """POST /v1/messages, answered by an upstream that speaks Chat Completions."""
    asked, report = await http.json(), Report()
    body = rewrite_request(asked, source=FRONT, target=BEHIND, report=report)
    upstream = http.url.with_path("/v1/chat/completions")  # here this very server plays it as well
    async with ClientSession() as session, session.post(upstream, json=body) as answer:
        if answer.status >= 400:
            error = get_codec(BEHIND).decode_error(answer.status, answer.headers, await answer.read())
            status, said = get_codec(FRONT).encode_error(error)
            return web.json_response(said, status=status)
        if not asked.get("stream"):
            return web.json_response(rewrite_response(await answer.json(), source=BEHIND, target=FRONT, report=report))
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(http)
        rewriter = rewrite_stream(source=BEHIND, target=FRONT, report=report)
        async for piece in answer.content.iter_any():
            await response.write(rewriter.feed(piece))
        await response.write(rewriter.finish())
    for loss in report.losses:  # what could not be said is told
        print("told:", loss)
    return response


CHUNK = '{"id":"c1","choices":[{"index":0,"delta":{"content":"Sunny, 24 degrees."},"finish_reason":"stop"}]}'


async def chat(http: web.Request) -> web.Response:
    print("upstream was asked:", await http.text())
    return web.Response(text=f"data: {CHUNK}\n\ndata: [DONE]\n\n", content_type="text/event-stream")


async def main() -> None:
    app = web.Application()
    app.add_routes([web.post("/v1/messages", messages), web.post("/v1/chat/completions", chat)])
    turns = [{"role": "user", "content": "Weather in Rome?"}]
    thinking = {"type": "enabled", "budget_tokens": 1024}
    asked = {"model": "m", "max_tokens": 2048, "stream": True, "thinking": thinking, "messages": turns}
    async with TestClient(TestServer(app)) as client:  # in the place of an Anthropic SDK
        print(await (await client.post("/v1/messages", json=asked)).text())


asyncio.run(main())
