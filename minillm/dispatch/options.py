"""What a call without a tree may be told: everything but what is about nodes, and what the request says itself."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict

from ..cost import Budget
from ..observe import Observe
from ..policies.options import CostCallback, Expect, RequestTransform, Transform, Validate
from ..types import JSONValue, ReasoningConfig, ResponseFormat, TokenPrice

__all__ = ["DispatchOptions"]


class DispatchOptions(TypedDict, total=False):
    """Keywords of the functions here. Those that go on the wire win over the request's own parameters, which win over
    the generator's defaults; None is deliberately not sent. The others are those of ``node.complete``.
    """

    max_tokens: int | None
    temperature: float | None
    top_p: float | None
    top_k: int | None
    min_p: float | None
    frequency_penalty: float | None
    presence_penalty: float | None
    repetition_penalty: float | None
    stop: str | Sequence[str] | None
    seed: int | None
    n: int | None
    logit_bias: Mapping[str, float] | None
    logprobs: bool | None
    top_logprobs: int | None
    response_format: ResponseFormat | None
    reasoning: ReasoningConfig | str | None
    verbosity: str | None
    parallel_tool_calls: bool | None
    modalities: Sequence[str] | None
    audio: Mapping[str, JSONValue] | None
    prediction: Mapping[str, JSONValue] | None
    service_tier: str | None
    store: bool | None
    cache_key: str | None
    end_user: str | None
    metadata: Mapping[str, JSONValue] | None
    extra: Mapping[str, JSONValue] | None
    output: Any
    expect: Expect | None
    parse_json: bool
    validate: Validate | None
    correction: int | None
    crash_on_refusal: bool
    crash_on_empty_response: bool
    force_prepend: str | None
    prepend_instruction: bool
    transforms: Sequence[Transform | RequestTransform]
    unsupported: Literal["error", "warn", "drop"]
    retry: int
    exp_back_off: bool
    back_off_time: float
    max_back_off: float
    max_retry_after: float
    deadline: float | None
    connect_timeout: float | None
    first_byte_timeout: float | None
    idle_timeout: float | None
    track_cost: bool | None
    token_price: TokenPrice | None
    budget: Budget | None
    observe: Observe | None
    cost_callback: CostCallback | None
