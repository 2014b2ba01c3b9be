"""``minillm recipe check``."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console

from ...config_file import ConfigFileError
from ...mock_model import MockModel
from ...recipes import Recipe
from ..screen import complain, note
from .inputs import chosen_models

__all__ = ["check"]

SOUND, FAULTY = 0, 2


def check(errors: Console, file: str, *, models: Sequence[str], imports: Sequence[str]) -> int:
    """Tell every fault of a recipe, a line each.

    What only a caller in Python can give, models and tools by names of their own, is told as what is needed.

    Returns:
        0, or 2 where anything is wrong with the file.
    """
    try:
        recipe = Recipe.load(file)
        given = chosen_models(models)
        needs = recipe.needs
        foreign = {name: MockModel() for name in needs.models if name not in given}
        tools = {name: _any_arguments for name in needs.tools if ":" not in name}
        recipe.check(models={**given, **foreign}, tools=tools, allow_imports=imports)
    except ConfigFileError as error:
        for problem in error.problems:
            complain(str(problem), errors)
        return FAULTY
    wanted = [f"the model {name}" for name in foreign] + [f"the tool {name}" for name in tools]
    note(errors, f"{file} is sound" + (f"; it needs {', '.join(wanted)}" if wanted else ""))
    return SOUND


def _any_arguments(**_: Any) -> None:
    """Stands for a tool that is not here."""
