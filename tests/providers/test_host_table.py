"""The page of generators lists the hosts that there are."""

from minillm import GeneratorInfo
from minillm.providers import PROVIDERS
from tests.providers.host_table import PAGE, written


def test_the_table_is_current() -> None:
    """``python -m tests.providers.host_table`` writes it."""
    page = PAGE.read_text("utf-8")
    assert page == written(page)


def test_every_name_in_it_is_a_constructor() -> None:
    assert [name for name in PROVIDERS if not hasattr(GeneratorInfo, name)] == []
