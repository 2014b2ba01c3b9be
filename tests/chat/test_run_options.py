"""A run is told what every call is told, and four things more."""

from minillm.chat import RunOptions
from minillm.chat.parameters import BranchOptions


def test_they_are_those_of_a_call_and_its_own() -> None:
    own = set(RunOptions.__annotations__) - set(BranchOptions.__annotations__)
    assert own == {"user", "approve", "limits", "on_interrupted"}
    assert RunOptions.__required_keys__ == frozenset()
