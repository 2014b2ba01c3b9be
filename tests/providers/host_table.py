"""The table of hosts in ``docs/generators.md``, made of the catalogue's rows.

``python -m tests.providers.host_table`` writes it between its markers; a test checks that it is current.
"""

from collections.abc import Iterator

from minillm.providers import PROVIDERS
from minillm.wire import WIRES
from tests.import_graph import REPOSITORY

PAGE = REPOSITORY / "docs" / "generators.md"
BEGIN, END = "<!-- hosts: written by python -m tests.providers.host_table -->", "<!-- end of hosts -->"

NAMES = dict(zip(WIRES, ("Chat", "Responses", "Messages", "Gemini"), strict=True))


def lines() -> Iterator[str]:
    yield "| constructor, name | host | wires, the usual one first | key | a started answer |"
    yield "|---|---|---|---|---|"
    for row in sorted(PROVIDERS.values(), key=lambda row: row.label.lower()):
        wires = ", ".join(NAMES[wire] for wire in row.wires)
        key = " or ".join(f"`{name}`" for name in row.key_env) or "none"
        key += "" if row.key_required else ", if it wants one"
        continued = [
            NAMES[end.wire] + (" *" if end.quirks.prefill_refused else "")
            for end in row.endpoints
            if end.quirks.prefill
        ]
        yield f"| `{row.name}` | {row.label} | {wires} | {key} | {', '.join(continued) or 'no'} |"


def written(page: str) -> str:
    """The page with the table as it should be."""
    before, rest = page.split(BEGIN, 1)
    return f"{before}{BEGIN}\n\n" + "\n".join(lines()) + f"\n\n{END}" + rest.split(END, 1)[1]


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
