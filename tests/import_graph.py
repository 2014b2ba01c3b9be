"""What imports what, read from the source: lazy and typing-only imports count like any other."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
PACKAGE = "minillm"


@dataclass(frozen=True)
class Import:
    """One import statement of one name."""

    path: str  # of the file, from the package's folder: "wire/sse.py"
    line: int
    target: str  # the module, as finely as it can be told: "minillm.wire.codec", "aiohttp"

    @property
    def third_party_name(self) -> str:
        return self.target.partition(".")[0]


def read_sources(folder: Path = REPOSITORY / PACKAGE) -> dict[str, str]:
    """Path from the package's folder -> source."""
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in sorted(folder.rglob("*.py"))}


def module_name(path: str) -> str:
    """``wire/sse.py`` -> ``minillm.wire.sse``; a folder's ``__init__.py`` is the folder."""
    parts = [PACKAGE, *path.removesuffix(".py").split("/")]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(sources: Mapping[str, str]) -> Iterator[Import]:
    """All import statements of all files, wherever in a file they stand."""
    modules = {module_name(path) for path in sources}
    for path, source in sources.items():
        module = module_name(path)
        package = module if path.endswith("__init__.py") else module.rpartition(".")[0]
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                for name in node.names:
                    yield Import(path, node.lineno, name.name)
            elif isinstance(node, ast.ImportFrom):
                above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
                base = ".".join([*above, *([node.module] if node.module else [])])
                for name in node.names:
                    finer = f"{base}.{name.name}"
                    yield Import(path, node.lineno, finer if finer in modules else base)


def circles(sources: Mapping[str, str]) -> list[list[str]]:
    """Groups of modules each of which imports, through others, all of its group."""
    modules = {module_name(path) for path in sources}
    edges: dict[str, set[str]] = {module: set() for module in modules}
    for found in imports(sources):
        if found.target in modules and found.path != "__init__.py":
            edges[module_name(found.path)].add(found.target)
    reach = {module: _reachable(module, edges) for module in modules}
    groups = {
        frozenset(m for m in reach[module] if module in reach[m]) for module in modules if module in reach[module]
    }
    return sorted(sorted(group) for group in groups)


def _reachable(start: str, edges: Mapping[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = list(edges[start])
    while waiting:
        module = waiting.pop()
        if module not in seen:
            seen.add(module)
            waiting.extend(edges[module])
    return seen
