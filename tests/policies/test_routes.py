"""The rules of plans: which errors move on, what commits a stream, and rules that cannot be."""

import asyncio
import logging

import pytest

from minillm import (
    AllRoutesFailed,
    AuthenticationError,
    BadRequestError,
    BudgetExceeded,
    ConfigurationError,
    ConnectError,
    ContextLengthError,
    DecodeError,
    EmptyResponse,
    EncodeError,
    InvalidOutput,
    MediaError,
    NotFoundError,
    QuotaError,
    RateLimitError,
    Refusal,
    ServerError,
    StreamInterrupted,
    TimeoutExceeded,
    ToolError,
)
from minillm.policies.routes import MOVES_ON, RouteEvent, RouteNews, Rules, tell
from minillm.types import ReasoningDelta, TextDelta
from tests.import_graph import REPOSITORY

ON = [
    *(AuthenticationError, NotFoundError, QuotaError, RateLimitError, ServerError, ContextLengthError),
    *(ConnectError, TimeoutExceeded, StreamInterrupted, DecodeError, EncodeError),
    *(EmptyResponse, Refusal, InvalidOutput, AllRoutesFailed),
]
OFF = [BadRequestError, ConfigurationError, BudgetExceeded, MediaError, ToolError]


@pytest.mark.parametrize("kind", ON, ids=lambda kind: kind.__name__)
def test_what_another_host_may_do_better_moves_on(kind):
    assert Rules().moves_on(kind("no"))


@pytest.mark.parametrize("kind", OFF, ids=lambda kind: kind.__name__)
def test_what_is_wrong_with_the_request_or_the_program_does_not(kind):
    assert not Rules().moves_on(kind("no"))


def test_the_callers_table_lies_over_the_usual_one():
    """The nearest class of an error decides, in whichever table it stands."""
    rules = Rules(move_on={BadRequestError: True, Refusal: False})
    assert rules.moves_on(BadRequestError("no"))
    assert not rules.moves_on(Refusal("no"))
    assert rules.moves_on(EmptyResponse("no"))
    assert not Rules(move_on={BadRequestError: False, ContextLengthError: False}).moves_on(ContextLengthError("no"))


def test_a_function_may_decide_instead():
    rules = Rules(move_on=lambda error: error.retryable)
    assert rules.moves_on(BadRequestError("no", retryable=True))
    assert not rules.moves_on(ServerError("no"))


def test_the_page_shows_the_table_as_it_is():
    """docs/routing.md names every class of the table with its verdict."""
    page = (REPOSITORY / "docs" / "routing.md").read_text("utf-8")
    shown = {
        name: verdict == "yes"
        for line in page.splitlines()
        if line.startswith("| `") and line.count("|") == 4
        for names, verdict in [[cell.strip() for cell in line.strip("|").split("|")][:2]]
        for name in names.replace("`", "").split(", ")
        if verdict in ("yes", "no")
    }
    assert shown == {kind.__name__: moves for kind, moves in MOVES_ON.items()}


def test_what_commits_is_a_function_of_events():
    assert Rules().until is None
    assert Rules(commit="end").until is None
    text = Rules(commit="text").until
    assert text is not None
    assert [text(ReasoningDelta(0, "hm")), text(TextDelta(0, "")), text(TextDelta(0, "a"))] == [False, False, True]
    mine = lambda event: True  # noqa: E731
    assert Rules(commit=mine).until is mine


WRONG = [
    ({"order": "quickest"}, "order must be 'ordered' or"),
    ({"commit": "middle"}, "commit must be"),
    ({"midstream": None}, "midstream must be"),
    ({"timeout": 0}, "timeout must be a number of seconds above 0"),
    ({"timeout": float("nan")}, "timeout must be a number of at least 0"),
    ({"patience": None}, "patience must be a number"),
    ({"patience": "2"}, "patience must be a number"),
    ({"cooldown": -1}, "cooldown must be a number of at least 0"),
    ({"failures": 0}, "failures must be a number of at least 1"),
    ({"failures": True}, "failures must be a number"),
    ({"retry": 0.5}, "retry must be a whole number"),
    ({"on_route": "print"}, "on_route must be callable"),
    ({"move_on": [ServerError]}, "move_on must map error classes"),
    ({"move_on": {KeyError: True}}, "move_on must map classes of MiniLLMError"),
    ({"move_on": {ServerError: "yes"}}, "move_on must map classes of MiniLLMError"),
]


@pytest.mark.parametrize(("rules", "words"), WRONG, ids=[str(rules) for rules, _ in WRONG])
def test_a_rule_that_cannot_be_is_told(rules, words):
    with pytest.raises(ConfigurationError, match=words):
        Rules(**rules)


EVENT = RouteEvent(RouteNews.SELECTED, "a:m", 0)


async def test_plain_and_async_functions_are_told():
    heard = []

    async def listen(event):
        heard.append(event)

    await tell(heard.append, EVENT)
    await tell(listen, EVENT)
    await tell(None, EVENT)
    assert heard == [EVENT, EVENT]


async def test_an_error_of_the_listener_is_logged_and_no_more(caplog):
    def fail(event):
        raise KeyError("theirs")

    with caplog.at_level(logging.ERROR, "minillm"):
        await tell(fail, EVENT)
    assert "the route callback failed" in caplog.text
    assert "KeyError" in caplog.text

    async def cancelled(event):
        raise asyncio.CancelledError

    await tell(cancelled, EVENT)
    assert "CancelledError" in caplog.text
    waiting = asyncio.ensure_future(tell(lambda event: asyncio.Event().wait(), EVENT))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
