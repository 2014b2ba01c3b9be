"""Token probabilities, both ways."""

from collections.abc import Mapping
from typing import Any

from ...types import TokenLogprob
from ..fields import as_number
from ..residue import own, residue, restore
from .dialect import WIRE, native

__all__ = ["decode_logprobs", "encode_logprobs"]


def decode_logprobs(raw: Any) -> tuple[TokenLogprob, ...] | None:
    """Token probabilities, or None where there are none or they are not what they must be."""
    if not isinstance(raw, list) or not raw:
        return None
    tokens = [_decode(item) for item in raw]
    known = tuple(token for token in tokens if token is not None)
    return known if len(known) == len(tokens) else None


def _decode(raw: Any, *, top: bool = False) -> TokenLogprob | None:
    if not isinstance(raw, Mapping):
        return None
    logprob, token = as_number(raw.get("logprob")), raw.get("token")
    if logprob is None or not isinstance(token, str):
        return None
    tops = () if top else _tops(raw.get("top_logprobs"))
    made = TokenLogprob(token, logprob, _bytes(raw.get("bytes")), tops)
    # Made a moment ago and seen by nobody: filled in place.
    object.__setattr__(made, "native", native(residue(raw, _said(made, top=top))))
    return made


def _tops(raw: Any) -> tuple[TokenLogprob, ...]:
    """The runners-up, which have none of their own."""
    found = [_decode(item, top=True) for item in raw] if isinstance(raw, list) else []
    known = tuple(token for token in found if token is not None)
    return known if len(known) == len(found) else ()


def _bytes(raw: Any) -> tuple[int, ...] | None:
    return tuple(raw) if isinstance(raw, list) and all(type(one) is int for one in raw) else None


def encode_logprobs(tokens: tuple[TokenLogprob, ...]) -> list[dict[str, Any]]:
    """The probabilities in this wire's words."""
    return [_encode(token) for token in tokens]


def _encode(token: TokenLogprob, *, top: bool = False) -> dict[str, Any]:
    said, data = _said(token, top=top), own(token.native, WIRE)
    if data is None:
        # Demanded on this wire, optional on the others.
        said.setdefault("bytes", list(token.token.encode("utf-8", "surrogatepass")))
    return restore(said, data)


def _said(token: TokenLogprob, *, top: bool) -> dict[str, Any]:
    said: dict[str, Any] = {"token": token.token, "logprob": token.logprob}
    if token.bytes is not None:
        said["bytes"] = list(token.bytes)
    if not top:
        said["top_logprobs"] = [_encode(one, top=True) for one in token.top]
    return said
