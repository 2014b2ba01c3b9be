"""What the site has beside docs/: a page an example, and the files of the project's root. A hook of mkdocs.

The pages link to files of the checkout (``../examples/13_tools.py``), so that they can be read there; here those links
are turned to the pages that the site has of these files.
"""

import ast
import json
import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

REPOSITORY = Path(__file__).parents[2]
FROM_THE_ROOT = {
    "CHANGELOG.md": "project/changelog.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "SECURITY.md": "project/security.md",
}
LINK = re.compile(r"(\]\()(?!https?:|#|mailto:)([^)#\s]+)")
LANGUAGES = {".py": "python", ".toml": "toml", ".example": "sh"}


def examples() -> list[Path]:
    """The numbered files, and the notebooks beside them."""
    folder = REPOSITORY / "examples"
    return [*sorted(folder.glob("[0-9]*.*")), *sorted(folder.glob("notebooks/*.ipynb"))]


def in_checkout(file: Path) -> str:
    return file.relative_to(REPOSITORY).as_posix()


def on_config(config: Any) -> Any:
    """The examples stand in the navigation as they stand in their folder."""
    listed = [{example.name: page_of(in_checkout(example))} for example in examples()]
    config["nav"] = [
        {"Examples": ["examples/index.md", *listed]} if "Examples" in entry else entry for entry in config["nav"]
    ]
    return config


def on_files(files: Files, config: Any) -> Files:
    made = {page_of(in_checkout(each)): code_page(each) for each in [*examples(), REPOSITORY / ".env.example"]}
    made["examples/index.md"] = examples_page()
    made |= {page: (REPOSITORY / name).read_text("utf-8") for name, page in FROM_THE_ROOT.items()}
    for page, text in made.items():
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Links to files of the checkout become links to the pages that show them."""
    here = page.file.src_uri
    at_home = next((name for name, address in FROM_THE_ROOT.items() if address == here), f"docs/{here}")

    def turned(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(at_home), link[2]))
        address = page_of(target)
        return link[1] + posixpath.relpath(address, posixpath.dirname(here) or ".") if address else link[0]

    return markdown if here.startswith("examples/") else LINK.sub(turned, markdown)


def page_of(file: str) -> str | None:
    """The site's page for a file of the checkout; None where it has none of its own."""
    if file.startswith("docs/"):
        return file.removeprefix("docs/")
    if file in ("examples", "examples/notebooks"):
        return "examples/index.md"
    if file.startswith("examples/"):
        return f"{file}.md"
    return {**FROM_THE_ROOT, "README.md": "index.md", ".env.example": "project/env-example.md"}.get(file)


def code_page(file: Path) -> str:
    text = file.read_text("utf-8")
    if file.suffix == ".ipynb":
        return "\n\n".join(map(cell_text, json.loads(text)["cells"])) + "\n"
    return f"# {file.name}\n\n```{LANGUAGES[file.suffix]}\n{text}```\n"


def cell_text(cell: Any) -> str:
    text = "".join(cell["source"])
    return text if cell["cell_type"] == "markdown" else f"```python\n{text}\n```"


def examples_page() -> str:
    here = REPOSITORY / "examples"
    lines = [f"- [{each.name}]({each.relative_to(here).as_posix()}.md){said(each)}" for each in examples()]
    words = (
        "Each runs as it stands, from a clone: `python examples/01_quickstart.py`. Those that do not play a script ask "
        "[the model on your machine](../local.md), or the `provider:model` that you name. What an example needs beside "
        "it, stands in brackets."
    )
    return "\n".join(["# Examples", "", words, "", *lines, ""])


def said(example: Path) -> str:
    """The first line of its docstring; the first of them all is the README's and has none."""
    if example.suffix != ".py":
        return ""
    words = ast.get_docstring(ast.parse(example.read_text("utf-8"))) or "Ask, and branch."
    return ": " + words.splitlines()[0]
