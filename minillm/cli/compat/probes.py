"""``minillm compat probes``: what is asked."""

from rich.console import Console

from ...compat import PROBES
from ..listing import print_json, print_table

__all__ = ["probes"]


def probes(console: Console, *, json: bool) -> int:
    """Print them, in the order of the matrix."""
    if json:
        print_json(
            console,
            [
                {"name": each.name, "group": each.group, "asks": each.asks, "judged": each.proves}
                for each in PROBES.values()
            ],
        )
        return 0
    print_table(
        console,
        ("probe", "group", "asks", "judged"),
        [(each.name, each.group, each.asks, each.proves) for each in PROBES.values()],
    )
    return 0
