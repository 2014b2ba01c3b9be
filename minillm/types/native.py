"""What a wire said that the neutral fields cannot say."""

from dataclasses import dataclass
from typing import Any

from .quick import quick

__all__ = ["Native"]


@quick()
@dataclass(frozen=True, slots=True)
class Native:
    """The residue of one JSON object of one wire, kept so that encoding to the same wire is exact.

    It holds only what the neutral fields do not say (owned-but-null keys and empty containers
    included), never a copy of the whole. Encoders read it for their own wire alone and never
    change it; neutral fields win over it.
    """

    wire: str
    data: Any
