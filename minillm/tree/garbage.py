"""The garbage collector, held off while many nodes are made at once.

Two thirds of building a large tree are the collector walking the same growing heap again and again;
nothing made meanwhile is garbage.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["collector_held_off"]


@contextmanager
def collector_held_off() -> Iterator[None]:
    """No automatic collection inside; one that was off before stays off after."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
