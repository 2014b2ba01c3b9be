"""Text from a model, a file or a host on one line of the screen, where it cannot steer the terminal."""

from ..tree.render.printable import printable

__all__ = ["one_line", "printable"]


def one_line(text: str, limit: int | None = None) -> str:
    """``printable`` on a single line, white space joined, at most ``limit`` characters with an ellipsis."""
    # Cut first: a megabyte of text costs no more than what is seen of it.
    head = text if limit is None else text[: 4 * limit]
    line = printable(" ".join(head.split()))
    if limit is not None and (len(line) > limit or len(head) < len(text)):
        line = line[: limit - 1].rstrip() + "…"
    return line
