"""Token probabilities, both ways: the chosen tokens and, in a list of their own, the runners-up."""

from collections.abc import Mapping
from typing import Any

from ...types import TokenLogprob
from ..fields import as_number
from ..residue import own, residue, restore
from .dialect import WIRE, native

__all__ = ["decode_logprobs", "encode_logprobs"]


def decode_logprobs(raw: Any) -> tuple[TokenLogprob, ...] | None:
    """The tokens of a ``logprobsResult``, or None where there are none or they are not what they must be."""
    if not isinstance(raw, Mapping):
        return None
    chosen, tops = raw.get("chosenCandidates"), raw.get("topCandidates")
    if not isinstance(chosen, list) or not chosen:
        return None
    if not isinstance(tops, list):
        tops = []
    tokens = []
    for place, said in enumerate(chosen):
        top = tops[place] if place < len(tops) else None
        token = _token(said, _tokens(top.get("candidates")) if isinstance(top, Mapping) else ())
        if token is None:
            return None
        tokens.append(token)
    return tuple(tokens)


def _tokens(raw: Any) -> tuple[TokenLogprob, ...]:
    found = [_token(said) for said in raw] if isinstance(raw, list) else []
    return tuple(token for token in found if token is not None)


def _token(raw: Any, top: tuple[TokenLogprob, ...] = ()) -> TokenLogprob | None:
    if not isinstance(raw, Mapping):
        return None
    # The protocol's JSON leaves out what is zero or empty: a certain token has no logProbability.
    word, logprob = raw.get("token", ""), as_number(raw.get("logProbability", 0.0))
    if not isinstance(word, str) or logprob is None:
        return None
    token = TokenLogprob(word, logprob, None, top)
    # Made a moment ago and seen by nobody: filled in place.
    object.__setattr__(token, "native", native(residue(raw, _said(token))))
    return token


def encode_logprobs(tokens: tuple[TokenLogprob, ...]) -> dict[str, Any]:
    """The ``logprobsResult`` of these tokens."""
    said: dict[str, Any] = {"chosenCandidates": [_encode(token) for token in tokens]}
    last = max((place for place, token in enumerate(tokens) if token.top), default=-1)
    if last >= 0:
        said["topCandidates"] = [{"candidates": [_encode(one) for one in token.top]} for token in tokens[: last + 1]]
    return said


def _encode(token: TokenLogprob) -> dict[str, Any]:
    return restore(_said(token), own(token.native, WIRE))


def _said(token: TokenLogprob) -> dict[str, Any]:
    return {"token": token.token, "logProbability": token.logprob}
