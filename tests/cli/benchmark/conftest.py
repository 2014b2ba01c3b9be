"""Commands against a host on this machine that answers at once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmark.paced_server import paced_server


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with paced_server() as found:
        yield found


@pytest.fixture
def configured(address: str, own_folder: Path) -> Path:
    """A folder with a configuration that asks this host."""
    (own_folder / "benchmark.toml").write_text(
        f"""
        [benchmark]
        requests = 4
        concurrency = [1, 2]
        [providers.mine]
        base_url = "{address}/v1"
        models = ["2-1-5"]
        input_price = 1
        output_price = 10
        """
    )
    return own_folder
