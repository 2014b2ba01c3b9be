"""What a Chat Completions host says: whole answers, chunks, and generators that ask a scripted transport."""

from typing import Any

from minillm import ChatRequest, GeneratorInfo, Message, MockTransport
from minillm.client import HTTPModel
from minillm.policies.options import CallOptions
from minillm.transport import MockResponse

KEY = "canary-k3y-0123456789"
REQUEST = ChatRequest(None, (Message("user", "Hi"),))
USAGE = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}


def whole(text="Hello.", **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    return {"id": "c-1", "object": "chat.completion", "model": "m-1", "choices": [choice], "usage": USAGE, **more}


def chunk(text=None, finish=None, **more: Any) -> dict[str, Any]:
    delta = {} if text is None else {"content": text}
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "c-1", "object": "chat.completion.chunk", "model": "m-1", "choices": [choice], **more}


PIECES = [chunk("Hel"), chunk("lo."), chunk(finish="stop", usage=USAGE), "[DONE]"]


def generator(answers: Any, **settings: Any) -> GeneratorInfo:
    transport = answers if isinstance(answers, MockTransport) else MockTransport(answers)
    return GeneratorInfo.openai("m", **{"api_key": KEY, **settings, "transport": transport})


def model(answers: Any, options: CallOptions | None = None, **settings: Any) -> HTTPModel:
    return HTTPModel(generator(answers, **settings), options or CallOptions())


def ok(**more: Any) -> MockResponse:
    return MockResponse.json(whole(**more))


async def collected(asked: HTTPModel) -> Any:
    async with asked.stream(REQUEST) as stream:
        return await stream.collect()
