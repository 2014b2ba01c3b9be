"""The package's face."""

import pytest

from minillm import transport


@pytest.mark.parametrize("name", transport.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(transport, name) is not None


def test_other_names_are_not() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        transport.nonsense  # noqa: B018
