"""The page as a text: small, whole, and with no way out for what is in it."""

import base64
import hashlib
import json
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from minillm import ConfigurationError
from minillm.tree import Node
from minillm.view import open_conversations, page, write_page
from tests.import_graph import REPOSITORY
from tests.view.samples import EVIL, grown, hostile, rivers

ASSETS = [path for path in files("minillm.view").joinpath("assets").iterdir() if path.name.endswith(".js")]


def data_of(html: str):
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def test_a_page_of_two_hundred_nodes_is_small() -> None:
    assert len(page(grown(200)).encode()) < 400_000


def test_it_says_what_the_file_says(tmp_path: Path) -> None:
    """From a node, from a path, from what was opened: one page."""
    root = rivers()
    path = tmp_path / "rivers.jsonl"
    root.save_tree(path)
    made = page(path)
    assert made == page(open_conversations(path))
    assert data_of(made)["text"][1].startswith("Which river")
    assert "<title>rivers.jsonl</title>" in made
    leaf = next(root.iter_leaves())
    shown = data_of(page(leaf, title="Rivers & <b>"))
    assert (shown["id"][shown["selected"]], shown["title"]) == (leaf.id, "Rivers & <b>")


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    write_page(rivers(), tmp_path / "a.html")
    assert (tmp_path / "a.html").read_text("utf-8").rstrip().endswith("</html>")
    assert [each.name for each in tmp_path.iterdir()] == ["a.html"]


def test_nothing_in_a_file_ends_its_block() -> None:
    """Between the page's own elements stands no character that could begin another one."""
    made = page(hostile(), title=EVIL[0])
    assert len(re.findall("<script", made)) == 2
    block = made.split('id="data">')[1].split("</script>")[0]
    assert not set("<>&\u2028\u2029") & set(block)
    assert set(EVIL) <= set(data_of(made)["text"])
    assert re.search("<title>(.*?)</title>", made)[1].startswith("&lt;/script&gt;")  # type: ignore[index]


def test_the_policy_names_the_only_script_and_style() -> None:
    made = page(rivers())
    policy = re.search('Content-Security-Policy" content="([^"]*)"', made)[1]  # type: ignore[index]
    script, style = made.rsplit("<script>", 1)[1].split("</script>")[0], made.split("<style>")[1].split("</style>")[0]
    for text in (script, style):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", ASSETS, ids=lambda path: path.name)
def test_no_script_parses_markup_or_text_as_program(path) -> None:
    """Words become text nodes; nothing else is there to be misled."""
    source = path.read_text("utf-8")
    ways = r"innerHTML|outerHTML|insertAdjacent|DOMParser|document\.write|\beval\b|Function\(|srcdoc|setTimeout\([\"'`]"
    asks = (
        r"\bfetch\b|XMLHttpRequest|WebSocket|EventSource|sendBeacon|\bimport\b|\.href|\blocation\b|window\.open|Worker"
    )
    assert re.findall(ways, source) + re.findall(asks, source) == []
    assert "</" not in source


def test_lone_surrogates_and_odd_titles_pass() -> None:
    root = Node.root("a\ud800b")
    assert data_of(page(root, title="t\ud800"))["text"] == ["a\ud800b"]
    with pytest.raises(ConfigurationError, match="title must be a text, not int"):
        page(root, title=3)  # type: ignore[arg-type]


def test_the_core_does_not_know_the_viewer() -> None:
    program = "import sys, minillm; minillm.ChatNode.root('a'); print([m for m in sys.modules if 'minillm.view' in m])"
    done = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_export_has_its_own_title(tmp_path: Path) -> None:
    root = Node.root("a")
    root.metadata["conversation"] = {"title": "Boats"}
    assert "<title>Boats</title>" in page(root)
