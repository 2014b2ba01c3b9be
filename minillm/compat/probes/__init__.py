"""The probes, a file a group; importing this fills ``PROBES``, in the order of the matrix."""

from ..probe import PROBES
from . import answers, streams, tools, output, media, sampling, faults  # noqa: I001  the order of the matrix

__all__ = ["PROBES", "answers", "faults", "media", "output", "sampling", "streams", "tools"]
