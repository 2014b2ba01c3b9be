"""What a call is told, what the host is sent, and what it cannot take. No key is needed: the host is scripted."""

import asyncio
import json

from minillm import ChatNode, EncodeError, GeneratorInfo, MockTransport, NodeCompletionParameters
from minillm.transport import HTTPRequest, MockResponse


def host(request: HTTPRequest) -> MockResponse:
    """Shows what it was asked and continues the answer that was started."""
    body = json.loads(request.body)
    print("sent:", {key: value for key, value in body.items() if key not in ("model", "messages")})
    text = "9 of 10" if body["messages"][-1]["role"] == "assistant" else "Fine."
    usage = {"input_tokens": 20, "output_tokens": 4}
    content = [{"type": "text", "text": text}]
    message = {"id": "1", "type": "message", "role": "assistant", "model": body["model"], "content": content}
    return MockResponse.json({**message, "stop_reason": "end_turn", "usage": usage})


async def main() -> None:
    gen = GeneratorInfo.anthropic("claude-sonnet-4-5", api_key="k", transport=MockTransport(host))
    gen = gen.with_defaults(temperature=0.2)  # for every call, unless it says otherwise
    node = ChatNode.root("You judge {what}.").add_user("Is it any good?")

    reply = await node.complete(gen, max_tokens=20, stop=["."], format_kwargs={"what": "films"}, temperature=None)
    print("said:", reply.text)

    # The model goes on with an answer that we begin.
    reply = await node.complete(gen, force_prepend="Score: ", system_prompt="Be strict.")
    print("said:", reply.text)

    # This wire has no seed. It is told, never dropped in silence.
    reply = await node.complete(gen, seed=7, unsupported="drop")
    print("told:", *reply.response.losses)
    try:
        await node.complete(gen, seed=7, unsupported="error")
    except EncodeError as error:
        print("refused:", error.path)

    # One of three hosts is down; the others are heard.
    down = gen.replace(transport=MockTransport([MockResponse(status=503)]))
    careful = NodeCompletionParameters(retry=0, merge_contiguous=True)
    branch = await node.branch([gen, down, gen], params=careful)
    print("outcomes:", [type(outcome).__name__ for outcome in branch.outcomes])


asyncio.run(main())
