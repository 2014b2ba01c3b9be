"""From a file, and from what was said on the command line, to a plan."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from minillm import ConfigurationError, GeneratorInfo, ImagePart
from minillm.benchmark import Closed, Open
from minillm.benchmark.builtin_prompts import BUILT_IN
from minillm.benchmark.planning import Asked, plan_of, prompts_of
from minillm.config_file import ConfigFileError, Document
from minillm.providers import resolve_key
from tests.media_files import png

HERE = """
[providers.mine]
base_url = "http://127.0.0.1:8000/v1"
models = ["a", "b"]
"""


def document(text: str, folder: Path | None = None) -> Document:
    if folder is None:
        return Document.parse(text, name="benchmark.toml")
    path = folder / "benchmark.toml"
    path.write_text(text)
    return Document.load(path)


def test_without_a_file_a_small_model_on_this_machine_is_asked() -> None:
    plan = plan_of(None)
    assert [target.name for target in plan.targets] == ["local"]
    assert plan.loads == (Closed(1),)
    assert plan.targets[0].model.price.output == 0


def test_everything_in_the_file_reaches_the_plan() -> None:
    plan = plan_of(
        document(
            HERE
            + """
            [benchmark]
            prompts = ["short", "json"]
            requests = 7
            concurrency = [2]
            rates = [1.5]
            warm_up = 3
            max_tokens = 99
            temperature = 0.5
            pause = 2
            timeout = 9
            unique = true
            seed = 42
            budget_usd = 0.25
            keep_waits = false
            [limits]
            first_token_ms = 500
            end_to_end_ms = 2500.5
            """
        )
    )
    assert [target.name for target in plan.targets] == ["mine:a", "mine:b"]
    assert [prompt.name for prompt in plan.prompts] == ["short", "json"]
    assert plan.loads == (Closed(2), Open(1.5))
    assert (plan.requests, plan.warm_up, plan.pause, plan.timeout, plan.seed) == (7, 3, 2, 9, 42)
    assert (plan.unique, plan.keep_waits, plan.budget_usd) == (True, False, Decimal("0.25"))
    assert (plan.parameters.max_tokens, plan.parameters.temperature) == (99, 0.5)
    assert (plan.limits.first_token, plan.limits.inter_token, plan.limits.end_to_end) == (0.5, None, 2.5005)


def test_open_loops_alone() -> None:
    assert plan_of(document("[benchmark]\nrates = [2.0]\n")).loads == (Open(2.0),)


def test_what_was_asked_for_stands_in_for_the_file() -> None:
    asked = Asked(
        models=["c"], prompts=["story"], requests=3, concurrency=[8], rates=[0.5], max_tokens=5, providers=["mine"]
    )
    plan = plan_of(document(HERE + '[benchmark]\nconcurrency = [1]\nprompts = ["short"]\n'), asked)
    assert [target.name for target in plan.targets] == ["mine:c"]
    assert [prompt.name for prompt in plan.prompts] == ["story"]
    assert (plan.loads, plan.requests, plan.parameters.max_tokens) == ((Closed(8), Open(0.5)), 3, 5)


def test_a_generator_by_name_needs_no_file() -> None:
    plan = plan_of(None, Asked(generators=["ollama:llama3.2"]))
    assert plan.targets[0].model == GeneratorInfo.ollama("llama3.2")


@pytest.mark.parametrize("host", ["", 'host = "openai"\n'])
@pytest.mark.parametrize("address", ["http://127.0.0.1:8000/v1", "http://localhost:8000/v1", "http://[::1]:8000/v1"])
def test_a_server_on_this_machine_needs_no_key(host: str, address: str) -> None:
    plan = plan_of(document(f'[providers.mine]\n{host}base_url = "{address}"\nmodels = ["m"]\n'))
    model = plan.targets[0].model
    assert isinstance(model, GeneratorInfo)
    assert resolve_key(model.provider, None, model.api_key_env, own_base_url=False) is None


def test_elsewhere_a_known_host_wants_its_key() -> None:
    plan = plan_of(document('[providers.mine]\nhost = "openai"\nbase_url = "https://proxy.test/v1"\nmodels = ["m"]\n'))
    model = plan.targets[0].model
    assert isinstance(model, GeneratorInfo)
    with pytest.raises(ConfigurationError, match="key"):
        resolve_key(model.provider, None, model.api_key_env, own_base_url=False)


def test_a_table_named_as_a_host_is_that_host() -> None:
    plan = plan_of(
        document('[providers.anthropic]\nmodels = ["claude-sonnet-5"]\ninput_price = 3\noutput_price = 15\n')
    )
    model = plan.targets[0].model
    assert isinstance(model, GeneratorInfo)
    assert (model.name, model.endpoint.wire) == ("anthropic:claude-sonnet-5", "anthropic_messages")
    assert model.price is not None
    assert model.price.output == 15


@pytest.mark.parametrize(
    "wire", ["openai_chat_completions", "openai_responses", "anthropic_messages", "gemini_generate_content"]
)
def test_any_wire(wire: str) -> None:
    model = plan_of(document(HERE + f'wire = "{wire}"\n')).targets[0].model
    assert isinstance(model, GeneratorInfo)
    assert model.endpoint.wire == wire


def test_pictures_are_found_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(png())
    text = '[prompts.photo]\nsystem = "Be brief."\ntext = "What?"\nimages = ["photo.png", "https://a.test/b.jpg"]\n'
    prompt = prompts_of(document(text, tmp_path))["photo"]
    assert [message.role for message in prompt.messages] == ["system", "user"]
    pictures = [part for part in prompt.messages[1].parts if isinstance(part, ImagePart)]
    assert pictures[0] == replace(ImagePart.from_bytes(png()), name="photo.png")
    assert pictures[1].url == "https://a.test/b.jpg"


def test_conversations_of_several_turns() -> None:
    text = """
    [[prompts.talk.messages]]
    role = "user"
    text = "Name a river."
    [[prompts.talk.messages]]
    role = "assistant"
    text = "The Danube."
    [[prompts.talk.messages]]
    role = "user"
    text = "Where does it end?"
    """
    prompts = prompts_of(document(text))
    assert [message.text for message in prompts["talk"].messages][1] == "The Danube."
    assert set(prompts) == {*BUILT_IN, "talk"}


@pytest.mark.parametrize(
    ("text", "line", "key", "told"),
    [
        ('[benchmark]\nprompts = ["none"]\n', 2, "benchmark.prompts[0]", "story"),
        ('[benchmark]\nproviders = ["none"]\n' + HERE, 2, "benchmark.providers[0]", "mine"),
        ('[providers.a]\nhost = "opnai"\nmodels = ["m"]\n', 2, "providers.a.host", "openai"),
        ('[providers.a]\nhost = "openai"\n', 1, "providers.a", "models"),
        ('[providers.a]\nmodels = ["m"]\n', 1, "providers.a.base_url", "is missing"),
        ('[providers.a]\nbase_url = "ftp://x"\nmodels = ["m"]\n', 2, "providers.a.base_url", "http"),
        (
            '[benchmark]\nprompts = ["a"]\n[prompts.a]\nimages = ["none.png"]\n',
            4,
            "prompts.a.images[0]",
            "no such file",
        ),
    ],
)
def test_a_mistake_names_its_line(text: str, line: int, key: str, told: str) -> None:
    with pytest.raises(ConfigFileError) as raised:
        plan_of(document(text))
    assert (raised.value.line, raised.value.key) == (line, key)
    assert told in str(raised.value)


def test_a_sound_is_no_picture(tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(png())
    text = '[benchmark]\nprompts = ["a"]\n[prompts.a]\naudio = ["photo.png"]\n'
    with pytest.raises(ConfigFileError, match="image, not audio"):
        plan_of(document(text, tmp_path))


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (Asked(prompts=["none"]), "'none'"),
        (Asked(providers=["none"]), "'none'"),
        (Asked(generators=["nowhere:m"]), "nowhere"),
    ],
)
def test_so_is_what_was_asked_for(asked: Asked, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        plan_of(document(HERE), asked)
