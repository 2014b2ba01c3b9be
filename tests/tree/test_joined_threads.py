"""Several thread files in one load."""

import pytest

from minillm.errors import ThreadFormatError, TreeError
from minillm.tree import FileLimits, Node
from minillm.types import ChatResponse, Choice, Message, Role
from tests.tree.trees import check, shape


def save(folder, name, *texts, roles=("system", "user", "assistant")):
    messages = [Message(roles[min(number, 1 + (number - 1) % 2)], text) for number, text in enumerate(texts)]
    path = folder / name
    Node.from_messages(messages).leaf.save_thread(path)
    return path


def test_a_common_beginning_is_there_once(tmp_path):
    paths = [
        save(tmp_path, "1", "s", "q", "a"),
        save(tmp_path, "2", "s", "q", "b", "and?"),
        save(tmp_path, "3", "s", "other"),
        save(tmp_path, "4", "s", "q"),
    ]
    root, leaves = Node.from_thread_files(paths)
    check(root)
    assert [text for _, _, text in shape(root)] == ["s", "q", "a", "b", "and?", "other"]
    assert [leaf.text for leaf in leaves] == ["a", "and?", "other", "q"]
    assert all(leaf.get_root() is root for leaf in leaves)


def test_threads_of_one_tree_are_that_tree_again(tmp_path):
    root = Node.root("s")
    user = root.add_user("q")
    replies = []
    for id in ("1", "2"):  # the same words twice, from two calls
        message = Message(Role.ASSISTANT, "Paris.")
        replies.append(user.add_child(Node(message).remember(ChatResponse(id, "m", (Choice(0, message),)))))
        replies[-1].metadata["n"] = id
        replies[-1].save_thread(tmp_path / id)
    joined = Node.from_thread_files([tmp_path / "1", tmp_path / "2"])
    assert joined.root.to_tree_json() == root.to_tree_json()
    assert [leaf.id for leaf in joined.leaves] == [reply.id for reply in replies]


def test_nothing_in_common_hangs_under_an_empty_root(tmp_path):
    joined = Node.from_thread_files([save(tmp_path, "1", "s", "q"), save(tmp_path, "2", "t", "q")])
    check(joined.root)
    assert shape(joined.root)[0] == (0, "system", "")
    assert [node.text for node in joined.root.children] == ["s", "t"]
    assert [message.text for message in joined.leaves[1].thread() if message.text] == ["t", "q"]


def test_other_kwargs_are_another_beginning(tmp_path):
    for name in ("Rob", "Ann"):
        root = Node.root("You are {bot}.")
        root.format_kwargs["bot"] = name
        root.add_user("Hi").save_thread(tmp_path / name)
    joined = Node.from_thread_files([tmp_path / "Rob", tmp_path / "Ann"])
    assert [leaf.formatted_thread()[1].text for leaf in joined.leaves] == ["You are Rob.", "You are Ann."]


def test_edited_copies_get_ids_of_their_own(tmp_path):
    path = save(tmp_path, "1", "s", "q", "a")
    edited = tmp_path / "2"
    edited.write_text(path.read_text().replace('"q"', '"edited"'))
    joined = Node.from_thread_files([path, edited])
    check(joined.root)
    assert [text for _, _, text in shape(joined.root)] == ["s", "q", "a", "edited", "a"]


def test_end_to_end_each_follows_the_one_before(tmp_path):
    """As the Python ancestor joined them; the same file twice too."""
    one, other = save(tmp_path, "1", "s", "q"), save(tmp_path, "2", "t", "r")
    joined = Node.from_thread_files([one, other, one], end_to_end=True)
    check(joined.root)
    assert [message.text for message in joined.leaves[-1].thread()] == ["s", "q", "t", "r", "s", "q"]
    assert [leaf.depth for leaf in joined.leaves] == [1, 3, 5]


def test_older_generations_join_newer_ones(tmp_path):
    path = tmp_path / "old"
    path.write_text('{"required_kwargs": {}, "prompts": [{"role": "system", "content": "s"}]}')
    joined = Node.from_thread_files([save(tmp_path, "1", "s", "q"), path])
    assert joined.leaves[1] is joined.root


def test_a_bad_file_is_named_and_none_is_not_enough(tmp_path):
    good, bad = save(tmp_path, "1", "s", "q"), tmp_path / "bad"
    bad.write_text("[]")
    with pytest.raises(ThreadFormatError, match="bad"):
        Node.from_thread_files([good, bad])
    with pytest.raises(ThreadFormatError, match=r"limits\.nodes"):
        Node.from_thread_files([good], limits=FileLimits(nodes=1))
    with pytest.raises(TreeError, match="no thread files"):
        Node.from_thread_files([])


def test_one_path_is_not_several(tmp_path):
    """The letters of a name are no files."""
    for path in ("talk.json", tmp_path / "talk.json"):
        with pytest.raises(TypeError, match="several paths are expected"):
            Node.from_thread_files(path)
