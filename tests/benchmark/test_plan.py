"""Plans that cannot be carried out are refused when they are made."""

import pytest

from minillm import ConfigurationError, ImagePart, MockModel
from minillm.benchmark import Closed, Limits, Open, Plan, Prompt, Target

TARGET, PROMPT = Target("a", MockModel()), Prompt.of("p", "Hi.")


def test_it_knows_how_many_requests_it_takes() -> None:
    plan = Plan(targets=[TARGET], prompts=[PROMPT], loads=[Closed(4), Open(2)], requests=10)
    assert [plan.warm_up_of(load) for load in plan.loads] == [4, 1]
    assert plan.total == 25
    assert Plan(targets=[TARGET], prompts=[PROMPT], requests=10, warm_up=0).total == 10


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"targets": []}, "targets"),
        ({"prompts": []}, "prompts"),
        ({"loads": []}, "loads"),
        ({"targets": [TARGET, TARGET]}, "'a'"),
        ({"loads": [Closed(1), Closed(1)]}, "1 at once"),
        ({"requests": 0}, "requests"),
        ({"requests": True}, "requests"),
        ({"warm_up": -1}, "warm_up"),
        ({"timeout": 0}, "timeout"),
        ({"timeout": float("nan")}, "timeout"),
        ({"pause": -1}, "pause"),
        ({"pause": float("inf")}, "pause"),
    ],
)
def test_a_plan_that_says_nothing_sensible(said, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        Plan(**{"targets": [TARGET], "prompts": [PROMPT], **said})


@pytest.mark.parametrize("make", [lambda: Closed(0), lambda: Closed(1.5), lambda: Open(0), lambda: Open(float("inf"))])
def test_a_load_that_is_none(make) -> None:
    with pytest.raises(ConfigurationError):
        make()


def test_limits_are_times_above_zero() -> None:
    with pytest.raises(ConfigurationError, match="inter_token"):
        Limits(inter_token=0)
    assert not Limits()
    assert Limits(end_to_end=1)


def test_a_prompt_of_text_and_pictures() -> None:
    made = Prompt.of("p", ["What is this?", ImagePart.from_bytes(b"\x89PNG\r\n\x1a\n")], system="Be brief.")
    assert [message.role for message in made.messages] == ["system", "user"]
    assert "What" not in repr(made)


def test_names_of_loads_tell_them_apart() -> None:
    assert (Closed(8).name, Open(0.5).name, Open(12.0).name) == ("8 at once", "0.5 a second", "12 a second")
