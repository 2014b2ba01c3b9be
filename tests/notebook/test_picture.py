"""Drawings: in a page, and in files of their own."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from minillm.notebook.picture import Picture


def test_a_file_is_a_drawing_of_its_own(tmp_path: Path) -> None:
    picture = Picture(["<circle class='user' r='3'/>"], (100, 50.5), "A <tree>")
    picture.save(tmp_path / "tree.svg")
    root = ET.parse(tmp_path / "tree.svg").getroot()
    assert (root.get("viewBox"), root.get("class")) == ("0 0 100 50.5", "minillm-nb")
    assert [child.tag.split("}")[1] for child in root] == ["title", "style", "circle"]
    css = root[1].text or ""
    assert ".minillm-nb .user{fill:" in css
    assert "prefers-color-scheme:dark" in css
    assert " svg " not in css
    with pytest.raises(ValueError, match=r"\.svg"):
        picture.save(tmp_path / "tree.png")


def test_in_a_page_it_takes_the_colour_of_the_text() -> None:
    picture = Picture([], (1, 2), "t")
    assert 'class="minillm-nb"' in picture._repr_html_()
    assert "#1d2129" not in picture._repr_html_()
    assert repr(picture) == "<Picture: t>"
