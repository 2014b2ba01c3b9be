"""Token counts. Thoughts stand beside the visible output here, and tool use beside the prompt."""

from collections.abc import Mapping
from typing import Any

from ...types import Native, Usage
from ..fields import as_count
from ..residue import beside, own, residue, restore
from .dialect import WIRE

__all__ = ["decode_usage", "encode_usage", "known", "plain_usage"]

_SAID = frozenset(
    {
        "promptTokenCount",
        "cachedContentTokenCount",
        "candidatesTokenCount",
        "thoughtsTokenCount",
        "totalTokenCount",
    }
)


def decode_usage(raw: Any, before: Mapping[str, Any] | None = None) -> Usage | None:
    """Usage out of ``usageMetadata``, None for anything else. Never raises: a count that makes no sense
    must not cost the answer, and stays in the residue.

    Args:
        before: what earlier chunks of a stream said; a field that a later one leaves out still holds.
    """
    if not isinstance(raw, Mapping) or not raw:
        return None
    if not before and (plain := plain_usage(raw)) is not None:
        return plain
    counts = {**before, **known(raw)} if before else raw
    prompt, cached = as_count(counts.get("promptTokenCount")), as_count(counts.get("cachedContentTokenCount"))
    if cached is not None and (prompt is None or cached > prompt):
        cached = None
    visible, thoughts = as_count(counts.get("candidatesTokenCount")), as_count(counts.get("thoughtsTokenCount"))
    usage = Usage(
        uncached_tokens=None if prompt is None else prompt - (cached or 0),
        cache_read_tokens=cached,
        tool_use_tokens=as_count(counts.get("toolUsePromptTokenCount")),
        # Zero counts are left out on this wire, so thoughts alone are the whole output.
        output_tokens=None if visible is None and thoughts is None else (visible or 0) + (thoughts or 0),
        reasoning_tokens=thoughts,
        audio_input_tokens=_of_kind(counts.get("promptTokensDetails"), "AUDIO"),
        audio_output_tokens=_of_kind(counts.get("candidatesTokensDetails"), "AUDIO"),
        image_input_tokens=_of_kind(counts.get("promptTokensDetails"), "IMAGE"),
        image_output_tokens=_of_kind(counts.get("candidatesTokensDetails"), "IMAGE"),
    )
    # Made a moment ago and seen by nobody: filled in place. An empty residue tells that it is this wire's.
    object.__setattr__(usage, "native", Native(WIRE, residue(raw, _said(usage))))
    return usage


def plain_usage(raw: Any) -> Usage | None:
    """What the general way makes of usage as the vendor sends it, in a third of the time; None for any other."""
    try:
        prompt, visible, total = raw["promptTokenCount"], raw["candidatesTokenCount"], raw["totalTokenCount"]
    except (KeyError, TypeError):
        return None
    if type(raw) is not dict or "toolUsePromptTokenCount" in raw:
        return None
    thoughts, cached = raw.get("thoughtsTokenCount", 0), raw.get("cachedContentTokenCount", 0)
    if not type(prompt) is type(visible) is type(total) is type(thoughts) is type(cached) is int:
        return None
    rest = beside(raw, _SAID)
    if rest is None or min(visible, thoughts) < 0 or not 0 <= cached <= prompt or total != prompt + visible + thoughts:
        return None
    reasoning = thoughts if "thoughtsTokenCount" in raw else None
    read = cached if "cachedContentTokenCount" in raw else None
    for field in _BY_KIND:
        details = rest.get(field)
        if details is not None and not (type(details) is list and all(_is_text(detail) for detail in details)):
            return None  # the general way counts sound and pictures
    return Usage(prompt - cached, read, None, None, visible + thoughts, reasoning, native=Native(WIRE, rest))


_BY_KIND = ("promptTokensDetails", "candidatesTokensDetails")


def _is_text(detail: Any) -> bool:
    return type(detail) is dict and detail.get("modality") == "TEXT"


def _of_kind(details: Any, kind: str) -> int | None:
    """The tokens of one modality; None where none are told. Cached ones of the prompt are among them."""
    found = [
        as_count(detail.get("tokenCount")) or 0
        for detail in (details if isinstance(details, list) else ())
        if isinstance(detail, dict) and detail.get("modality") == kind
    ]
    return sum(found) if found else None


def known(raw: Any) -> dict[str, Any]:
    """The counts that a ``usageMetadata`` says."""
    return {key: value for key, value in raw.items() if value is not None} if isinstance(raw, Mapping) else {}


def encode_usage(usage: Usage) -> dict[str, Any]:
    """The ``usageMetadata`` object: what is not known is not said."""
    return restore(_said(usage), own(usage.native, WIRE))


def _said(usage: Usage) -> dict[str, Any]:
    said: dict[str, Any] = {}
    written = sum((usage.cache_write_tokens or {}).values())
    if usage.uncached_tokens is not None:
        said["promptTokenCount"] = usage.uncached_tokens + (usage.cache_read_tokens or 0) + written
    if usage.cache_read_tokens is not None:
        said["cachedContentTokenCount"] = usage.cache_read_tokens
    if usage.tool_use_tokens is not None:
        said["toolUsePromptTokenCount"] = usage.tool_use_tokens
    if usage.output_tokens is not None:
        said["candidatesTokenCount"] = usage.output_tokens - (usage.reasoning_tokens or 0)
    if usage.reasoning_tokens is not None:
        said["thoughtsTokenCount"] = usage.reasoning_tokens
    if usage.total_tokens is not None:
        said["totalTokenCount"] = usage.total_tokens
    return said
