"""Options of a call: impossible ones are told before anything is sent."""

from dataclasses import fields

import pytest

from minillm import ConfigurationError
from minillm.policies.options import CallOptions

NUMBERS = ("retry", "back_off_time", "max_back_off", "max_retry_after", "deadline")


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [-1, float("nan"), "3", [3]])
def test_numbers_must_be_numbers_of_at_least_nothing(name, value):
    with pytest.raises(ConfigurationError, match=f"{name} must be"):
        CallOptions(**{name: value})


@pytest.mark.parametrize("name", NUMBERS)
def test_only_the_deadline_may_be_without_end(name):
    if name == "deadline":
        assert CallOptions(deadline=None).deadline is None
    else:
        with pytest.raises(ConfigurationError, match=f"{name} must be"):
            CallOptions(**{name: None})


def test_retries_are_counted_in_whole_numbers():
    with pytest.raises(ConfigurationError, match="whole number"):
        CallOptions(retry=1.5)


@pytest.mark.parametrize(("name", "value"), [("expect", "list"), ("unsupported", "ignore")])
def test_words_must_be_known(name, value):
    with pytest.raises(ConfigurationError, match=f"{name} must be one of"):
        CallOptions(**{name: value})


def test_every_option_is_explained():
    for field in fields(CallOptions):
        assert f"        {field.name}: " in CallOptions.__doc__


def test_the_defaults_are_those_that_are_promised():
    options = CallOptions()
    assert (options.retry, options.exp_back_off, options.back_off_time, options.max_back_off) == (4, False, 1.0, 15.0)
    assert (options.max_retry_after, options.deadline, options.unsupported) == (60.0, None, "warn")
