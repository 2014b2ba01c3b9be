"""What a generator sets by itself, in a request that was made for several."""

from minillm import ChatRequest, CompletionParameters, MockModel
from minillm.policies.own_defaults import OwnDefaults

from .models import streamed, whole


async def test_its_name_and_defaults_go_out_and_the_callers_settings_win():
    model = MockModel(lambda _: "Yes.")
    own = OwnDefaults(model, "mine", CompletionParameters(temperature=0.3, max_tokens=5, seed=1), {})
    said = ChatRequest("theirs", (), parameters=CompletionParameters(max_tokens=9, seed=None))
    for ask in (whole, streamed):
        await ask(own, said)
        request = model.requests[-1]
        assert request.model == "mine"
        assert request.parameters == CompletionParameters(temperature=0.3, max_tokens=9, seed=None)
    assert said.model == "theirs"


async def test_without_defaults_the_parameters_are_the_callers_own():
    model = MockModel(lambda _: "Yes.")
    request = ChatRequest("theirs", (), parameters=CompletionParameters(top_p=0.5))
    await whole(OwnDefaults(model, "mine", CompletionParameters(), {}), request)
    assert model.requests[0].model == "mine"
    assert model.requests[0].parameters is request.parameters


async def test_a_request_that_names_no_model_goes_on_as_it_is():
    """Who sends it fills in the generator's."""
    model, request = MockModel(["Yes."]), ChatRequest(None, ())
    await whole(OwnDefaults(model, "mine", CompletionParameters(), {}), request)
    assert model.requests[0] is request


async def test_calls_that_share_their_parameters_share_what_comes_of_them():
    model, kept = MockModel(lambda _: "Yes."), {}
    said, other = CompletionParameters(max_tokens=9), CompletionParameters(max_tokens=8)
    for parameters in (said, said, other, said):
        own = OwnDefaults(model, "mine", CompletionParameters(seed=1), kept)
        await whole(own, ChatRequest(None, (), parameters=parameters))
    sent = [request.parameters for request in model.requests]
    assert [parameters.max_tokens for parameters in sent] == [9, 9, 8, 9]
    assert {parameters.seed for parameters in sent} == {1}
    assert sent[0] is sent[1]


async def test_what_a_program_changes_in_its_extra_fields_is_sent():
    model, kept = MockModel(lambda _: "Yes."), {}
    extra = {"a": 1}
    parameters = CompletionParameters(extra=extra)
    for defaults in (CompletionParameters(extra={"b": 2}), CompletionParameters(seed=1)):
        for number in (1, 2):
            extra["a"] = number
            await whole(OwnDefaults(model, "mine", defaults, kept), ChatRequest(None, (), parameters=parameters))
            assert model.requests[-1].parameters.extra["a"] == number
