"""What a call without a tree may be told is what ``complete`` may, but for nodes and for what the request says."""

from minillm.chat import Options
from minillm.dispatch import DispatchOptions
from minillm.dispatch.asked import _KNOWN

# About nodes, or about messages and tools, which the request has.
OF_NODES = {"attach", "on_cancel", "format_kwargs", "missing", "system_prompt", "merge_contiguous", "cache"}
OF_REQUESTS = {"tools", "tool_choice"}


def test_all_options_of_complete_that_make_sense_without_a_tree():
    """A new option of ``complete`` is one here too, or says above why not."""
    # `output` is a parameter of its own there, for the sake of its type.
    assert set(DispatchOptions.__annotations__) == set(Options.__annotations__) - OF_NODES - OF_REQUESTS | {"output"}


def test_what_is_known_is_what_is_typed():
    """The keywords that are let through are those that type checkers know."""
    assert set(_KNOWN) == set(DispatchOptions.__annotations__)
