"""Print the lowest versions that pyproject.toml admits, as pip constraints.

    python scripts/lowest_versions.py pyproject.toml > lowest.txt

Of what users install: the dependencies and all extras but ``dev`` and ``docs``, whose tools are no promise.
"""

import re
import sys
import tomllib
from pathlib import Path

OUR_TOOLS = ("dev", "docs")


def lowest(requirement: str) -> str:
    """``aiohttp>=3.10`` -> ``aiohttp==3.10``."""
    bound = re.fullmatch(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?>=([0-9.]+)", requirement)
    if bound is None:
        raise SystemExit(f"{requirement!r} names no lowest version, or more than one bound")
    return f"{bound[1]}=={bound[2]}"


def main(path: str) -> None:
    project = tomllib.loads(Path(path).read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    users = [line for name in extras if name not in OUR_TOOLS for line in extras[name]]
    for line in sorted(set(map(lowest, [*project["dependencies"], *users]))):
        print(line)


if __name__ == "__main__":
    main(*sys.argv[1:])
