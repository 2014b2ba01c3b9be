"""What a large tree costs to look at: seconds and memory until there is a page, it is seen, a search is done.

    python -m tests.view.large_trees [--nodes 100000] [--plain]

Half of the nodes are answers with their whole record (usage, price, exchange); --plain leaves the records out.
"""

import argparse
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.import_graph import REPOSITORY
from tests.view.samples import grown

_DONE = re.compile("found$")
CHROMIUM = "/usr/bin/chromium"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--nodes", type=int, default=100_000)
    options.add_argument("--plain", action="store_true")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        tree, html = Path(name, "tree.jsonl"), Path(name, "tree.html")
        grown(chosen.nodes, recorded=not chosen.plain).save_tree(tree)
        print(f"{chosen.nodes:,} nodes, file {_megabytes(tree.stat().st_size)}")
        for what, command in (
            ("only loading it", f"from minillm.tree import Node; Node.from_tree_file({str(tree)!r})"),
            ("page", f"from minillm.view import write_page; write_page({str(tree)!r}, {str(html)!r})"),
            ("rows to a pipe", _shown(tree)),
            ("search to a pipe", _shown(tree, "--search", "bridge stone")),
            ("bill", _shown(tree, "--bill")),
        ):
            seconds, memory = _measured(command)
            print(f"{what}: {seconds:.1f} s CPU, {memory:.0f} MB at most")
        print(f"page: {_megabytes(html.stat().st_size)}")
        _browse(html)


def _shown(tree: Path, *options: str) -> str:
    return f"from minillm.cli import main; main({['view', str(tree), *options]!r})"


def _measured(command: str) -> tuple[float, float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    program = f"{command}; import resource; import sys; u = resource.getrusage(resource.RUSAGE_SELF); "
    program += "print(u.ru_maxrss / 1024, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, float(done.stderr.split()[-1])


def _browse(html: Path) -> None:
    from playwright.sync_api import expect, sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_context(viewport={"width": 1200, "height": 900}, offline=True).new_page()
        page.goto(html.as_uri())
        painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1")
        ready = page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
        heap = page.evaluate("performance.memory.usedJSHeapSize")
        print(f"browser: first paint {painted / 1000:.2f} s, ready {ready / 1000:.2f} s, {_megabytes(heap)} heap")
        for wanted in ("bridge stone", "e", "nowhere at all"):
            began = time.perf_counter()
            page.fill("#query", wanted)
            expect(page.locator("#found")).to_have_text(_DONE, timeout=60_000)
            print(f"search for {wanted!r}: {time.perf_counter() - began:.2f} s, {page.inner_text('#found')}")
            page.fill("#query", "")
            expect(page.locator("#found")).to_have_text("")
        page.focus("#list")
        for key, what in (("End", "to the end"), ("E", "fold all"), ("e", "unfold all"), ("Home", "to the top")):
            print(f"{what}: {_pressed(page, key):.0f} ms")
        browser.close()


def _pressed(page: Any, key: str) -> float:
    script = """key => { const began = performance.now();
        document.getElementById('list').dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
        document.body.offsetHeight; return performance.now() - began }"""
    return float(page.evaluate(script, key))


def _megabytes(count: float) -> str:
    return f"{count / 1e6:.1f} MB"


if __name__ == "__main__":
    main()
