"""The page tells of the probes that there are."""

from tests.compat.tables import PAGE, placed, probe_table


def test_the_table_of_probes_is_as_it_is_written() -> None:
    """``python -m tests.compat.tables`` writes it."""
    text = PAGE.read_text("utf-8")
    assert placed(text, "probes", probe_table()) == text
