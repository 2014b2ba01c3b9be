"""The house as docs/architecture.md draws it: floors, no circles, libraries behind their files, pure rooms.

Every rule is a function from sources to complaints, so that it can be shown to complain.
"""

import ast
import sys
from collections.abc import Callable, Iterator, Mapping

import pytest

from tests.import_graph import PACKAGE, REPOSITORY, Import, circles, imports, module_name, read_sources

FLOORS = {
    name: floor
    for floor, names in {
        0: "types loop_local run_sync",
        1: "errors",
        2: "json report transport chat_model observe local config_file environment",
        3: "wire transforms cost tools mock_model",
        4: "providers policies tree media",
        5: "generator",
        6: "client routing",
        7: "stack calling",
        8: "chat dispatch operations trials",
        9: "benchmark compat gateway recipes search notebook view",
        10: "cli",
        11: "__main__",
    }.items()
    for name in names.split()
}

# Library -> where it may be imported: a file, or a folder with its slash.
LIBRARIES = {
    "orjson": ("json/",),
    "json_repair": ("json/",),
    "jiter": ("json/",),
    "jsonschema": ("json/",),
    "referencing": ("json/",),
    "tenacity": ("policies/retry.py",),
    "aiohttp": ("transport/aiohttp.py", "transport/pool.py", "transport/line.py"),
    "yarl": ("transport/aiohttp.py", "transport/pool.py"),
    # Wherever tasks are grouped, and nowhere on the path of one request.
    "anyio": (
        "chat/branch.py",
        "chat/run",
        "chat/shared_task.py",
        "tools/",
        "policies/hedge.py",
        "benchmark/",
        "compat/",
        "recipes/",
        "cli/",
    ),
    "dotenv": ("environment.py",),
    "genai_prices": ("cost/published.py",),
    "xllamacpp": ("local/child.py",),
    "mcp": ("tools/mcp/",),
    "httpx2": ("tools/mcp/http_link.py",),
    "opentelemetry": ("observe/otel.py",),
    "cyclopts": ("cli/",),
    "rich": ("cli/",),
    "anywidget": ("notebook/tree_widget.py",),
    "traitlets": ("notebook/tree_widget.py",),
    "IPython": ("notebook/front_end.py",),
}

# Rooms where nothing waits: what stands there can be used from any thread, loop or program.
PURE = ("types/", "wire/", "transforms/", "cost/", "errors.py", "report.py")
AWAITS = ("types/collecting.py",)  # acollect() reads whatever async iterator it is given

LONGEST_FILE = 450
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "shared", "base_utils"}

Sources = Mapping[str, str]


def room(module: str) -> str:
    """``minillm.wire.sse`` -> ``wire``."""
    return module.split(".")[1] if "." in module else ""


def inner_imports(sources: Sources) -> Iterator[tuple[Import, str]]:
    for found in imports(sources):
        if found.target.split(".")[0] == PACKAGE:
            yield found, room(module_name(found.path))


def floor_complaints(sources: Sources) -> Iterator[str]:
    """A name imports only from floors below its own; programs (9 and up) may also use the public face."""
    for found, name in inner_imports(sources):
        if not name:
            continue  # the public face itself names everything
        if name not in FLOORS:
            yield f"{found.path}: {name} has no floor yet; give it one here and in docs/architecture.md"
            continue
        target = room(found.target)
        if not target:
            if FLOORS[name] < 9:
                yield f"{found.path}:{found.line}: the public face is above {name}; import from the room itself"
        elif target != name and FLOORS.get(target, 99) >= FLOORS[name]:
            yield f"{found.path}:{found.line}: {name} (floor {FLOORS[name]}) imports {target} ({FLOORS.get(target)})"


def dialect_complaints(sources: Sources) -> Iterator[str]:
    """One wire's folder never imports another's: what they share stands in wire/ itself."""
    for found, name in inner_imports(sources):
        own, other = module_name(found.path).split("."), found.target.split(".")
        both_deep = name == "wire" and len(own) > 3 and len(other) > 3
        if both_deep and other[1] == "wire" and other[2] != own[2]:
            yield f"{found.path}:{found.line}: {own[2]} imports {other[2]}"


def circle_complaints(sources: Sources) -> Iterator[str]:
    for circle in circles(sources):
        yield f"a circle of imports: {', '.join(circle)}"


def library_complaints(sources: Sources) -> Iterator[str]:
    for found in imports(sources):
        name = found.third_party_name
        if name == PACKAGE or name in sys.stdlib_module_names:
            continue
        if name not in LIBRARIES:
            yield f"{found.path}:{found.line}: {name} is no library of this project"
        elif not found.path.startswith(LIBRARIES[name]):
            yield f"{found.path}:{found.line}: {name} may only be imported in {', '.join(LIBRARIES[name])}"


def waiting_complaints(sources: Sources) -> Iterator[str]:
    waits = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)
    for path, source in sources.items():
        if path.startswith(PURE) and path not in AWAITS:
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, waits):
                    yield f"{path}:{node.lineno}: nothing waits in {path.partition('/')[0]}"


def length_complaints(sources: Sources) -> Iterator[str]:
    for path, source in sources.items():
        if (lines := source.count("\n")) > LONGEST_FILE:
            yield f"{path}: {lines} lines; is it still one noun? The cap is {LONGEST_FILE}"


def name_complaints(sources: Sources) -> Iterator[str]:
    for path in sources:
        if EMPTY_NAMES & set(path.removesuffix(".py").split("/")):
            yield f"{path}: a name that says nothing"


# The smallest program that breaks each rule.
PLANTED: list[tuple[Callable[[Sources], Iterator[str]], Sources]] = [
    (floor_complaints, {"tree/node.py": "from ..chat import ChatNode", "chat/__init__.py": ""}),
    (floor_complaints, {"types/part.py": "def f():\n    from ..errors import E", "errors.py": ""}),
    (floor_complaints, {"types/part.py": "if TYPE_CHECKING:\n    import minillm.errors", "errors.py": ""}),
    (floor_complaints, {"tree/node.py": "from ..providers import P", "providers/__init__.py": ""}),
    (floor_complaints, {"wire/sse.py": "from minillm import ChatNode", "__init__.py": ""}),
    (floor_complaints, {"wire/sse.py": "from .. import ChatNode", "__init__.py": ""}),
    (floor_complaints, {"attic/box.py": "from ..errors import E", "errors.py": ""}),
    (dialect_complaints, {"wire/a/request.py": "from ..b.request import x", "wire/b/request.py": ""}),
    (circle_complaints, {"tree/a.py": "from .b import x", "tree/b.py": "def f():\n    from .a import y"}),
    (circle_complaints, {"tree/__init__.py": "from .a import x", "tree/a.py": "from . import y"}),
    (library_complaints, {"tree/a.py": "import aiohttp"}),
    (library_complaints, {"transport/base.py": "def f():\n    from aiohttp.client import ClientSession"}),
    (library_complaints, {"tree/a.py": "import requests"}),
    (waiting_complaints, {"wire/sse.py": "async def f(): ..."}),
    (waiting_complaints, {"cost/ledger.py": "async def f():\n    await g()"}),
    (length_complaints, {"tree/a.py": "x = 1\n" * 451}),
    (name_complaints, {"tree/utils.py": ""}),
    (name_complaints, {"helpers/tree.py": ""}),
]
RULES = list(dict.fromkeys(rule for rule, _ in PLANTED))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_stands_as_drawn(rule):
    """No rule has a complaint about the package."""
    assert list(rule(read_sources())) == []


@pytest.mark.parametrize(
    ("rule", "sources"), PLANTED, ids=[f"{rule.__name__}-{n}" for n, (rule, _) in enumerate(PLANTED)]
)
def test_every_rule_can_complain(rule, sources):
    """A rule that finds nothing in a planted fault would find nothing anywhere."""
    assert list(rule(sources))


def test_what_is_allowed_is_no_fault():
    """Down, within a room, into one's own library, in the public face."""
    sources = {
        "__init__.py": "from .chat import ChatNode",
        "errors.py": "from .types import Attempt",
        "types/__init__.py": "from .attempt import Attempt",
        "types/attempt.py": "import dataclasses",
        "types/collecting.py": "async def acollect(): ...",
        "chat/__init__.py": "from .node import ChatNode",
        "chat/node.py": "from ..errors import E\nfrom .branch import B\n",
        "chat/branch.py": "import anyio",
        "wire/a/stream.py": "from ..codec import C\nfrom .request import r",
        "wire/a/request.py": "",
        "wire/codec.py": "",
        "cli/demo.py": "from minillm import ChatNode\nimport rich.console",
        "json/serialization.py": "import orjson",
    }
    assert [complaint for rule in RULES for complaint in rule(sources)] == []


def test_the_picture_in_the_docs_names_every_room():
    """docs/architecture.md is where a newcomer looks; a room it does not name does not exist for him."""
    text = (REPOSITORY / "docs" / "architecture.md").read_text("utf-8")
    rooms = {room(module_name(path)) for path in read_sources()} - {"", "__main__"}
    assert {name for name in rooms if name not in text} == set()
