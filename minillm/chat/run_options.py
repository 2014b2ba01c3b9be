"""What a run may be told."""

from ..types import Content
from .parameters import BranchOptions
from .run_approval import Approve
from .run_limits import RunLimits
from .run_rules import OnInterrupted

__all__ = ["RunOptions"]


class RunOptions(BranchOptions, total=False):
    """:class:`Options` of every round, and what is a run's own; see :meth:`ChatNode.run`."""

    user: Content | None
    approve: Approve | None
    limits: RunLimits | None
    on_interrupted: OnInterrupted
