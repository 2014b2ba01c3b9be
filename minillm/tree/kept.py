"""What a file says that we would not write: kept on reading, laid over on saving."""

from typing import Any

__all__ = ["left_over", "overlaid"]


def left_over(read: Any, written: Any) -> Any:
    """The part of ``read`` that ``written`` does not say, or None.

    Objects give the keys that are missing, lists of equal length an object by position. A value that
    both say is ours to write, whatever it is.
    """
    if read is written:
        return None
    if isinstance(read, dict) and isinstance(written, dict):
        pairs = ((key, value if key not in written else left_over(value, written[key])) for key, value in read.items())
        return {key: rest for key, rest in pairs if key not in written or rest is not None} or None
    if isinstance(read, list) and isinstance(written, list) and len(read) == len(written):
        rests = ((position, left_over(each, written[position])) for position, each in enumerate(read))
        return {position: rest for position, rest in rests if rest is not None} or None
    return None


def overlaid(written: Any, kept: Any) -> Any:
    """``written`` with what was kept put back; neither is changed."""
    if isinstance(written, dict) and isinstance(kept, dict):
        merged = dict(written)
        for key, rest in kept.items():
            merged[key] = overlaid(merged[key], rest) if key in merged else rest
        return merged
    if isinstance(written, list) and isinstance(kept, dict):
        return [overlaid(each, kept[position]) if position in kept else each for position, each in enumerate(written)]
    return written
