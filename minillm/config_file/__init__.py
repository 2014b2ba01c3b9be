"""TOML and JSON files as frozen dataclasses, and errors that name the line.

    plan = load_config("benchmark.toml", Plan)          # Plan: a dataclass
    document = Document.load("recipe.toml")             # or in two steps, for checks of your own
    recipe = document.shape(RecipeFile)
    raise document.error(("steps", 2, "prompt"), "names a step that comes later")

What a dataclass may hold: str, bool, int, float, Decimal, Path, dates, Literal, enums, lists, tuples, dicts, other
dataclasses, unions of these (several tables are told apart by a Literal field), ``None``, defaults, ``Any`` for JSON
as it stands; ``Annotated[int, Bounds(at_least=1)]`` and ``Annotated[str, NonEmpty()]``. A key spelt otherwise than its
field: ``field(metadata={"key": "from"})``. Further checks: a ValueError in ``__post_init__``, best a :class:`BadValue`,
which names the key. Relative paths are taken from the file's folder.

All faults of a file are told at once, as one :class:`ConfigFileError`.
"""

from .document import MAX_BYTES, Document, load_config, parse_config
from .problems import ConfigFileError, Problem
from .rules import BadValue, Bounds, NonEmpty

__all__ = [
    "MAX_BYTES",
    "BadValue",
    "Bounds",
    "ConfigFileError",
    "Document",
    "NonEmpty",
    "Problem",
    "load_config",
    "parse_config",
]
