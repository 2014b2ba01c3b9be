"""What type checkers make of transforms; never run."""

from collections.abc import Iterator, Sequence
from typing import assert_type

from minillm import ChatNode, GeneratorInfo, NodeCompletionParameters, Reply, Transform
from minillm.transforms import (
    RequestTransform,
    StreamTransform,
    cap_tokens,
    change_response,
    merge_contiguous,
    redact,
    run_request_middleware_chain,
    run_stream_middleware_chain,
    think_tags,
)
from minillm.types import ChatRequest, ChatResponse, StreamEvent


def mine(request: ChatRequest) -> ChatRequest:
    return request


def batches(events: Sequence[StreamEvent]) -> Sequence[StreamEvent]:
    return events


def remembering() -> StreamTransform:
    return batches


async def calls(node: ChatNode, gen: GeneratorInfo) -> None:
    changes: list[Transform | RequestTransform] = [
        think_tags(),
        merge_contiguous,
        mine,
        cap_tokens(5),
        Transform(events=batches, stream=remembering),
    ]
    assert_type(await node.complete(gen, transforms=changes), Reply[str])
    assert_type(await node.complete(gen, transforms=(redact("x"), mine)), Reply[str])
    await node.branch(gen, n=2, transforms=[mine])
    GeneratorInfo.openai("m", transforms=[mine, think_tags()])
    GeneratorInfo.local(transforms=changes)
    GeneratorInfo.custom("m", base_url="http://127.0.0.1:1/v1", transforms=think_tags())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    shared = NodeCompletionParameters(transforms=[mine, think_tags()])
    assert_type(await node.complete(gen, shared), Reply[str])


def chains(request: ChatRequest, response: ChatResponse, events: list[StreamEvent]) -> None:
    assert_type(run_request_middleware_chain(request, [mine, think_tags()]), ChatRequest)
    assert_type(run_stream_middleware_chain(events, [think_tags()]), Iterator[StreamEvent])
    assert_type(change_response(response, [think_tags()]), ChatResponse)
