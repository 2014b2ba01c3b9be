"""Errors are named by class and place, never by their words."""

import json

from minillm import RateLimitError
from minillm.observe.faults import error_type, place_of


class OwnError(Exception):
    """One of a program."""


def raised(error):
    try:
        raise error
    except type(error) as caught:
        return caught


def test_ours_and_pythons_go_by_their_class():
    assert error_type(RateLimitError("x")) == "RateLimitError"
    assert error_type(ValueError("x")) == "ValueError"


def test_others_by_module_and_class():
    error = raised(json.JSONDecodeError("x", "c4n4ry", 0))
    assert error_type(error) == "json.decoder.JSONDecodeError"


def test_the_place_is_file_line_and_function():
    place = place_of(raised(OwnError("c4n4ry")))
    assert place.startswith(__file__)
    assert place.endswith(" in raised")
    assert place_of(OwnError("never raised")) == ""
