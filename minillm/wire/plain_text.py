"""Turns of one text, with nothing on them that would be sent beside it: most turns of most conversations.

The wires say such a turn at once, under its speaker's word. Their full ways are the truth, and say all others.
"""

from ..types import Message, TextPart

__all__ = ["plain_text"]


def plain_text(message: Message, wire: str) -> str | None:
    """The text of such a turn; None where it is empty, or where ``wire`` would send or tell of anything else."""
    native = message.native
    if message.name is not None or message.extra is not None or (native is not None and native.wire == wire):
        return None
    content = message.content
    if isinstance(content, str):
        return content or None
    if len(content) != 1 or type(part := content[0]) is not TextPart:
        return None
    native = part.native
    if (
        part.citations
        or part.logprobs is not None
        or part.signature is not None
        or part.cache is not None
        or part.extra is not None
        or (native is not None and native.wire == wire)
    ):
        return None
    return part.text or None
