"""The tables of docs/compat.md, written from what is there.

python -m tests.compat.tables                       the table of probes, in its place
python -m tests.compat.tables FILE.jsonl ...        and the matrix of these results
"""

import sys
from pathlib import Path

from minillm.compat import PROBES, Results, Verdict, load_results

PAGE = Path(__file__).resolve().parents[2] / "docs" / "compat.md"
SIGNS = {
    Verdict.PASS: "pass",
    Verdict.DEGRADED: "degraded",
    Verdict.UNSUPPORTED: "unsupp.",
    Verdict.FAIL: "**fail**",
    Verdict.INCONCLUSIVE: "?",
    Verdict.SKIPPED: "",
}


def probe_table() -> str:
    """What each probe asks and how it judges."""
    rows = ["| probe | asks | judged |", "| --- | --- | --- |"]
    group = ""
    for each in PROBES.values():
        if each.group != group:
            group = each.group
            rows.append(f"| **{group}** | | |")
        rows.append(f"| `{each.name}` | {each.asks} | {each.proves} |")
    return "\n".join(rows)


def matrix(files: list[str]) -> str:
    """One column a target."""
    all_results = [load_results(path) for path in files]
    columns = [(results, target) for results in all_results for target in results.targets]
    heads = [target.partition(":")[0].removeprefix("local-").replace("_", " ") for _, target in columns]
    rows = [f"| probe | {' | '.join(heads)} |", "| --- " * (len(heads) + 1) + "|"]
    for name in PROBES:
        cells = [_cell(results, target, name) for results, target in columns]
        rows.append(f"| `{name}` | {' | '.join(cells)} |")
    return "\n".join(rows)


def _cell(results: Results, target: str, name: str) -> str:
    row = results.rows.get((target, name))
    return "" if row is None else SIGNS[row.verdict]


def placed(text: str, name: str, table: str) -> str:
    """The page with a table between its marks."""
    begin, end = f"<!-- {name} -->\n", f"\n<!-- end of {name} -->"
    head, _, rest = text.partition(begin)
    _, found, tail = rest.partition(end)
    if not found:
        raise SystemExit(f"{PAGE} has no marks for {name}")
    return head + begin + table + end + tail


def main(files: list[str]) -> None:
    text = placed(PAGE.read_text("utf-8"), "probes", probe_table())
    if files:
        text = placed(text, "matrix", matrix(files))
    PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
