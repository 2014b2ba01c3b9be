"""Parts as the page is told of them: words for all, bytes for pictures of raster types alone."""

import base64

from minillm.types import (
    AudioPart,
    Citation,
    FilePart,
    ImagePart,
    NativePart,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from minillm.view.parts import Pictures, part_rows
from tests.view.samples import PIXEL, SVG


def rows(*parts):
    return part_rows(parts, Pictures())


def test_every_kind_has_its_words() -> None:
    found = rows(
        TextPart("a", citations=(Citation("https://a.test", "A"),)),
        RefusalPart("no"),
        ReasoningPart("hm", sealed="xyz"),
        ToolCallPart("1", "f", "{", incomplete=True),
        ToolResultPart("1", "f", "x", is_error=True),
        ToolResultPart("1", "f", (TextPart("y"),)),
        AudioPart(mime="audio/wav", data="UklGRg==", transcript="words"),
        FilePart(file_id="file-1"),
        NativePart("openai_responses", {"type": "x"}),
    )
    assert [row["k"] for row in found] == [
        "text",
        "refusal",
        "reasoning",
        "call",
        "result",
        "result",
        "media",
        "media",
        "native",
    ]
    assert found[0]["sources"] == [["A", "https://a.test"]]
    assert (found[2]["sealed"], "xyz" in str(found)) == (True, False)
    assert (found[3]["cut"], found[4]["error"], found[5]["parts"][0]["t"]) == (True, True, "y")
    assert (found[6]["said"], "data" in found[6]) == ("words", False)
    assert found[7]["t"] == "file file-1"
    assert '"type": "x"' in found[8]["t"]


def test_a_picture_is_what_its_bytes_say() -> None:
    """A wrong media type does not help an SVG in, nor keep a PNG out."""
    png = rows(ImagePart(mime="image/svg+xml", data=PIXEL))[0]
    assert (png["mime"], png["data"]) == ("image/png", PIXEL)
    html = base64.b64encode(b"<html><script>alert(1)</script>").decode()
    document, sound = (
        base64.b64encode(start + b"0" * 60).decode() for start in (b"%PDF-1.7\n", b"RIFF\0\0\0\0WAVEfmt ")
    )
    for data in (SVG, html, document, sound, "no base64 at all!", "iVBORw0KGgo\u202e", ""):
        assert "data" not in rows(ImagePart(mime="image/png", data=data))[0]
    assert "data" not in rows(ImagePart(url="https://a.test/a.png"))[0]


def test_pictures_have_a_limit_each_and_in_all() -> None:
    assert "data" not in part_rows([ImagePart(data=PIXEL)], Pictures(each=10))[0]
    twice = part_rows([ImagePart(data=PIXEL), ImagePart(data=PIXEL)], Pictures(total=len(PIXEL) + 5))
    assert ["data" in row for row in twice] == [True, False]
    assert twice[1]["bytes"] > 50


def test_a_long_native_block_is_cut() -> None:
    row = rows(NativePart("w", {"a": "x" * 50_000}))[0]
    assert len(row["t"]) < 21_000
    assert row["t"].endswith("more)")
