"""One call from what was asked to its bill: what is built for it, and what cannot be said in a stream."""

import pytest

from minillm import ChatRequest, ConfigurationError, GeneratorInfo, MockModel, Transform, fallback
from minillm.dispatch.asked import asked
from minillm.dispatch.call import DispatchedCall, _changes_answers
from minillm.policies.options import CallOptions
from minillm.report import Report
from minillm.transforms import think_tags
from minillm.types import Loss, Severity

GEN = GeneratorInfo.custom("m", base_url="http://127.0.0.1:1/v1")
REQUEST = ChatRequest(None)


def call(model=GEN, reply=None, *, streamed=True, report=None):
    return DispatchedCall(asked(REQUEST, model, None, reply, report, {}), streamed=streamed)


def test_frames_are_said_as_they_came_only_where_nothing_changes_them():
    """Else the change would be lost on the way back to the host's own wire."""
    thinking, asking = think_tags(), Transform(request=lambda request: request)
    assert not _changes_answers(GEN, CallOptions(transforms=(asking,)))
    assert not _changes_answers(fallback([GEN]), CallOptions())
    assert not _changes_answers(MockModel(["x"]), CallOptions())
    assert _changes_answers(GEN, CallOptions(transforms=(thinking,)))
    assert _changes_answers(GEN, CallOptions(force_prepend="So"))
    assert _changes_answers(GEN, CallOptions(output=int))
    assert _changes_answers(fallback([GEN, GEN.replace(transforms=[thinking])]), CallOptions())
    assert _changes_answers(fallback([GEN], midstream="continue"), CallOptions())


def test_an_answer_that_begins_anew_cannot_be_said_in_a_wire():
    """What was sent is sent; events, and answers that are read whole, can."""
    anew = fallback([GEN, GEN], midstream="restart")
    for plan in (anew, fallback([GEN, anew])):
        with pytest.raises(ConfigurationError, match="cannot be taken back"):
            call(plan, "anthropic_messages")
    call(anew)
    call(anew, "anthropic_messages", streamed=False)


def test_what_the_host_could_not_be_told_is_reported():
    """As often as it was."""
    report, loss = Report(), Loss("seed", "seed", "no place", Severity.LOST, 2)
    call(report=report).report([loss])
    call().report([loss])
    assert report.losses == (loss,)
