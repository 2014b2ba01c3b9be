"""Replies wait for the first estimate, a few short ones, and are then told as they come."""

import pytest

from minillm.cost import experience
from minillm.types import ChatRequest, ImagePart, Message, Usage

USAGE = Usage(9, output_tokens=3)


@pytest.fixture
def heard(monkeypatch):
    """A learner that keeps what it is told."""
    monkeypatch.setattr(experience, "_ears", experience._Ears())
    told = []
    return told, lambda *reply: told.append(reply)


def short(text="Hi"):
    return ChatRequest("m", (Message("user", text),))


def test_replies_wait_and_then_come_at_once(heard):
    told, learner = heard
    experience.note("h", "m", short(), USAGE)
    experience.taught(learner)
    experience.note("h", "m", short("x" * 10**6), USAGE)
    assert [(host, model, len(request.messages[0].text), usage) for host, model, request, usage in told] == [
        ("h", "m", 2, USAGE),
        ("h", "m", 10**6, USAGE),
    ]


def test_only_the_last_few_wait(heard):
    told, learner = heard
    for n in range(100):
        experience.note("h", f"m{n}", short(), USAGE)
    experience.taught(learner)
    assert [model for _, model, *_ in told] == [f"m{n}" for n in range(68, 100)]


def test_of_very_many_replies_few_are_told(heard):
    """All of the first, one in 16 of the next, one in 64 of the others."""
    told, learner = heard
    experience.taught(learner)
    for _ in range(1024):
        experience.note("h", "m", short(), USAGE)
    assert len(told) == 32 + (256 - 32) // 16 + (1024 - 256) // 64


@pytest.mark.parametrize("waits", [False, True])
def test_only_the_first_replies_of_a_model_are_all_told(heard, waits):
    """Later ones now and then; and of how many models that is counted is bounded."""
    told, learner = heard
    if not waits:
        experience.taught(learner)
    for _ in range(100):
        experience.note("h", "m", short(), USAGE)
    experience.note("h", "other", short(), USAGE)
    if waits:
        experience.taught(learner)
    assert [model for _, model, *_ in told] == ["m"] * (31 if waits else 32 + 5) + ["other"]
    for n in range(2000):
        experience.note("h", f"m{n}", short(), USAGE)
    assert len(experience._ears.heard) <= 512


@pytest.mark.parametrize(
    "request_",
    [
        short("x" * 20_000),
        ChatRequest("m", tuple(Message("user", "x") for _ in range(40))),
        ChatRequest("m", (Message("user", (ImagePart(url="https://a.test/b.png"),)),)),
    ],
    ids=["long", "many", "media"],
)
def test_what_would_keep_much_alive_does_not_wait(heard, request_):
    told, learner = heard
    experience.note("h", "m", request_, USAGE)
    experience.taught(learner)
    assert told == []
