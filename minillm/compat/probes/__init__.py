"""The probes, a file a group; importing this fills ``PROBES``, in the order of the matrix."""

from ..probe import PROBES
from . import answers, faults, media, output, sampling, streams, tools

__all__ = ["GROUPS", "PROBES", "answers", "faults", "media", "output", "sampling", "streams", "tools"]

#: The groups, as the matrix shows them.
GROUPS = ("answers", "streams", "tools", "output", "media", "sampling", "faults")

_ordered = sorted(PROBES.items(), key=lambda item: GROUPS.index(item[1].group))
PROBES.clear()
PROBES.update(_ordered)
