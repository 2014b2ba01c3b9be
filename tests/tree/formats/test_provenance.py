"""What is known of an import stands under the same names everywhere."""

from minillm.tree import Node
from minillm.tree.formats.provenance import moment, rest_of, said, tell_conversation


def test_times_are_unix_seconds() -> None:
    """ISO 8601 in every spelling; what is none stays as it is."""
    assert moment("1970-01-01T00:00:10Z") == moment("1970-01-01T00:00:10") == 10.0
    assert moment("1970-01-01T02:00:10.5+02:00") == 10.5
    assert (moment(7), moment("noon"), moment(None)) == (7, "noon", None)


def test_nothing_is_said_of_nothing() -> None:
    assert said(a=None, b={}, c=[], d="", e=0, f=False) == {"e": 0, "f": False}
    assert rest_of({"a": 1, "b": None, "c": 3}, ("a",)) == {"c": 3}


def test_the_conversation_joins_what_the_root_has() -> None:
    root = Node.root("x")
    root.metadata["mine"] = 1
    tell_conversation(root, "f", title="T", id=None)
    assert root.metadata == {"mine": 1, "conversation": {"format": "f", "title": "T"}}
