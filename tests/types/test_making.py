"""What is made is what the class makes."""

import inspect

import pytest

from minillm.types import ChatResponse, Choice, Message, Native, RateLimit, Role, TextPart, Usage, making

MADE = [
    (making.new_choice, Choice, (1, Message(Role.USER, "a"), None, "stop"), {"native": Native("w", {})}),
    (making.new_choice, Choice, (), {}),
    (making.new_message, Message, (Role.USER, "a"), {"extra": {"a": 1}}),
    (making.new_message, Message, ("user", ["a", TextPart("b")]), {}),
    (making.new_native, Native, ("w", {"a": 1}), {}),
    (making.new_rate_limit, RateLimit, (1,), {"reset_at": 2.0}),
    (making.new_rate_limit, RateLimit, (), {}),
    (making.new_response, ChatResponse, ("i", "m", (Choice(),)), {"created": 1.0, "rate_limits": {}}),
    (making.new_response, ChatResponse, (), {}),
    (making.new_text, TextPart, ("a",), {"signature": "s"}),
    (making.new_usage, Usage, (1, 2, {"5m": 3}), {"output_tokens": 4}),
]


@pytest.mark.parametrize(("new", "kind", "arguments", "named"), MADE, ids=lambda value: getattr(value, "__name__", ""))
def test_it_is_the_value_that_the_class_makes(new, kind, arguments, named):
    made = new(*arguments, **named)
    assert type(made) is kind
    assert made == kind(*arguments, **named)
    assert repr(made) == repr(kind(*arguments, **named))
    assert inspect.signature(new).parameters.keys() - {"self"} == inspect.signature(kind).parameters.keys()


def test_what_the_class_refuses_is_refused():
    for wrong in (lambda: making.new_message(1, "a"), lambda: making.new_message("user", 1), making.new_native):
        with pytest.raises(TypeError):
            wrong()


def test_answers_share_no_limits():
    assert making.new_response().rate_limits is not making.new_response().rate_limits
