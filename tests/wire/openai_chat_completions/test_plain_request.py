"""The short way says plain requests, and nothing else, just as the full way does."""

from hypothesis import given, settings
from hypothesis import strategies as st

from minillm.report import Report
from minillm.types import ChatRequest, CompletionParameters, Message, Native, Role
from minillm.wire.codec import Quirks
from minillm.wire.encoding import Encoding
from minillm.wire.openai_chat_completions.plain_request import encode_plain
from minillm.wire.openai_chat_completions.request import _encode_any

from ..plain_requests import plain_requests, quirks_of, recorded_requests, same_as_full

WIRE = "openai_chat_completions"


def both_ways(request: ChatRequest, quirks: Quirks) -> bool:
    def full(report: Report) -> dict[str, object]:
        return _encode_any(request, Encoding(WIRE, quirks, report, asking=True, origin=("host", "some-model")))

    return same_as_full(request, lambda: encode_plain(request, quirks), full)


def test_a_conversation_with_settings_takes_the_short_way() -> None:
    """Turns of text, answers of this wire among them, and plain settings: said at once, under the host's names."""
    answer = Message(Role.ASSISTANT, "Hi.", native=Native(WIRE, {"refusal": None}))
    turns = (Message(Role.SYSTEM, "Be brief."), Message(Role.USER, "Hello."), answer, Message(Role.USER, "And?"))
    parameters = CompletionParameters(max_tokens=9, temperature=0.5, seed=1)
    request = ChatRequest("m", turns, parameters=parameters, stream=True, include_usage=True)
    quirks = Quirks(max_tokens_field="max_tokens", seed_field="random_seed", usage_include=True)
    assert encode_plain(request, quirks) == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Hello."},
            {"role": "assistant", "content": "Hi."},
            {"role": "user", "content": "And?"},
        ],
        "max_tokens": 9,
        "temperature": 0.5,
        "random_seed": 1,
        "stream": True,
        "stream_options": {"include_usage": True},
        "usage": {"include": True},
    }
    assert both_ways(request, quirks)


@settings(max_examples=600, deadline=None)
@given(plain_requests(WIRE), st.sampled_from(quirks_of(WIRE)))
def test_whatever_is_nearly_plain_is_said_as_by_the_full_way(request_: ChatRequest, quirks: Quirks) -> None:
    """Every host's quirks, odd settings, leftovers of answers and requests: the short way does as the full one or
    leaves it."""
    both_ways(request_, quirks)


def test_recorded_conversations_are_said_as_by_the_full_way() -> None:
    """Those of every wire that this one can say plainly, and several are."""
    found = [request for request in recorded_requests(WIRE) if both_ways(request, Quirks())]
    assert len(found) > 10
