"""Bars: the dearest first, unknown sums dashed."""

from xml.etree import ElementTree as ET

import pytest

from minillm import ChatNode, ConfigurationError, notebook
from tests.notebook.talks import billed

SVG = "{http://www.w3.org/2000/svg}"


def bars(root: ChatNode, **options: object) -> list[tuple[str | None, float]]:
    svg = ET.fromstring(notebook.plot_costs(root, **options).svg)  # type: ignore[arg-type]
    return [(bar.get("class"), float(bar.get("width", ""))) for bar in svg.iter(f"{SVG}rect")]


def test_a_bar_is_as_long_as_its_cost() -> None:
    root = ChatNode.root("a")
    billed(billed(root, "cheap", "0.25"), "dear", "1")
    (kind, longest), (_, shortest) = bars(root)
    assert (kind, longest) == ("bar", pytest.approx(4 * shortest, rel=0.01))
    svg = notebook.plot_costs(root).svg
    assert svg.index("dear") < svg.index("cheap")


def test_what_is_not_known_is_not_drawn_as_nothing() -> None:
    root = billed(billed(ChatNode.root("a"), "known", "1"), "never told", None)
    assert [kind for kind, _ in bars(root)] == ["bar", "unknown"]
    assert bars(root)[1][1] > 20
    assert "cost unknown" in notebook.plot_costs(root).svg


def test_no_calls_and_very_many_are_pictures_too() -> None:
    root = ChatNode.root("a")
    assert "No calls were made here." in notebook.plot_costs(root).svg
    for place in range(60):
        billed(root, f"m-{place}", "0.01")
    assert len(bars(root)) == 40
    assert "and 20 more, cheaper" in notebook.plot_costs(root).svg
    with pytest.raises(ConfigurationError):
        notebook.plot_costs(root, by="vendor")
