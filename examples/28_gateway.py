"""A gateway: Anthropic Messages in front, a host of OpenAI Chat behind. Run: python examples/28_gateway.py"""

import asyncio

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from minillm import GeneratorInfo, MiniLLMError
from minillm.dispatch import dispatch_request, dispatch_stream_events
from minillm.report import Report
from minillm.wire import get_codec

WIRE = "anthropic_messages"


def gateway(gen: GeneratorInfo) -> web.Application:
    """Any SDK of Anthropic can be pointed here; ``gen`` answers, whatever model is named."""

    async def messages(http: web.Request) -> web.StreamResponse:
        body, report = await http.json(), Report()
        try:
            if not body.get("stream"):
                return web.json_response(await dispatch_request(body, gen, wire=WIRE, report=report))
            async with dispatch_stream_events(body, gen, wire=WIRE, report=report) as stream:
                response = web.StreamResponse(headers={"content-type": "text/event-stream"})
                await response.prepare(http)  # a failure before this has a status of its own
                async for piece in stream:
                    await response.write(piece)
                return response
        except MiniLLMError as error:
            status, said = get_codec(WIRE).encode_error(error)
            return web.json_response(said, status=status)
        finally:
            print("told:", *report.losses)

    app = web.Application()
    app.add_routes([web.post("/v1/messages", messages)])
    return app


async def host(http: web.Request) -> web.Response:
    print("behind:", await http.text())
    chunk = '{"id":"c1","choices":[{"index":0,"delta":{"content":"Sunny."},"finish_reason":"stop"}]}'
    return web.Response(text=f"data: {chunk}\n\ndata: [DONE]\n\n", content_type="text/event-stream")


async def main() -> None:
    behind = web.Application()
    behind.add_routes([web.post("/v1/chat/completions", host)])
    asked = {"model": "claude", "max_tokens": 99, "container": "c1", "stream": True}
    asked["messages"] = [{"role": "user", "content": "Weather in Rome?"}]
    async with TestServer(behind) as server:
        gen = GeneratorInfo.custom("small", base_url=str(server.make_url("/v1")))
        async with TestClient(TestServer(gateway(gen))) as client:  # in the place of an Anthropic SDK
            print(await (await client.post("/v1/messages", json=asked)).text())


if __name__ == "__main__":
    asyncio.run(main())
