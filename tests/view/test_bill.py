"""The bill that a page shows: by model, and no sum where a part is not known."""

from minillm.tree import attempts_of
from minillm.view.bill import bill
from tests.view.samples import rivers


def test_models_are_added_up_and_unknown_stays_unknown() -> None:
    made = bill([each for node in rivers().iter_depth_first() for each in attempts_of(node)])
    assert (made["calls"], made["usd"], made["known"], made["why"]) == (10, None, "0.01117", "unpriced")
    assert [(each["model"], each["calls"], each["usd"]) for each in made["models"]] == [
        ("gpt-5.4", 9, None),
        ("claude-sonnet-5", 1, "0.0034"),
    ]
    assert (made["in"], made["out"]) == (8_200, 1_400)


def test_nobody_asked_is_no_bill() -> None:
    assert bill([])["calls"] == 0
