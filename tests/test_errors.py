"""Errors: the tree as it is drawn, values that survive a pickle, and words that give nothing away."""

import copy
import inspect
import pickle
import re

import pytest

from minillm import errors
from minillm.errors import (
    AllRoutesFailed,
    APIError,
    BranchFailed,
    ContextLengthError,
    DecodeError,
    InterruptedToolCalls,
    InvalidOutput,
    LossWarning,
    MiniLLMError,
    OutputError,
    RateLimitError,
    Refusal,
    RunStopped,
    ServerError,
    StreamInterrupted,
    ThreadFormatError,
    TimeoutExceeded,
    UnansweredToolCalls,
    WireError,
)
from minillm.types import Attempt, ChatResponse, Choice, Message, ToolCallPart, Usage

KINDS = [
    kind
    for name in errors.__all__
    if isinstance(kind := getattr(errors, name), type) and issubclass(kind, MiniLLMError)
]

ATTEMPT = Attempt("openai", "m", "openai_chat_completions", 1.0, status=429, usage=Usage(1, output_tokens=2))
PARTIAL = ChatResponse("id", "m", (Choice(0, Message("assistant", "so far")),))

# What each class carries beside the common four.
SPECIFICS = {
    APIError: {
        "status": 429,
        "code": "slow_down",
        "type": "requests",
        "param": "model",
        "request_id": "req-1",
        "host": "openai",
        "body": "{}",
        "details": {"a": [1]},
    },
    WireError: {"path": "messages[0]"},
    DecodeError: {"path": "choices", "raw": "<html>"},
    OutputError: {"response": PARTIAL},
    InvalidOutput: {"response": PARTIAL, "path": "age"},
    UnansweredToolCalls: {"calls": (ToolCallPart("c", "f"),)},
    InterruptedToolCalls: {"calls": (ToolCallPart("c", "f"),)},
    RunStopped: {"reason": "rounds", "node": None, "calls": (ToolCallPart("c", "f"),)},
    ThreadFormatError: {"path": "a.json", "place": "line 7"},
    AllRoutesFailed: {"errors": (ServerError("a"),)},
    BranchFailed: {"errors": (ServerError("a"), ValueError("b"))},
}


def specifics(kind):
    for base in kind.__mro__:
        if base in SPECIFICS:
            return SPECIFICS[base]
    return {}


def drawn_tree():
    """Child -> parent as the docstring draws it: three columns a level."""
    parents, above = {}, {}
    for line in inspect.getdoc(errors).splitlines():
        match = re.match(r"( {4}(?:[│ ] {3})*)(?:[├└]─ )?([A-Z]\w+)\b", line)
        if match is None:
            continue
        name = match.group(2)
        level = (line.index(name) - 4) // 3 if "─" in line else 0
        level = 0 if level <= 0 else (line.index(name) - 7) // 4 + 1
        above[level] = name
        parents[name] = above[level - 1] if level else None
    return parents


def test_the_tree_is_the_one_that_is_drawn():
    real = {kind.__name__: kind.__mro__[1].__name__ if kind is not MiniLLMError else None for kind in KINDS}
    assert drawn_tree() == real


def test_every_error_is_named_in_the_module():
    defined = {
        name for name, value in vars(errors).items() if isinstance(value, type) and value.__module__ == errors.__name__
    }
    assert defined == {name for name in errors.__all__ if name != "LossWarning"} | {"LossWarning"}


@pytest.mark.parametrize("kind", KINDS)
def test_facts_belong_to_each_error_and_not_to_its_class(kind):
    error = kind("words", retryable=True, retry_at=12.5, attempts=[ATTEMPT], partial=PARTIAL, **specifics(kind))
    assert (error.retryable, error.retry_at, error.attempts, error.partial) == (True, 12.5, (ATTEMPT,), PARTIAL)
    assert error.message == "words"
    assert "words" in str(error)
    for name, value in specifics(kind).items():
        assert getattr(error, name) == value
    bare = kind("words")
    assert (bare.retry_at, bare.attempts, bare.partial) == (None, (), None)
    assert bare.retryable is issubclass(kind, OutputError)
    assert kind().message == ""


@pytest.mark.parametrize("again", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy])
@pytest.mark.parametrize("kind", KINDS)
def test_a_pickle_or_copy_carries_everything(kind, again):
    """Errors cross process pools; exceptions with keyword arguments do not by themselves."""
    error = kind("words", retryable=True, retry_at=12.5, attempts=[ATTEMPT], partial=PARTIAL, **specifics(kind))
    error.add_note("seen by Ann")
    twin = again(error)
    assert type(twin) is kind
    assert (twin.args, str(twin), twin.__notes__) == (error.args, str(error), ["seen by Ann"])
    assert (twin.retryable, twin.retry_at, twin.attempts, twin.partial) == (True, 12.5, (ATTEMPT,), PARTIAL)
    for name, value in specifics(kind).items():
        if name == "errors":
            assert [(type(one), str(one)) for one in getattr(twin, name)] == [(type(one), str(one)) for one in value]
        else:
            assert getattr(twin, name) == value


def test_standard_library_classes_catch_their_kin():
    assert issubclass(TimeoutExceeded, TimeoutError)
    assert issubclass(InvalidOutput, ValueError)
    assert issubclass(ThreadFormatError, ValueError)
    assert issubclass(LossWarning, UserWarning)


def test_an_api_error_reads_as_host_status_code_words_and_request():
    error = RateLimitError("slow down", status=429, code="tpm", request_id="req-1", host="groq")
    assert str(error) == "groq 429 tpm: slow down (request req-1)"
    assert error.message == "slow down"
    assert str(APIError("odd")) == "odd"
    assert str(APIError("odd", type="kind")) == "kind: odd"


def test_errors_that_know_a_place_name_it():
    assert str(DecodeError("no object", path="choices[0]")) == "choices[0]: no object"
    assert str(ThreadFormatError("is missing", path="a.json", place="prompts[3]")) == "a.json: prompts[3]: is missing"
    assert str(ThreadFormatError("is missing")) == "is missing"


def test_what_the_peer_sent_is_kept_but_bounded():
    assert len(DecodeError("x", raw="a" * 10_000).raw) == 2000


def test_a_cut_answer_is_at_hand():
    assert StreamInterrupted("cut", partial=PARTIAL).response is PARTIAL
    assert StreamInterrupted("cut").response is None


def test_details_are_the_errors_own():
    """A mapping given away may change under another's hands."""
    details = {"a": 1}
    error = APIError("x", details=details)
    details["a"] = 2
    assert error.details == {"a": 1}


def test_only_prose_makes_a_context_error_a_guess():
    assert ContextLengthError("too long").guessed is False


@pytest.mark.parametrize("kind", KINDS)
def test_answers_and_calls_stay_out_of_the_words(kind):
    """They are at hand as values; what is printed and logged holds none of them."""
    secret = ChatResponse("id", "m", (Choice(0, Message("assistant", "the patient's name")),))
    more = {"partial": secret}
    if issubclass(kind, OutputError):
        more["response"] = secret
    if kind is UnansweredToolCalls:
        more["calls"] = (ToolCallPart("c", "f", '{"name": "the patient\'s name"}'),)
    if issubclass(kind, APIError):
        more["body"] = "the patient's name"
    if kind is DecodeError:
        more["raw"] = "the patient's name"
    error = kind("words", **more)
    assert "patient" not in str(error) + repr(error)


def test_an_error_can_be_raised_again_and_again():
    """One instance of a mock's script: the facts stay those it was made with."""
    error = Refusal("no", response=PARTIAL)
    for _ in range(2):
        with pytest.raises(Refusal) as caught:
            raise error
        assert caught.value.response is PARTIAL
