"""What a run tells: the values themselves."""

from minillm.chat import CallFinished, RoundStarted, RunEnded, StopReason
from minillm.types import ToolCallPart, ToolResultPart
from tests.chat.run_tools import start


def test_they_are_values_that_hold_no_more_than_they_say() -> None:
    node = start()
    assert RoundStarted(1, node) == RoundStarted(1, node)
    assert not hasattr(RunEnded(StopReason.DONE, node), "__dict__")
    finished = CallFinished(ToolCallPart("1", "f"), ToolResultPart("1", "f", "x"), node)
    assert (finished.seconds, finished.error, finished.repaired, finished.reused) == (None, None, False, False)


def test_a_reason_is_its_word() -> None:
    assert [str(reason) for reason in StopReason] == [
        "done",
        "rounds",
        "calls",
        "seconds",
        "budget",
        "waiting",
        "left",
        "failed",
    ]
