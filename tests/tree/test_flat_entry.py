"""Entries of the oldest files."""

import socket

import pytest

from minillm.errors import LossWarning, ThreadFormatError
from minillm.tree import Node
from minillm.tree.flat_entry import apply_required_kwargs, read_flat_entry
from minillm.types import AudioPart, ImagePart, TextPart


def read(entry):
    return read_flat_entry(entry, "prompts[0]", Node)


def test_role_and_content():
    node = read({"role": "user", "content": "hi", "audio_data": None, "image_data": None})
    assert (node.role, node.text, node._details) == ("user", "hi", None)
    assert read({"role": "assistant", "content": None}).text == ""
    assert read({"role": "tool", "content": "x"}).role == "tool"


def test_pictures_follow_the_text():
    images = ["https://h/x.png", "data:image/png;base64,AAAA"]
    node = read({"role": "user", "content": "look", "image_data": {"images": images}})
    assert node.message.parts == (
        TextPart("look"),
        ImagePart("image/png", url="https://h/x.png"),
        ImagePart("image/png", "AAAA"),
    )


def test_local_files_stay_names_and_that_is_said(tmp_path, monkeypatch):
    """A file is no reason to open another."""
    monkeypatch.setattr("builtins.open", None)
    monkeypatch.setattr(socket, "socket", None)
    secret = tmp_path / "secret.png"
    entry = {"role": "user", "content": "", "image_data": {"images": [str(secret)]}}
    with pytest.warns(LossWarning, match=r"prompts\[0\]\.image_data\.images\[0\] names a local picture"):
        node = read(entry)
    assert node.message.parts == (ImagePart("image/png", url=str(secret)),)
    with pytest.warns(LossWarning, match="audio_paths"):
        node = read({"role": "user", "content": "", "audio_data": {"audio_paths": ["./a.wav"], "audio_ids": {}}})
    assert node.message.parts == (AudioPart("audio/wav", url="./a.wav"),)


def test_sounds_at_the_host_keep_their_words():
    ids = {"audio_1": {"transcript": "hello", "expires_at": 1700000000}}
    node = read({"role": "assistant", "content": None, "audio_data": {"audio_ids": ids}})
    assert node.message.parts == (AudioPart(file_id="audio_1", transcript="hello"),)
    assert node.metadata == {"audio_ids": ids}


def test_unknown_keys_come_back_out():
    node = read({"role": "user", "content": "x", "weight": 2})
    assert '"weight":2' in node.to_thread_json()


def test_required_kwargs_belong_to_the_root():
    root = Node.root("{a} {b}")
    apply_required_kwargs(root, {"a": None, "b": 3})
    assert root.format_kwargs == {"b": 3}
    assert root.missing_kwargs() == ["a"]
    bare = Node.root("x")
    apply_required_kwargs(bare, None)
    apply_required_kwargs(bare, {})
    assert bare._details is None


@pytest.mark.parametrize(
    ("entry", "place"),
    [
        ({"role": "robot", "content": ""}, "role"),
        ({"role": "user", "content": 5}, "content"),
        ({"role": "user", "content": "", "image_data": []}, "image_data"),
        ({"role": "user", "content": "", "image_data": {"images": [5]}}, "image_data.images[0]"),
        ({"role": "user", "content": "", "audio_data": {"audio_paths": "x"}}, "audio_data.audio_paths"),
        ({"role": "user", "content": "", "audio_data": {"audio_ids": {"a": 1}}}, "audio_data.audio_ids.a"),
    ],
)
def test_a_bad_entry_is_refused_by_place(entry, place):
    with pytest.raises(ThreadFormatError) as caught:
        read(entry)
    assert caught.value.place == f"prompts[0].{place}"
