"""What was asked is settled before anything is sent: model, parameters, wires, and what cannot be."""

import pytest

from minillm import BadRequestError, ChatRequest, CompletionParameters, ConfigurationError, GeneratorInfo, MockModel
from minillm import fallback as plan_of
from minillm.dispatch.asked import asked
from minillm.report import Report
from minillm.wire import WIRES
from tests.chat.four_wires import CHAT, MESSAGES
from tests.dispatch.bodies import asking

GEN = GeneratorInfo.custom(
    "m", base_url="http://127.0.0.1:1/v1", defaults=CompletionParameters(temperature=0.1, seed=1, top_p=0.1)
)
REQUEST = ChatRequest("alias", parameters=CompletionParameters(seed=2, top_p=0.2))


def made(request=REQUEST, model=GEN, wire=None, reply_wire=None, report=None, **options):
    return asked(request, model, wire, reply_wire, report, options)


def test_keyword_over_request_over_defaults():
    """None is deliberately not sent."""
    parameters = made(top_p=None).request.parameters
    assert (parameters.temperature, parameters.seed, parameters.top_p) == (0.1, 2, None)


def test_the_model_is_that_of_whoever_answers():
    """What a client calls it is the client's; a plan's routes name their own, another model hears what was said."""
    assert made().request.model == "m"
    assert made(model=plan_of([GEN])).request.model is None
    assert made(model=MockModel(["x"])).request.model == "alias"


@pytest.mark.parametrize("wire", WIRES)
def test_a_body_is_answered_in_its_own_wire_or_another(wire):
    """And the policies know where it came from."""
    settled = made(asking(wire), wire=wire)
    assert (settled.reply, settled.options.source) == (wire, wire)
    assert settled.request.parameters.max_tokens == 50
    assert made(asking(wire), wire=wire, reply_wire=CHAT).reply == CHAT
    assert made().reply is None
    assert made(reply_wire=wire).reply == wire


def test_only_clients_of_chat_have_to_ask_for_counts():
    """The host is asked all the same, for the bill."""
    silent, counted = asking(CHAT), asking(CHAT, stream=True, stream_options={"include_usage": True})
    assert [made(body, wire=CHAT).counts for body in (silent, counted)] == [False, True]
    assert made(silent, wire=CHAT, reply_wire=MESSAGES).counts is True
    assert made(asking(MESSAGES), wire=MESSAGES, reply_wire=CHAT).counts is True
    assert made(silent, wire=CHAT).request.include_usage is True
    assert made(silent, wire=CHAT, track_cost=False).request.include_usage is None


def test_a_type_as_output_is_asked_for():
    """Unless the request names a format itself."""
    assert made(output=int).request.parameters.response_format.kind == "json_schema"


def test_a_report_takes_over_what_warnings_would_say():
    """A strict one refuses."""
    assert made().options.unsupported == "warn"
    assert made(report=Report()).options.unsupported == "drop"
    assert made(report=Report(strict=True), unsupported="warn").options.unsupported == "error"


def test_what_is_no_request_of_the_wire_is_the_clients_fault():
    """As a host would answer it, with status 400; no word of the body is in it."""
    with pytest.raises(BadRequestError) as caught:
        made({"messages": "secret words"}, wire=CHAT)
    assert caught.value.status == 400
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"request": {}}, "wire= must say"),
        ({"request": {}, "wire": "telex"}, "no wire is called 'telex'"),
        ({"reply_wire": "telex"}, "no wire is called 'telex'"),
        ({"request": "hi", "wire": CHAT}, "not str"),
        ({"temprature": 1}, "did you mean 'temperature'"),
        ({"attach": False}, "no such option: 'attach'"),
        ({"source": CHAT}, "no such option: 'source'"),
        ({"temperature": "hot"}, "temperature must be"),
        ({"retry": -1}, "retry must be"),
        ({"idle_timeout": 0}, "idle_timeout must be"),
        ({"cost_callback": 1}, "cost_callback must be"),
    ],
)
def test_what_cannot_be_is_told(arguments, complaint):
    """By its name."""
    with pytest.raises(ConfigurationError, match=complaint):
        made(**arguments)
