"""Files as other programs write them, made up here: every text in them is a word of its own."""

import json
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from minillm.tree import Node

WORD = re.compile(r"\bw\d+w\b")


class Words:
    """Makes words nobody else says."""

    def __init__(self) -> None:
        self._numbers = count()

    def __call__(self, times: int = 1) -> str:
        return " ".join(f"w{next(self._numbers)}w" for _ in range(times))


def words_in(value: Any) -> set[str]:
    """The words in a JSON value, wherever they stand."""
    return set(WORD.findall(json.dumps(value).replace("\\n", " ")))


def words_said(root: Node) -> set[str]:
    """The words in the messages of a tree; what is only in metadata does not count."""
    lines = [json.loads(line) for line in root.to_tree_json().splitlines()[1:]]
    for line in lines:
        line["minillm"].pop("metadata", None)
    return words_in(lines)


def write_json(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value), "utf-8")
    return path


def write_lines(path: Path, *values: Any) -> Path:
    path.write_text("".join(json.dumps(value) + "\n" for value in values), "utf-8")
    return path


def chatgpt_contents(say: Words) -> list[tuple[str, dict[str, Any]]]:
    """Each kind of content, with the role that says it."""
    page = {"url": "https://h/p", "domain": "h", "title": say(), "text": say()}
    pointer = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://file-1", "width": 3}
    sound = {"content_type": "audio_asset_pointer", "asset_pointer": "sediment://s", "format": "wav"}
    both = {"content_type": "real_time_user_audio_video_asset_pointer", "audio_asset_pointer": sound}
    film = {"content_type": "video_container_asset_pointer", "asset_pointer": "sediment://v"}
    heard = {"content_type": "audio_transcription", "text": say(), "direction": "in"}
    return [
        ("system", {"content_type": "text", "parts": [""]}),
        ("user", {"content_type": "user_editable_context", "user_profile": say(), "user_instructions": say()}),
        ("system", {"content_type": "model_editable_context", "model_set_context": say(), "repository": None}),
        ("user", {"content_type": "text", "parts": [say(3)]}),
        ("user", {"content_type": "multimodal_text", "parts": [pointer, say(), heard, both, film]}),
        ("assistant", {"content_type": "thoughts", "thoughts": [{"summary": say(), "content": say(), "chunks": []}]}),
        ("assistant", {"content_type": "reasoning_recap", "content": say()}),
        ("assistant", {"content_type": "text", "parts": [say(2), say()]}),
        ("python", {"content_type": "code", "language": "python", "text": say()}),
        ("tool", {"content_type": "execution_output", "text": say()}),
        ("tool", {"content_type": "tether_browsing_display", "result": say(), "summary": say(), "assets": None}),
        ("tool", {"content_type": "tether_quote", **page}),
        ("tool", {"content_type": "sonic_webpage", **page, "text": say(), "title": say()}),
        ("tool", {"content_type": "system_error", "name": say(), "text": say()}),
        ("tool", {"content_type": "citable_code_output", "output_str": say()}),
        ("assistant", {"content_type": "never_heard_of", "inside": {"deep": [say()]}}),
    ]


def chatgpt_conversation(number: int) -> dict[str, Any]:
    """A conversation with every kind of content, branching here and there; always the same for a number."""
    say, random = Words(), Random(number)
    mapping: dict[str, Any] = {
        f"root-{number}": {"id": f"root-{number}", "parent": None, "children": [], "message": None}
    }
    ids = list(mapping)
    for place, (role, content) in enumerate(chatgpt_contents(say)):
        id = f"{number}-{place}"
        parent = ids[-1] if len(ids) == 1 or random.random() < 0.7 else random.choice(ids[1:])
        message = {
            "id": id,
            "author": {"role": "assistant" if role == "python" else role, "name": None, "metadata": {}},
            "create_time": 1.7e9 + place,
            "content": content,
            "weight": 1.0,
            "recipient": "python" if role == "python" else "all",
            "metadata": {"model_slug": "gpt-x", "is_visually_hidden_from_conversation": role == "system"},
        }
        mapping[id] = {"id": id, "parent": parent, "children": [], "message": message}
        mapping[parent]["children"].append(id)
        ids.append(id)
    return {
        "id": f"c{number}",
        "conversation_id": f"c{number}",
        "title": f"Talk {number}",
        "create_time": 1.7e9,
        "update_time": 1.8e9,
        "current_node": ids[-1],
        "mapping": mapping,
    }


def chatgpt_export(conversations: int) -> Iterator[bytes]:
    """The bytes of a ``conversations.json``, a conversation at a time."""
    yield b"["
    for number in range(conversations):
        yield (b"," if number else b"") + json.dumps(chatgpt_conversation(number)).encode()
    yield b"]"
