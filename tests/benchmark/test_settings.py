"""The form of the file: the sample is one, and each mistake is told by file, line, key and what is allowed."""

from importlib.resources import files
from pathlib import Path

import pytest

from minillm.benchmark.planning import plan_of
from minillm.benchmark.settings import AskedTable, BenchmarkFile, LimitSettings, MessageSettings, PromptSettings
from minillm.benchmark.settings import RunSettings as Run
from minillm.config_file import ConfigFileError, Document, load_config, parse_config

SAMPLE = files("minillm.benchmark").joinpath("sample.toml").read_text("utf-8")


def uncommented() -> str:
    """The sample with every example taken as said."""
    lines = []
    for line in SAMPLE.splitlines():
        bare = line.removeprefix("# ")
        is_toml = bare.startswith("[") or (" = " in bare and bare.split(" = ")[0].isidentifier())
        lines.append(bare if line.startswith("# ") and is_toml else line)
    return "\n".join(lines)


def test_the_sample_is_what_would_be_without_it() -> None:
    """It changes nothing but the levels and the name of the local model."""
    said = parse_config(SAMPLE, BenchmarkFile)
    assert said.benchmark == Run(concurrency=(1, 4))
    assert said.limits == LimitSettings()
    assert list(said.providers) == ["here"]
    assert plan_of(Document.parse(SAMPLE)).targets[0].name == "here"


def test_every_example_in_the_sample_holds() -> None:
    said = parse_config(uncommented(), BenchmarkFile)
    assert set(said.providers) == {"here", "mine", "openai"}
    assert said.limits.inter_token_ms == 50
    assert said.prompts["talk"].messages[1].text == "The Danube."
    assert list(said.prompts["photo"].images) == ["photo.jpg"]


@pytest.mark.parametrize("table", [Run, LimitSettings, AskedTable])
def test_the_sample_speaks_of_every_key(table: type) -> None:
    """Who reads it has seen all that can be set."""
    assert [key for key in table.__dataclass_fields__ if f"{key} =" not in SAMPLE] == []


BAD = [
    ("[benchmark]\nrequets = 5\n", 2, "benchmark.requets", "requests"),
    ("[benchmark]\nrequests = 0\n", 2, "benchmark.requests", "at least 1"),
    ('[benchmark]\nrequests = "many"\n', 2, "benchmark.requests", "whole number"),
    ("[benchmark]\nconcurrency = [1, 0]\n", 2, "benchmark.concurrency[1]", "at least 1"),
    ("[benchmark]\nrates = [0.0]\n", 2, "benchmark.rates[0]", "above 0"),
    ("[benchmark]\nconcurrency = []\n", 2, "benchmark.concurrency", "how hard"),
    ("[limits]\nfirst_token_ms = -1\n", 2, "limits.first_token_ms", "above 0"),
    ('[providers.a]\nmodels = ["m"]\nwire = "chat"\n', 3, "providers.a.wire", "gemini"),
    ('[prompts.a]\ntext = "x"\nimage = "a.png"\n', 3, "prompts.a.image", "images"),
    ('[prompts.a]\ndescription = "x"\n', 1, "prompts.a", "says nothing"),
    ('[providers.openai]\napi_key_env = "sk-abcdefgh12345678abc"\n', 2, "providers.openai.api_key_env", "variable"),
    ("[benchmark\n", 1, "", "]"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "key", "told"), BAD, ids=[case[2] or "no TOML" for case in BAD])
def test_a_mistake_is_told_by_file_line_key_and_what_is_allowed(
    tmp_path: Path, text: str, line: int, key: str, told: str
) -> None:
    path = tmp_path / "benchmark.toml"
    path.write_text(text)
    with pytest.raises(ConfigFileError) as raised:
        load_config(path, BenchmarkFile)
    error = raised.value
    assert (error.file, error.line, error.key) == (str(path), line, key)
    assert told in str(error)
    assert "sk-abc" not in str(error)


def test_messages_stand_alone() -> None:
    with pytest.raises(ValueError, match="the one or the other"):
        PromptSettings(text="a", messages=[MessageSettings(role="user", text="b")])
