"""From a file and a command line to a plan; a bad file names line and key and says what is allowed."""

from decimal import Decimal
from importlib.resources import files

import pytest

from minillm.compat import PROBES
from minillm.compat.planning import Asked, plan_of, targets_of
from minillm.compat.settings import CompatFile
from minillm.config_file import ConfigFileError, Document
from minillm.errors import ConfigurationError

MINE = '[providers.mine]\nbase_url = "http://127.0.0.1:8000/v1"\nmodels = ["a", "b"]\n'


def document(text: str) -> Document:
    return Document.parse(text, name="llm-compat.toml")


def test_without_a_file_a_model_of_this_machine_is_asked_everything() -> None:
    plan = plan_of(None)
    assert [target.name for target in plan.targets] == ["local"]
    assert plan.probes == tuple(PROBES)


def test_each_model_of_each_provider_is_a_target() -> None:
    """A server on this machine needs no key."""
    plan = plan_of(document('[compat]\nprobes = ["tools"]\nmax_tokens = 9\nbudget_usd = 0.5\n' + MINE))
    assert [target.name for target in plan.targets] == ["mine:a", "mine:b"]
    assert (plan.probes, plan.max_tokens, plan.budget_usd) == (("tools",), 9, Decimal("0.5"))
    assert plan.targets[0].generator.base_url == "http://127.0.0.1:8000/v1"


def test_what_is_said_stands_in_for_the_file() -> None:
    asked = Asked(models=["c"], probes=["n"], concurrency=7, timeout=3.0)
    plan = plan_of(document(MINE), asked)
    assert [target.name for target in plan.targets] == ["mine:c"]
    assert (plan.probes, plan.concurrency, plan.timeout) == (("n",), 7, 3.0)


def test_a_server_needs_no_file() -> None:
    asked = Asked(base_url="http://127.0.0.1:1/v1", models=["x"], wire="anthropic_messages")
    (target,) = plan_of(None, asked).targets
    assert (target.name, target.generator.endpoint.wire) == ("x", "anthropic_messages")
    with pytest.raises(ConfigurationError, match="--base-url needs --model"):
        plan_of(None, Asked(base_url="http://127.0.0.1:1/v1"))


def test_what_is_not_enabled_is_asked_only_by_name() -> None:
    text = MINE + '[providers.off]\nhost = "openai"\nmodels = ["gpt-5.4"]\nenabled = false\n'
    assert [target.name for target in plan_of(document(text)).targets] == ["mine:a", "mine:b"]
    assert [target.name for target in plan_of(document(text), Asked(providers=["off"])).targets] == ["off:gpt-5.4"]
    assert [name for name, *_ in targets_of(document(text), disabled=True)] == ["mine", "off"]
    assert [name for name, *_ in targets_of(document(text))] == ["mine"]


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ("[compat]\nmax_token = 1\n", "llm-compat.toml:2:1: compat.max_token", "allowed: providers, probes"),
        ("[compat]\nconcurrency = 0\n", "llm-compat.toml:2:1: compat.concurrency", "at least 1"),
        ('[compat]\nprobes = ["plain", "nope"]\n', "llm-compat.toml:2:", "allowed: plain, usage"),
        ('[providers.x]\nhost = "nope"\nmodels = ["m"]\n', "llm-compat.toml:2:1: providers.x.host", "allowed: local"),
        ('[providers.x]\nmodels = ["m"]\n', "llm-compat.toml:1:", "base_url is missing"),
        ('[providers.x]\nbase_url = "http://h/v1"\n', "llm-compat.toml:1:", "names no models"),
        ('[providers.x]\nbase_url = "h"\nmodels = ["m"]\n', "llm-compat.toml:2:1", "must start with http"),
        ('[providers.x]\nwire = "smtp"\n', "llm-compat.toml:2:1: providers.x.wire", "openai_chat_completions"),
        ('[compat]\nproviders = ["y"]\n' + MINE, "llm-compat.toml:2:", "the file has mine"),
    ],
)
def test_a_bad_file_names_line_and_key_and_what_is_allowed(text: str, where: str, words: str) -> None:
    with pytest.raises(ConfigFileError) as caught:
        plan_of(document(text))
    assert where in str(caught.value)
    assert words in str(caught.value)


def test_the_sample_is_sound_commented_out_lines_too() -> None:
    """Each line behind ``# `` that looks like a setting is one."""
    text = files("minillm.compat").joinpath("sample.toml").read_text("utf-8")
    document(text).shape(CompatFile)
    lines = [
        line.removeprefix("# ") if line.startswith(("# [", "# ")) and ("= " in line or line.startswith("# [")) else line
        for line in text.splitlines()
        if not line.startswith(("# What", "# Show", "# Who", "# A "))
    ]
    file = document("\n".join(lines)).shape(CompatFile)
    assert file.compat.budget_usd == Decimal("0.50")
    assert set(file.providers) == {"here", "mine", "openai"}
