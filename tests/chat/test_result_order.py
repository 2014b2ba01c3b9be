"""Results go out in the order of their calls, and nothing else is moved."""

from hypothesis import given
from hypothesis import strategies as st

from minillm import Message, ToolResultPart
from minillm.chat.result_order import results_in_order
from tests.chat.run_tools import call, calling


def result(id: str) -> Message:
    return Message("tool", ToolResultPart(id, content=id))


@given(st.lists(st.permutations(["a", "b", "c"]), max_size=3), st.integers(0, 3))
def test_each_turns_results_are_put_in_its_calls_order(orders: list[list[str]], more: int) -> None:
    turn = calling(call("f", "a"), call("f", "b"), call("f", "c"))
    between = [Message("user", "and?")] * more
    messages = [Message("user", "Go.")]
    wanted = [*messages]
    for order in orders:
        messages += [turn, *map(result, order), *between]
        wanted += [turn, *map(result, "abc"), *between]
    assert results_in_order(messages) == wanted


def test_what_is_in_order_is_the_same_object() -> None:
    messages = [calling(call("f", "a"), call("f", "b")), result("a"), result("b")]
    assert results_in_order(messages) is messages


def test_strangers_stay_behind_the_known() -> None:
    """Imported conversations may hold results that nobody asked for."""
    messages = [calling(call("f", "a"), call("f", "b")), result("x"), result("b"), result("a"), Message("tool", "?")]
    assert results_in_order(messages) == [messages[0], messages[3], messages[2], messages[1], messages[4]]
    assert results_in_order([result("b"), result("a")]) == [result("b"), result("a")]


def test_of_two_calls_with_one_id_the_first_counts() -> None:
    messages = [calling(call("f", "a"), call("f", "b"), call("f", "a")), result("b"), result("a")]
    assert results_in_order(messages) == [messages[0], messages[2], messages[1]]
