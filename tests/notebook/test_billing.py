"""The bill as a table: rows, sums, and what is not known."""

from decimal import Decimal

import pytest

from minillm import ChatNode, ConfigurationError, Usage, notebook
from tests.notebook.talks import EVIL, billed, talk


async def test_a_row_is_what_calls_of_a_kind_took_together() -> None:
    root, (first, _) = await talk("a", "b")
    billed(first, "m-2", "0.5", usage=Usage(uncached_tokens=5, cache_read_tokens=3, output_tokens=1), duration=1.25)
    table = notebook.cost_table(root)
    assert [(row.name, row.cells) for row in table.rows] == [
        ("m-1", ("2", "60", "-", "21", "-", "$0.000102")),
        ("m-2", ("1", "8", "3", "1", "1.2 s", "$0.50")),
    ]
    assert table.total.usd == Decimal("0.500102")
    assert [row.name for row in notebook.cost_table(root, by="host").rows] == ["unknown", "host"]


async def test_what_is_not_known_is_told_and_never_nothing() -> None:
    root, (first,) = await talk("a")
    billed(first, "m-2", None)
    table = notebook.cost_table(root)
    assert table.rows[1].cells[-1] == "cost unknown"
    assert table.total.usd is None
    assert str(table).splitlines()[-1].split()[-3:] == ["at", "least", "$0.00005"]


async def test_rows_may_be_nodes_or_anything_else() -> None:
    root, nodes = await talk("Paris", "Paris")
    root.children[0].book(nodes[0].attempts)
    by_node = notebook.cost_table(root, by="node").rows
    assert [row.name for row in by_node] == ["user: Hi?", "Paris", "Paris"]
    assert [row.name for row in notebook.cost_table(nodes, by=lambda node, attempt: node.text[0]).rows] == ["P"]
    with pytest.raises(ConfigurationError, match="'model', 'host', 'outcome', 'node'"):
        notebook.cost_table(root, by="vendor")
    with pytest.raises(TypeError):
        notebook.cost_table(["root"])  # type: ignore[list-item]


async def test_it_is_a_table_for_notebooks_and_for_terminals() -> None:
    root, (first,) = await talk("a")
    billed(first, EVIL, "1")
    table = notebook.cost_table(root)
    html = table._repr_html_()
    assert html.count("<tr>") == 4
    assert html.count("<script") == html.count("<img") == 0
    lines = str(table).splitlines()
    assert lines[0].split()[:2] == ["model", "calls"]
    assert len({len(line) for line in lines}) == 1
    assert "\x1b" not in str(table)
    assert repr(table) == "<CostTable: 2 rows, $1.00>"


def test_many_rows_are_in_the_sum_all_the_same() -> None:
    root = ChatNode.root("a")
    for place in range(250):
        billed(root, f"m-{place}", "0.01")
    table = notebook.cost_table(root)
    assert table.total.usd == Decimal("2.50")
    assert "50 more rows" in table._repr_html_()
    assert "50 more rows" in str(table)
    assert table._repr_html_().count("<tr>") == 202
