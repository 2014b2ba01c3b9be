"""Generators: inert, made by name, and silent about their keys."""

import copy
import pickle
import threading
import traceback
from functools import partial

import pytest

from minillm import (
    AuthenticationError,
    ChatNode,
    CompletionParameters,
    ConfigurationError,
    GeneratorInfo,
    MockTransport,
    Timeouts,
    TokenPrice,
    Transform,
)
from minillm.providers import PROVIDERS, Endpoint, Provider, Secret
from minillm.transforms import system_as_user, think_tags
from minillm.transport import MockResponse
from minillm.wire.codec import Quirks

CANARY = "canary-k3y-0123456789"

ANSWER = {
    "id": "c",
    "object": "chat.completion",
    "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello."}, "finish_reason": "stop"}],
}

NAMED = sorted(name for name in PROVIDERS if hasattr(GeneratorInfo, name))


def test_every_row_has_its_constructor():
    assert sorted(PROVIDERS) == NAMED


@pytest.mark.parametrize("name", NAMED)
def test_a_constructor_is_named_after_its_host(name):
    made = getattr(GeneratorInfo, name)("some/model", api_key=CANARY, defaults=CompletionParameters(temperature=0))
    assert made.provider is PROVIDERS[name]
    assert made.name == f"{name}:some/model"
    assert made == GeneratorInfo.of(name, "some/model", api_key=CANARY, defaults=CompletionParameters(temperature=0))
    assert GeneratorInfo.from_name(f"{name}:some/model").provider is PROVIDERS[name]


@pytest.mark.parametrize("name", NAMED)
async def test_the_key_goes_where_the_row_says_and_nowhere_else(name, monkeypatch):
    row = PROVIDERS[name]
    for variable in row.variables.values():
        monkeypatch.setenv(variable, "mine")
    for variable in row.key_env[:1]:
        monkeypatch.setenv(variable, CANARY)
    transport = MockTransport.json({"error": {"message": "no"}}, status=401)  # every wire can read that
    with pytest.raises(AuthenticationError):
        await ChatNode.root().chat("Hi", GeneratorInfo.of(name, "m", transport=transport))
    request = transport.requests[0]
    endpoint = row.endpoint()
    start = endpoint.base_url.format(**dict.fromkeys(row.variables, "mine"))
    assert request.url.startswith(start + "/")
    assert request.headers[endpoint.auth.header] == endpoint.auth.prefix + CANARY
    assert CANARY not in request.url + repr(request)
    assert CANARY.encode() not in request.body


async def sent(generator, transport=None):
    transport = transport or MockTransport.json(ANSWER)
    await ChatNode.root().chat("Hi", generator.replace(transport=transport))
    return transport.requests[-1]


async def test_a_key_is_read_when_a_request_is_made(monkeypatch):
    generator = GeneratorInfo.openai("m")  # no key anywhere yet
    for value in ("first-key", "second-key"):
        monkeypatch.setenv("OPENAI_API_KEY", value)
        assert (await sent(generator)).headers["authorization"] == f"Bearer {value}"


async def test_a_callable_gives_the_key_for_each_request():
    keys = iter(["first-key", "second-key"])
    generator = GeneratorInfo.openai("m", api_key=lambda: next(keys))
    assert [(await sent(generator)).headers["authorization"] for _ in range(2)] == [
        "Bearer first-key",
        "Bearer second-key",
    ]


async def test_an_environment_key_never_goes_to_an_overridden_address(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    transport = MockTransport.json(ANSWER)
    for generator in (
        GeneratorInfo.openai("m", base_url="https://proxy.test/v1"),
        GeneratorInfo.openai("m").replace(base_url="https://proxy.test/v1"),
    ):
        with pytest.raises(ConfigurationError, match="belongs to its own address"):
            await sent(generator, transport)
    assert transport.requests == []


@pytest.mark.parametrize("name", ["openai", "custom"])
async def test_a_custom_host_gets_no_environment_key(name, monkeypatch):
    """Not even where it calls itself like one."""
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    request = await sent(GeneratorInfo.custom("m", base_url="https://proxy.test/v1", name=name))
    assert "authorization" not in request.headers
    assert request.url == "https://proxy.test/v1/chat/completions"


async def test_a_named_variable_goes_where_the_user_says(monkeypatch):
    monkeypatch.setenv("MY_KEY", "mine-123")
    generator = GeneratorInfo.openai("m", base_url="https://proxy.test/v1/", api_key_env="MY_KEY")
    request = await sent(generator)
    assert request.headers["authorization"] == "Bearer mine-123"
    assert request.url == "https://proxy.test/v1/chat/completions"


async def test_a_users_own_header_is_the_key(monkeypatch):
    """And the environment's does not take its place."""
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    request = await sent(GeneratorInfo.openai("m", headers={"Authorization": "Basic abc"}))
    assert request.headers["authorization"] == "Basic abc"


async def test_headers_go_over_the_rows_own():
    endpoint = Endpoint(base_url="https://h.test", headers={"X-Title": "row", "x-row": "1"})
    row = Provider(name="h", endpoints=(endpoint,), key_required=False)
    request = await sent(GeneratorInfo(model="m", provider=row, headers={"x-title": "mine"}))
    assert (request.headers["x-title"], request.headers["x-row"]) == ("mine", "1")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: GeneratorInfo.azure("m", api_key="k"), "azure needs resource=, or AZURE_OPENAI_RESOURCE"),
        (lambda: GeneratorInfo.azure("m", api_key="k", resource="evil.test/"), "resource must be letters"),
        (lambda: GeneratorInfo.cloudflare("m", api_key="k", account_id="a@b"), "account_id must be letters"),
    ],
)
async def test_what_fills_an_address_must_be_there_and_plain(make, words):
    """It decides which host gets the key."""
    with pytest.raises(ConfigurationError, match=words):
        await sent(make())


async def test_given_names_win_over_the_environments(monkeypatch):
    monkeypatch.setenv("AZURE_OPENAI_RESOURCE", "theirs")
    assert (await sent(GeneratorInfo.azure("m", api_key="k", resource="mine"))).url.startswith("https://mine.openai")
    assert (await sent(GeneratorInfo.azure("m", api_key="k"))).url.startswith("https://theirs.openai")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"model": ""}, "model's name"),
        ({"model": " "}, "model's name"),
        ({"model": None}, "model's name"),
        ({"api_key": ""}, "api_key is empty"),
        ({"api_key": " \n"}, "api_key is empty"),
        ({"base_url": "ftp://h.test"}, "must start with http"),
        ({"base_url": "h.test/v1"}, "must start with http"),
        ({"base_url": "https://"}, "names no host"),
        ({"base_url": f"https://me:{CANARY}@h.test"}, "user name or password"),
        ({"base_url": f"https://{CANARY}@h.test"}, "user name or password"),
        ({"base_url": f"https://h.test/v1?key={CANARY}"}, "must end before any"),
        ({"base_url": f"https://h.test/v1#{CANARY}"}, "must end before any"),
        ({"base_url": f"{CANARY}://h.test"}, "must start with http"),
        ({"wire": "morse"}, "does not speak 'morse'"),
    ],
)
def test_bad_settings_are_told_at_once_and_show_nothing(settings, words):
    with pytest.raises(ConfigurationError, match=words) as caught:
        GeneratorInfo.openai(**{"model": "m", "api_key": CANARY, **settings})
    assert CANARY not in str(caught.value)
    frames = list(traceback.walk_tb(caught.value.__traceback__))[1:]  # the first is this test
    for frame, _ in frames:
        assert CANARY not in repr(frame.f_locals)


def test_an_unknown_setting_is_refused_without_frames():
    with pytest.raises(TypeError, match="apikey") as caught:
        GeneratorInfo.openai("m", api_key=CANARY, apikey="x")
    for frame, _ in list(traceback.walk_tb(caught.value.__traceback__))[1:]:
        assert CANARY not in repr(frame.f_locals)


@pytest.mark.parametrize("name", ["openai", "openai:", ":m", ""])
def test_a_name_must_hold_both_host_and_model(name):
    with pytest.raises(ConfigurationError, match="provider:model"):
        GeneratorInfo.from_name(name)


def test_a_model_may_hold_colons():
    assert GeneratorInfo.from_name("ollama:llama3.2:3b").model == "llama3.2:3b"


def test_an_unknown_host_is_told():
    with pytest.raises(ConfigurationError, match="no provider is called 'opanai'"):
        GeneratorInfo.from_name("opanai:m")


def test_the_local_model_by_name():
    assert GeneratorInfo.from_name("local") == GeneratorInfo.local()
    assert GeneratorInfo.from_name("local:/models/a.gguf") == GeneratorInfo.local("/models/a.gguf")
    defaults = CompletionParameters(temperature=0)
    assert GeneratorInfo.from_name("local", defaults=defaults).defaults == defaults
    with pytest.raises(ConfigurationError, match="the local model takes no api_key"):
        GeneratorInfo.from_name("local", api_key="k")


@pytest.mark.parametrize(
    "make",
    [
        partial(GeneratorInfo.openai, "m"),
        partial(GeneratorInfo.openrouter, "m", app_name="x"),
        partial(GeneratorInfo.azure, "m", resource="r"),
        partial(GeneratorInfo.anthropic, "m"),
        partial(GeneratorInfo.claude_subscription, "m"),
        partial(GeneratorInfo.vertex_gemini, "m", project="p", api_key=str),
        partial(GeneratorInfo.custom, "m", base_url="http://127.0.0.1:1/v1"),
        partial(GeneratorInfo.of, "groq", "m"),
        partial(GeneratorInfo.from_name, "groq:m"),
        partial(GeneratorInfo.from_name, "local"),
        GeneratorInfo.local,
    ],
)
def test_constructors_take_transforms(make):
    """The same as replace() gives; what is no transform is told where it is said."""
    thinking = think_tags()
    made = make(transforms=[thinking, system_as_user])
    assert made.transforms == (thinking, Transform(request=system_as_user))
    assert made == make().replace(transforms=[thinking, system_as_user])
    assert make().transforms == ()
    for wrong, words in [(thinking, "a list of transforms"), ([think_tags], "call it"), ([3], "not int")]:
        with pytest.raises(ConfigurationError, match=words):
            make(transforms=wrong)


async def test_a_generators_transforms_change_its_answers():
    """At every call, without another word."""
    body = {"choices": [{"index": 0, "message": {"content": "<think>So.</think>Yes."}, "finish_reason": "stop"}]}
    transport = MockTransport([MockResponse.json(body)])
    gen = GeneratorInfo.openai("m", api_key=CANARY, transport=transport, transforms=[think_tags()])
    assert (await ChatNode.root("s").chat("?", gen)).text == "Yes."


def test_making_a_local_generator_starts_nothing():
    threads = threading.active_count()
    GeneratorInfo.local()
    assert threading.active_count() == threads


def test_custom_takes_a_wire_and_quirks():
    quirks = Quirks(seed_field="random_seed")
    made = GeneratorInfo.custom("m", base_url="http://127.0.0.1:1/v1", name="mine", quirks=quirks, streaming=False)
    assert made.endpoint.quirks == quirks
    assert (made.name, made.streaming) == ("mine:m", False)


def test_replace_changes_one_thing_and_nothing_else():
    generator = GeneratorInfo.openai("m", api_key=CANARY, price=TokenPrice(1, 2), timeouts=Timeouts(1, 2, 3))
    other = generator.replace(model="n")
    assert (other.model, other.api_key, other.price, other.timeouts) == (
        "n",
        generator.api_key,
        TokenPrice(1, 2),
        Timeouts(1, 2, 3),
    )
    assert generator.model == "m"
    assert other.replace(model="m") == generator


def test_replace_refuses_what_is_no_field():
    with pytest.raises(ConfigurationError, match=r"no field temperature; it has .*defaults"):
        GeneratorInfo.openai("m").replace(temperature=1)


def test_further_defaults_go_over_those_there_are():
    gen = GeneratorInfo.openai("m", defaults=CompletionParameters(temperature=1.0, seed=1))
    assert gen.with_defaults(temperature=0).defaults == CompletionParameters(temperature=0, seed=1)
    assert gen.with_defaults(seed=None).defaults == CompletionParameters(temperature=1.0, seed=None)
    assert gen.defaults.temperature == 1.0
    with pytest.raises(ConfigurationError, match="retry: no parameter that goes on the wire"):
        gen.with_defaults(retry=3)


def test_who_would_replace_a_parameter_is_shown_the_way():
    with pytest.raises(ConfigurationError, match=r"no field temperature; .*with_defaults\(\.\.\.\) sets parameters"):
        GeneratorInfo.openai("m").replace(temperature=0)


async def test_what_was_prepared_is_not_carried_into_a_replacement():
    """A request to the old address after the address was changed would carry the key there."""
    generator = GeneratorInfo.openai("m", api_key="k-123456")
    await sent(generator)
    request = await sent(generator.replace(base_url="https://proxy.test/v1"))
    assert request.url.startswith("https://proxy.test/")


def test_equal_and_hashable_by_content():
    one, other = (GeneratorInfo.openai("m", api_key=CANARY, headers={"a": "b"}) for _ in range(2))
    assert one == other
    assert hash(one) == hash(other)
    assert one != GeneratorInfo.openai("m", api_key="other")


@pytest.mark.parametrize(
    "settings",
    [{"api_key": CANARY}, {"api_key": Secret(CANARY)}, {"headers": {"x-key": CANARY}}, {"api_key": lambda: CANARY}],
)
def test_neither_repr_nor_pickle_holds_the_key(settings):
    generator = GeneratorInfo.openai("m", **settings)
    assert CANARY not in repr(generator)
    data = pickle.dumps(generator)
    assert CANARY.encode() not in data
    again = pickle.loads(data)
    assert again.model == "m"


@pytest.mark.parametrize(
    "settings", [{"api_key": CANARY}, {"api_key": lambda: CANARY}, {"headers": {"authorization": CANARY}}]
)
async def test_a_pickled_generator_asks_for_its_key_again(settings, monkeypatch):
    """And takes no other in its place: the environment's may belong to another account."""
    monkeypatch.setenv("OPENAI_API_KEY", "environment-key")
    again = pickle.loads(pickle.dumps(GeneratorInfo.openai("m", **settings)))
    with pytest.raises(ConfigurationError, match="again"):
        await sent(again)


async def test_a_pickled_generator_without_a_key_works_as_before(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "environment-key")
    generator = GeneratorInfo.openai("m", defaults=CompletionParameters(temperature=0), timeouts=Timeouts(1, 2, 3))
    again = pickle.loads(pickle.dumps(generator))
    assert again == generator
    assert (await sent(again)).headers["authorization"] == "Bearer environment-key"


async def test_a_copy_keeps_its_key():
    """A deep copy of a program's settings must go on working."""
    generator = GeneratorInfo.openai("m", api_key=CANARY)
    for again in (copy.copy(generator), copy.deepcopy({"gen": generator})["gen"]):
        assert (await sent(again)).headers["authorization"] == f"Bearer {CANARY}"


def test_a_transport_is_not_pickled():
    generator = GeneratorInfo.openai("m", transport=MockTransport([]))
    assert pickle.loads(pickle.dumps(generator)).transport is None


def test_it_cannot_be_changed():
    with pytest.raises(AttributeError):
        GeneratorInfo.openai("m").model = "n"
