"""A ChatGPT export becomes trees; one goes on to Open WebUI, another way becomes training pairs.

Run: python examples/10_import_export.py [conversations.json or the zip]
"""

import json
import sys
import tempfile
from pathlib import Path

from minillm import ChatNode
from minillm.report import Report
from minillm.tree.formats import detect, read, read_open_webui, write_markdown, write_open_webui, write_preferences


def made_up() -> list[dict]:
    """An export as ChatGPT makes it, with one question and two answers."""

    def node(id: str, parent: str | None, children: list[str], role: str = "", text: str = "") -> dict:
        content = {"content_type": "text", "parts": [text]}
        message = {"author": {"role": role}, "content": content, "create_time": 1.7e9} if role else None
        return {"id": id, "parent": parent, "children": children, "message": message}

    nodes = [
        node("root", None, ["q"]),
        node("q", "root", ["a", "b"], "user", "A motto for a bakery?"),
        node("a", "q", [], "assistant", "Bread, daily."),
        node("b", "q", [], "assistant", "Rise and shine."),
    ]
    return [{"id": "c1", "title": "Mottos", "current_node": "b", "mapping": {each["id"]: each for each in nodes}}]


with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    (folder / "made_up.json").write_text(json.dumps(made_up()))
    source = sys.argv[1] if len(sys.argv) > 1 else folder / "made_up.json"
    print("this is", detect(source))

    report = Report()  # what could not be kept; without one, every loss is a warning
    threads = []
    for root, leaf in read(source, ChatNode, report=report):  # comes one conversation at a time
        threads = [(root, leaf)]  # of a long export, keep what you need
        print(f"{root.metadata['conversation']['title']}: {root.node_count()} messages, at {leaf.text!r}")
    print(len(report.losses), "losses")

    root, leaf = threads[0]
    # The last one goes to a viewer that shows branches, and back: nothing is missing.
    write_open_webui(leaf, folder / "viewer.json", report=report)
    [(again, _)] = read_open_webui(folder / "viewer.json", ChatNode, report=report)
    print("from Open WebUI:", [child.text for child in again.children])

    # Scores on siblings make pairs to train on.
    for child in root.children:
        child.metadata["score"] = len(child.text)
    print(write_preferences(root, folder / "pairs.jsonl", margin=1, report=report), "pairs")
    print((folder / "pairs.jsonl").read_text().strip())

    write_markdown(root, folder / "talk.md")
    print((folder / "talk.md").read_text().splitlines()[0])
