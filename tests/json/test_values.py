"""A long JSON text is cut into its values, whatever the pieces it comes in."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.errors import DecodeError
from minillm.json.values import ValueCutter, iter_values
from tests.tree.messages import json_values

nasty = st.text(st.sampled_from('\\"[]{},: a\n\u00e9\ud83d\ude00'.encode("utf-16", "surrogatepass").decode("utf-16")))
values = json_values | nasty | st.lists(nasty, max_size=3)
documents = st.lists(st.lists(values, max_size=4) | st.dictionaries(nasty, values, max_size=3), max_size=4)


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


@given(documents, st.sampled_from([1, 2, 3, 7, 4096]), st.sampled_from([None, 2]), st.booleans())
def test_every_item_and_every_object_comes_out_once(found: list[object], size: int, indent: int, escaped: bool) -> None:
    """By its document and its place there, however the bytes are sliced."""
    text = "\n".join(json.dumps(each, indent=indent, ensure_ascii=escaped) for each in found)
    expected: list[tuple[int, int | None, object]] = []
    for number, document in enumerate(found):
        if isinstance(document, list):
            expected += [(number, item, value) for item, value in enumerate(document)]
        else:
            expected.append((number, None, document))
    cut = iter_values(pieces(text.encode("utf-8", "surrogatepass"), size))
    assert [(value.document, value.item, json.loads(value.data)) for value in cut] == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b'[{"a": 1}', "was cut"),
        (b'["a', "was cut"),
        (b"{}}", "begins neither"),
        (b"3", "begins neither"),
        (b"[1}", "a list ends with }"),
        (b"\xff\xfe[\x00", "begins neither"),
        (b"\xef\xbb", "was cut"),
    ],
)
def test_what_is_no_json_is_refused(text: bytes, problem: str) -> None:
    """With a word about where."""
    with pytest.raises(DecodeError, match=problem):
        list(iter_values([text]))
    with pytest.raises(DecodeError, match=problem):
        list(iter_values(pieces(text, 1)))


def test_a_byte_order_mark_is_no_value() -> None:
    assert [value.data for value in iter_values(pieces(b"\xef\xbb\xbf {}", 1))] == [b"{}"]


@pytest.mark.parametrize("text", [b"[,1]", b"[1,]"])
def test_a_missing_item_is_left_to_the_parser(text: bytes) -> None:
    """It comes out as no JSON at all."""
    assert b"" in [value.data for value in iter_values([text])]


def test_one_value_has_a_limit() -> None:
    """A text that never ends is not gathered."""
    cutter = ValueCutter(longest=1000)
    cutter.feed(b'["')
    for _ in range(9):
        assert cutter.feed(b"x" * 100) == []
    with pytest.raises(DecodeError, match="longer than"):
        cutter.feed(b"x" * 100)


def test_depth_and_length_cost_no_more_than_their_bytes() -> None:
    """Neither recursion nor a second look at a long string."""
    deep = b"[" + b"[" * 100_000 + b"]" * 100_000 + b"]"
    assert len(next(iter_values(pieces(deep, 1 << 16))).data) == 200_000
    long = b'["' + b"x" * 8_000_000 + b'"]'
    assert len(next(iter_values(pieces(long, 1 << 12))).data) == 8_000_002
