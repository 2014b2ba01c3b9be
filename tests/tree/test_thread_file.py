"""Thread files: every generation in, one out, nothing lost and nothing opened."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.errors import LossWarning, ThreadFormatError, TreeError
from minillm.tree import Node
from minillm.tree.thread_file import Thread
from minillm.types import AudioPart, ImagePart, Message, Role, TextPart
from tests.required import demand
from tests.tree.messages import exactly, messages
from tests.tree.trees import chain, shape

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED = (REPOSITORY / os.environ.get("MINILLM_WIRE_CORPUS", "../shared/wire")).resolve().parent

TEMPLATES = [
    "You are {assistant_name}, a {style} assistant. Always address the user as {user_name}.",
    "Hi {assistant_name}! My name is {user_name}. Can you explain {topic} to me?",
]

# The Python ancestor's form, spelled out (MiniLLMLib, docs/prompt-management.md).
ANCESTOR = {
    "required_kwargs": {"topic": None, "level": "basic"},
    "prompts": [
        {"role": "system", "content": "You teach {topic}.", "audio_data": None, "image_data": None},
        {
            "role": "user",
            "content": "Look at this, {level} level.",
            "audio_data": {"audio_paths": ["./a.wav"], "audio_ids": {}},
            "image_data": {"images": ["https://h/x.png", "./local.jpg", "data:image/png;base64,AAAA"]},
        },
    ],
}

CRATE = {
    "prompts": [
        {"message": {"role": "system", "content": "You are {bot}."}, "format_kwargs": {"bot": "Rob"}},
        {
            "message": {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What is here?"},
                    {
                        "type": "image_url",
                        "image_url": {
                            "url": "data:image/png;base64,AAAA",
                            "detail": "high",
                            "width": 800,
                            "height": 600,
                        },
                    },
                    {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "mp3", "duration_secs": 3.5}},
                    {
                        "type": "video_url",
                        "video_url": {"url": "https://h/v.mp4", "duration_secs": 12.0, "width": 640, "height": 360},
                    },
                    {
                        "type": "file",
                        "file": {
                            "filename": "r.pdf",
                            "file_data": "data:application/pdf;base64,AAAA",
                            "page_count": 7,
                        },
                    },
                ],
                "name": "alice",
                "cache_breakpoint": True,
            }
        },
        {
            "message": {
                "role": "assistant",
                "content": "",
                "tool_calls": [{"id": "c1", "name": "get_weather", "arguments": '{"city":"Paris"}'}],
            }
        },
        {"message": {"role": "tool", "content": "15 degrees", "tool_call_id": "c1"}},
    ]
}


def generation(name: str) -> Path:
    path = SHARED / "threads" / name
    demand("corpus", path.exists(), f"{path} is not there; set MINILLM_WIRE_CORPUS")
    return path


@pytest.mark.parametrize("name", ["crate-0.2-flat.json", "crate-0.4-nested.json"])
def test_both_generations_of_the_crates_own_file(name):
    root, leaf = Node.from_thread_file(generation(name))
    assert [m.text for m in leaf.thread()] == TEMPLATES
    assert [m.role for m in leaf.thread()] == [Role.SYSTEM, Role.USER]
    assert leaf.parent is root
    assert leaf.missing_kwargs() == ["assistant_name", "style", "user_name", "topic"]


def test_the_readmes_literal():
    thread = Node.from_thread_json(generation("readme-literal.json").read_text())
    assert thread.root is thread.leaf
    assert (thread.root.role, thread.root.text) == (Role.SYSTEM, "Hello")


def test_the_ancestors_form():
    with pytest.warns(LossWarning) as told:
        root, leaf = Node.from_thread_json(json.dumps(ANCESTOR))
    assert len(told) == 2
    assert leaf.message.parts == (
        TextPart("Look at this, {level} level."),
        ImagePart("image/png", url="https://h/x.png"),
        ImagePart("image/jpeg", url="./local.jpg"),
        ImagePart("image/png", "AAAA"),
        AudioPart("audio/wav", url="./a.wav"),
    )
    assert root.format_kwargs == {"level": "basic"}
    assert leaf.missing_kwargs() == ["topic"]
    assert leaf.formatted_thread({"topic": "art"})[1].text == "Look at this, basic level."


def test_the_crates_newest_form_is_read_and_comes_back_out():
    """Marks and numbers that the crate itself loses too."""
    root, leaf = Node.from_thread_json(json.dumps(CRATE))
    assert root.formatted_thread()[0].text == "You are Rob."
    user = root.children[0]
    assert user.cache_mark is not None
    assert user.message.images[0].detail == "high"
    assert leaf.message.tool_results[0].call_id == "c1"
    prompts = json.loads(leaf.to_thread_json())["prompts"]
    for entry in prompts:
        entry.pop("minillm")
    assert prompts == CRATE["prompts"]


@given(st.lists(messages, min_size=1, max_size=4))
def test_saving_and_loading_is_exact(listed):
    leaf = Node.from_messages(listed).leaf
    again = Node.from_thread_json(leaf.to_thread_json())
    assert [exactly(m) for m in again.leaf.thread()] == [exactly(m) for m in listed]
    assert [n.id for n in again.leaf.path()] == [n.id for n in leaf.path()]
    assert again.leaf.to_thread_json() == leaf.to_thread_json()


def test_only_the_path_is_saved(tmp_path):
    root, leaf = chain(3)
    root.add_user("another branch")
    leaf.save_thread(tmp_path / "t.json")
    again = Node.from_thread_file(tmp_path / "t.json")
    assert isinstance(again, Thread)
    assert shape(again.root) == [(0, "system", "m"), (1, "assistant", "m"), (2, "user", "m")]
    assert json.loads((tmp_path / "t.json").read_text())["minillm"] == {"format": "thread", "version": "1.0"}


def test_one_entry_a_line():
    """So that a version control system shows what changed."""
    _, leaf = chain(3)
    lines = leaf.to_thread_json().splitlines()
    assert len(lines) == 5
    assert json.loads(lines[1].rstrip(","))["message"]["role"] == "system"


def test_unknown_keys_come_back_out():
    text = json.dumps(
        {
            "title": "mine",
            "minillm": {"format": "thread", "version": "1.7", "theme": "dark"},
            "prompts": [
                {"message": {"role": "user", "content": "x"}, "stars": 5, "minillm": {"id": "a", "later": [1]}}
            ],
        }
    )
    again = json.loads(Node.from_thread_json(text).leaf.to_thread_json())
    assert (again["title"], again["minillm"]["theme"], again["minillm"]["version"]) == ("mine", "dark", "1.0")
    assert again["prompts"][0]["stars"] == 5
    assert again["prompts"][0]["minillm"] == {"id": "a", "later": [1]}


def test_generations_may_mix_in_one_file():
    text = '{"prompts": [{"role": "system", "content": "a"}, {"message": {"role": "user", "content": "b"}}]}'
    assert [m.text for m in Node.from_thread_json(text).leaf.thread()] == ["a", "b"]


def test_an_unlisted_leaf_is_saved_with_its_path():
    root = Node.root("s")
    ghost = root.unlisted(Message(Role.USER, "g"))
    assert [m.text for m in Node.from_thread_json(ghost.to_thread_json()).leaf.thread()] == ["s", "g"]


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("", None, "not JSON"),
        ("{", None, "not JSON"),
        ("[]", "", "must be an object"),
        ("{}", "prompts", "is missing"),
        ('{"prompts": {}}', "prompts", "must be a list"),
        ('{"prompts": []}', "prompts", "at least one message"),
        ('{"prompts": [1]}', "prompts[0]", "must be an object"),
        ('{"prompts": [{}]}', "prompts[0]", '"message"'),
        ('{"prompts": [{"role": "robot", "content": ""}]}', "prompts[0].role", "allowed are system"),
        ('{"prompts": [{"message": {"role": "robot", "content": ""}}]}', "prompts[0].message.role", "allowed are"),
        ('{"minillm": {"format": "thread", "version": "2.0"}, "prompts": []}', "minillm.version", "1.0"),
        ('{"minillm": {"format": "tree", "version": "1.0"}}', "minillm.format", "from_tree_file"),
        ('{"prompts": [{"role": "user", "content": "x"}], "required_kwargs": 1}', "required_kwargs", "an object"),
    ],
)
def test_a_bad_text_is_refused_by_place(text, place, says):
    with pytest.raises(ThreadFormatError) as caught:
        Node.from_thread_json(text)
    assert caught.value.place == place
    assert says in str(caught.value)


def test_equal_ids_are_refused():
    entry = {"message": {"role": "user", "content": "x"}, "minillm": {"id": "a"}}
    document = {"minillm": {"format": "thread", "version": "1.0"}, "prompts": [entry, entry]}
    for each in (document, {"title": "not the quick way", **document}):
        with pytest.raises(ThreadFormatError, match=r"prompts\[1\]\.minillm\.id"):
            Node.from_thread_json(json.dumps(each))


def test_a_bad_file_is_named(tmp_path):
    path = tmp_path / "bad.json"
    path.write_text('{"prompts": [{"message": {"role": "robot", "content": ""}}]}')
    with pytest.raises(ThreadFormatError) as caught:
        Node.from_thread_file(path)
    assert caught.value.path == str(path)
    assert str(caught.value).startswith(f"{path}: prompts[0].message.role: ")


def test_a_tree_file_says_how_to_read_it(tmp_path):
    root, _ = chain(3)
    root.save_tree(tmp_path / "t")
    with pytest.raises(ThreadFormatError, match="from_tree_file"):
        Node.from_thread_file(tmp_path / "t")


def test_a_missing_file_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        Node.from_thread_file(tmp_path / "nowhere.json")


def test_no_error_quotes_the_conversation():
    text = '{"prompts": [{"message": {"role": "user", "content": {"secret": "words"}}}]}'
    with pytest.raises(ThreadFormatError) as caught:
        Node.from_thread_json(text)
    assert "words" not in str(caught.value)


@pytest.mark.parametrize("value", [None, 1, {"prompts": []}])
def test_only_text_is_parsed(value):
    with pytest.raises(TypeError):
        Node.from_thread_json(value)


def test_from_messages_wants_messages():
    with pytest.raises(TreeError):
        Node.from_messages([])
    with pytest.raises(TypeError, match="item 1"):
        Node.from_messages([Message(Role.USER, "x"), "y"])


@given(st.text() | st.binary())
def test_garbage_is_refused_and_nothing_worse(text):
    with pytest.raises(ThreadFormatError):
        Node.from_thread_json(text)


@given(st.data())
def test_a_changed_file_is_read_or_refused(data):
    """One value of a good file replaced by another: a thread or a ThreadFormatError, never another error."""
    document = json.loads(json.dumps(CRATE))
    container, key = document, "prompts"
    while isinstance(container[key], dict | list) and container[key] and data.draw(st.booleans()):
        container = container[key]
        key = data.draw(st.sampled_from(sorted(container) if isinstance(container, dict) else range(len(container))))
    container[key] = data.draw(st.sampled_from([None, True, 1, -1.5, "", "x", [], {}, [[]], {"type": "text"}]))
    try:
        thread = Node.from_thread_json(json.dumps(document))
    except ThreadFormatError:
        return
    thread.leaf.to_thread_json()


def test_a_byte_order_mark_does_no_harm(tmp_path):
    """Windows editors write one, and who reads such a file as text has it in front."""
    _, leaf = chain(2)
    text = "\ufeff" + leaf.to_thread_json()
    (tmp_path / "t.json").write_text(text, encoding="utf-8")
    assert Node.from_thread_json(text).leaf.text == leaf.text
    assert Node.from_thread_file(tmp_path / "t.json").leaf.text == leaf.text
