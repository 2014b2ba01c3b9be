"""Token probabilities, both ways."""

from typing import Any

import pytest

from minillm.types import TokenLogprob
from minillm.wire.openai_responses.logprobs import decode_logprobs, encode_logprobs

TOKEN = {"token": "a", "logprob": -0.5, "bytes": [97], "top_logprobs": []}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ([TOKEN], (TokenLogprob("a", -0.5, (97,)),)),
        ([{"token": "a", "logprob": 0}], (TokenLogprob("a", 0),)),
        (
            [{**TOKEN, "top_logprobs": [{"token": "b", "logprob": -1.0, "bytes": [98]}]}],
            (TokenLogprob("a", -0.5, (97,), (TokenLogprob("b", -1.0, (98,)),)),),
        ),
        ([{**TOKEN, "bytes": None, "x": 1}], (TokenLogprob("a", -0.5),)),
        ([{**TOKEN, "top_logprobs": [{}]}], (TokenLogprob("a", -0.5, (97,)),)),
    ],
)
def test_probabilities_mean_this_and_come_back(raw: list[Any], expected: tuple[TokenLogprob, ...]) -> None:
    found = decode_logprobs(raw)
    assert found == expected
    assert encode_logprobs(found) == raw


@pytest.mark.parametrize("raw", [None, [], "x", [1], [{}], [{"token": "a"}], [TOKEN, {"token": 1, "logprob": 0}]])
def test_what_is_not_all_probabilities_is_none(raw: Any) -> None:
    """One that cannot be read makes all of them useless; they come back as they were."""
    assert decode_logprobs(raw) is None


def test_probabilities_from_elsewhere_get_what_this_wire_demands() -> None:
    tokens = (TokenLogprob("ö", -0.5, top=(TokenLogprob("o", -1.5),)),)
    assert encode_logprobs(tokens) == [
        {
            "token": "ö",
            "logprob": -0.5,
            "bytes": [195, 182],
            "top_logprobs": [{"token": "o", "logprob": -1.5, "bytes": [111]}],
        }
    ]
