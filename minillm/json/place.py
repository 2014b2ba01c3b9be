"""Where in a JSON value: ``steps[3].name``, as it stands in the ``path`` of errors."""

from collections.abc import Iterable

__all__ = ["place"]

_LONGEST_KEY = 40  # a key may be a model's own words; an error names the place, it does not quote the answer

_MOST_STEPS = 16  # at either end


def place(steps: Iterable[str | int]) -> str:
    """The steps from the root as text; the root itself is ``""``, and the middle of a deep place is left out."""
    steps = list(steps)
    left_out = len(steps) - 2 * _MOST_STEPS
    if left_out > 0:
        return f"{place(steps[:_MOST_STEPS])} ... {place(steps[-_MOST_STEPS:])}"
    text = ""
    for step in steps:
        if isinstance(step, int):
            text += f"[{step}]"
        elif step.isidentifier() and len(step) <= _LONGEST_KEY:
            text += f".{step}" if text else step
        else:
            short = step if len(step) <= _LONGEST_KEY else step[: _LONGEST_KEY - 3] + "..."
            text += f"[{short!a}]"
    return text
