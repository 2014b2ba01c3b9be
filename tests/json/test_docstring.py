"""What a docstring says, in three customs."""

import pytest

from minillm.json.docstring import parse_docstring

GOOGLE = """Finds a book.

    Looks in every shelf.

    Args:
        title (str, optional): what it is
            called: all of it
        *shelves: where to look
        **rest (dict[str, int]): and so on
        bare:
            said below.

            And further.

    Note:
        nothing: else

    Returns:
        book: the book
    """

NUMPY = """
    Finds a book.

    Looks in every shelf.

    Parameters
    ----------
    title : str, optional
        what it is
        called: all of it
    *shelves
        where to look
    rest, bare : dict
        and so on

    Returns
    -------
    book
        the book
    """

SPHINX = """Finds a book.

    Looks in every shelf.

    :param str title: what it is
        called: all of it
    :param \\*shelves: where to look
    :type shelves: str
    :keyword rest: and so on
    :returns: the book
    :raises KeyError: it is lost
    """


@pytest.mark.parametrize("text", [GOOGLE, NUMPY, SPHINX], ids=["google", "numpy", "sphinx"])
def test_the_three_customs_are_read_alike(text: str) -> None:
    said = parse_docstring(text)
    assert said.prose == "Finds a book.\n\nLooks in every shelf."
    assert said.members["title"] == "what it is called: all of it"
    assert said.members["shelves"] == "where to look"
    assert said.members["rest"] == "and so on"
    assert "book" not in said.members
    assert "nothing" not in said.members


def test_a_description_may_begin_on_the_next_line_and_go_on_after_a_gap() -> None:
    assert parse_docstring(GOOGLE).members["bare"] == "said below. And further."


def test_names_that_share_a_description_have_it_both() -> None:
    members = parse_docstring(NUMPY).members
    assert members["rest"] == members["bare"]


@pytest.mark.parametrize("text", [None, "", "   \n  "])
def test_nothing_says_nothing(text: str | None) -> None:
    assert parse_docstring(text) == ("", {})


def test_prose_of_no_custom_stays_prose() -> None:
    text = "Adds: two numbers.\n\n- first\n- second\n\nSee x: y."
    assert parse_docstring(text) == (text, {})


def test_a_section_alone_leaves_no_prose() -> None:
    assert parse_docstring("Args:\n    a: one\n    b: two\nEnd.") == ("", {"a": "one", "b": "two"})


def test_a_member_without_a_description_is_left_out() -> None:
    assert parse_docstring("\nArgs:\n    a:\n    b: two").members == {"b": "two"}
