"""Token probabilities, both ways: the runners-up stand in a list of their own."""

from typing import Any

import pytest

from minillm.types import TokenLogprob
from minillm.wire.gemini_generate_content.logprobs import decode_logprobs, encode_logprobs

A, B = {"token": "a", "logProbability": -0.5}, {"token": "b", "logProbability": -1.5}


@pytest.mark.parametrize(
    ("raw", "tokens"),
    [
        ({"chosenCandidates": [A]}, (TokenLogprob("a", -0.5),)),
        ({"chosenCandidates": [{**A, "tokenId": 7}]}, (TokenLogprob("a", -0.5),)),
        (
            {"chosenCandidates": [A, B], "topCandidates": [{"candidates": [A, B]}]},
            (
                TokenLogprob("a", -0.5, None, (TokenLogprob("a", -0.5), TokenLogprob("b", -1.5))),
                TokenLogprob("b", -1.5),
            ),
        ),
        ({"chosenCandidates": [{}]}, (TokenLogprob("", 0.0),)),  # zero and empty are left out
    ],
)
def test_probabilities_mean_this_and_come_back(raw: dict[str, Any], tokens: tuple[TokenLogprob, ...]) -> None:
    found = decode_logprobs(raw)
    assert found == tokens
    assert encode_logprobs(found) == raw


@pytest.mark.parametrize(
    "raw", [None, [], {}, {"chosenCandidates": []}, {"chosenCandidates": [1]}, {"chosenCandidates": [{"token": 1}]}]
)
def test_what_is_not_all_probabilities_is_none(raw: Any) -> None:
    assert decode_logprobs(raw) is None
