"""Places in a value, as errors name them."""

from minillm.json.place import place


def test_members_and_items_read_like_python() -> None:
    assert place(["prompts", 3, "message", "role"]) == "prompts[3].message.role"
    assert place([0, "a"]) == "[0].a"


def test_the_root_is_empty() -> None:
    assert place([]) == ""


def test_a_key_that_is_no_name_is_quoted() -> None:
    assert place(["a", "b c", "d"]) == "a['b c'].d"


def test_a_long_key_is_shortened() -> None:
    assert place(["x" * 1000]) == f"['{'x' * 37}...']"


def test_the_middle_of_a_deep_place_is_left_out() -> None:
    text = place(range(1000))
    assert text.startswith("[0][1]")
    assert " ... " in text
    assert text.endswith("[999]")
    assert len(text) < 300
