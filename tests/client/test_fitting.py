"""The short look at a request says no wherever the full one would change, refuse or tell anything."""

import itertools

import pytest

from minillm import (
    AudioPart,
    ChatRequest,
    CompletionParameters,
    EncodeError,
    GeneratorInfo,
    ImagePart,
    Message,
    ProviderSettings,
    TextPart,
    ToolDefinition,
)
from minillm.client.adapt import _fitted
from minillm.client.fitting import fitting_of
from minillm.policies.options import CallOptions
from minillm.providers import Capabilities
from minillm.report import Report

HOSTS = {
    "plain": GeneratorInfo.openai("gpt-4o-mini", api_key="k-123456"),
    "router": GeneratorInfo.openrouter("m", api_key="k-123456"),
    "no seed": GeneratorInfo.perplexity("sonar", api_key="k-123456"),
    "no tools": GeneratorInfo.custom(
        "m",
        base_url="http://h.test/v1",
        takes=Capabilities(tools=False, reasoning=False, unsupported=frozenset({"top_k"})),
    ),
}
CONTENTS = ("Hi", (TextPart("Hi"),), (ImagePart(data="AAAA", mime="image/png"),), (AudioPart(transcript="Hi"),))
PARAMETERS = (
    CompletionParameters(),
    CompletionParameters(max_tokens=5, temperature=None),
    CompletionParameters(seed=1, top_k=3),
    CompletionParameters(reasoning="low"),
    CompletionParameters(extra={}),
    CompletionParameters(extra={"provider": ProviderSettings(sort="price")}),
)
TOOLS = ((), (ToolDefinition("f", "", {}),))
EXTRAS = (None, {"provider": ProviderSettings(sort="price")})


@pytest.mark.parametrize("host", HOSTS)
def test_what_passes_is_what_the_full_way_leaves_alone(host):
    generator = HOSTS[host]
    fitting, passed = fitting_of(generator), 0
    for content, parameters, tools, extra in itertools.product(CONTENTS, PARAMETERS, TOOLS, EXTRAS):
        request = ChatRequest(
            generator.model, (Message("user", content),), tools=tools, parameters=parameters, extra=extra
        )
        if fitting.passes(request):
            report = Report()
            assert _fitted(request, generator, CallOptions(), report) is request
            assert not report
            passed += 1
    assert passed >= 2


@pytest.mark.parametrize(
    ("host", "request_of"),
    [
        ("no tools", {"parameters": PARAMETERS[2]}),
        ("no tools", {"parameters": PARAMETERS[3]}),
        ("no tools", {"tools": TOOLS[1]}),
        ("plain", {"parameters": PARAMETERS[5]}),
        ("plain", {"extra": EXTRAS[1]}),
        ("plain", {"messages": (Message("user", "Hi"), Message("user", CONTENTS[2]))}),
    ],
)
def test_what_may_have_to_go_does_not_pass_whatever_passed_before(host, request_of):
    generator = HOSTS[host]
    fitting = fitting_of(generator)
    assert fitting.passes(ChatRequest(generator.model, (Message("user", "Hi"),)))
    request = ChatRequest(generator.model, **{"messages": (Message("user", "Hi"),), **request_of})
    assert not fitting.passes(request)
    assert not fitting.passes(request)


def test_the_users_own_keys_are_looked_at_each_time_since_they_may_change():
    extra = {}
    parameters = CompletionParameters(extra=extra)
    request = ChatRequest("gpt-4o-mini", (Message("user", "Hi"),), parameters=parameters)
    assert not fitting_of(HOSTS["plain"]).passes(request)


def test_it_is_made_once_a_generator():
    generator = GeneratorInfo.openai("gpt-4o-mini", api_key="k-123456")
    assert fitting_of(generator) is fitting_of(generator)
    assert fitting_of(generator.replace(model="x")) is not fitting_of(generator)


def test_an_empty_image_is_refused_though_its_request_was_made_after_one_that_passed():
    generator = HOSTS["plain"]
    assert fitting_of(generator).passes(ChatRequest(generator.model, (Message("user", "Hi"),)))
    with pytest.raises(EncodeError, match="holds nothing"):
        _fitted(ChatRequest(generator.model, (Message("user", (ImagePart(),)),)), generator, CallOptions(), Report())
