"""The one field this wire demands and callers may leave out: how long the answer may get."""

import re
from typing import Final

from .thinking import SINCE_4_6

__all__ = ["default_max_tokens"]

# The longest answer, thinking included, as the vendor documents it for each model; newest first
# (https://platform.claude.com/docs/en/about-claude/models/overview).
_DOCUMENTED: Final = (
    (SINCE_4_6, 128_000),
    (re.compile(r"claude-(?:(?:opus|sonnet|haiku)-4[-.]5|sonnet-4|3[-.]7-sonnet)(?!\d)"), 64_000),
    (re.compile(r"claude-opus-4(?:[-.][01])?(?!\d(?!\d))"), 32_000),
    (re.compile(r"claude-3[-.]5-"), 8_192),
)
_UNKNOWN: Final = 4096  # the least that any model of this vendor has had


def default_max_tokens(model: str, budget: int | None) -> int:
    """What to ask for where nobody said: the model's documented maximum, so that no answer is cut for want of a
    setting; else 4,096 tokens, and a thinking budget on top, since thinking counts towards it."""
    for pattern, most in _DOCUMENTED:
        if pattern.search(model):
            return most
    return _UNKNOWN + (budget or 0)
