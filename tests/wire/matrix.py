"""The conversion matrix of ``docs/wire-formats.md``, counted from every recorded body rewritten to every wire.

``python -m tests.wire.matrix`` writes it between its two markers, and the table of recorded cases between its own;
a test checks that both are current.
"""

import re
from collections import defaultdict
from collections.abc import Iterator

from minillm.types import Severity
from minillm.wire import WIRES
from tests.wire import corpus, counts, rewritings
from tests.wire.rewritings import Rewriting

PAGE = corpus.REPOSITORY / "docs" / "wire-formats.md"
BEGIN, END = "<!-- matrix: written by python -m tests.wire.matrix -->", "<!-- end of matrix -->"

NAMES = dict(zip(WIRES, ("Chat", "Responses", "Messages", "Gemini"), strict=True))
KINDS = (("Requests", ("request",)), ("Answers", ("response", "stream")))
WORDS = {Severity.LOST: "lost", Severity.DEGRADED: "degraded", Severity.NOTE: "noted"}


def lines() -> Iterator[str]:
    """The matrix as Markdown."""
    for title, kinds in KINDS:
        yield f"### {title}"
        yield ""
        yield "| from \\ to | " + " | ".join(NAMES.values()) + " |"
        yield "| --- |" + " --- |" * len(NAMES)
        for source in WIRES:
            cells = [cell(made_of(source, target, kinds)) for target in WIRES]
            yield f"| **{NAMES[source]}** | " + " | ".join(cells) + " |"
        yield ""
    for title, kinds in KINDS:
        yield f"### {title}: what is told"
        yield ""
        for source in WIRES:
            for target in WIRES:
                if source != target:
                    yield from told(source, target, kinds)
        yield ""


def made_of(source: str, target: str, kinds: tuple[str, ...]) -> list[Rewriting]:
    every = rewritings.all_rewritings()
    return [made for made in every if made.source == source and made.target == target and made.kind in kinds]


def cell(made: list[Rewriting]) -> str:
    """How many bodies there are, and how many of them are kept whole, with notes, degraded, with losses."""
    counts: dict[str, int] = defaultdict(int)
    for one in made:
        worst = next((word for severity, word in WORDS.items() if any(x.severity is severity for x in one.losses)), "")
        counts[worst or "whole"] += 1
    said = [f"{counts[word]} {word}" for word in ("whole", "noted", "degraded", "lost") if counts[word]]
    return f"{len(made)}: " + ", ".join(said)


def told(source: str, target: str, kinds: tuple[str, ...]) -> Iterator[str]:
    yield f"- **{NAMES[source]} → {NAMES[target]}**"
    for severity, word in WORDS.items():
        counts: dict[str, int] = defaultdict(int)
        for made in made_of(source, target, kinds):
            for what in {plain(loss.what) for loss in made.losses if loss.severity is severity}:
                counts[what] += 1
        if counts:
            listed = ", ".join(f"{what} ({counts[what]})" for what in sorted(counts, key=str.lower))
            yield f"  - {word}: {listed}"


def plain(what: str) -> str:
    """The loss's subject, without the wire it came from, which the row names."""
    return re.sub(rf"^({'|'.join(WIRES)}) (event )?", "native ", what)


def written(page: str, begin: str, end: str, made: Iterator[str]) -> str:
    """The page with what was made between its markers."""
    head, _, rest = page.partition(begin)
    tail = rest.partition(end)[2]
    return f"{head}{begin}\n\n" + "\n".join(made).rstrip() + f"\n\n{end}{tail}"


def current() -> str:
    """The page as it should be."""
    page = written(PAGE.read_text("utf-8"), BEGIN, END, lines())
    return written(page, counts.BEGIN, counts.END, counts.lines())


def write() -> None:
    PAGE.write_text(current(), "utf-8")


if __name__ == "__main__":
    write()
