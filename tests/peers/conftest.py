"""Third-party servers, each started once for the whole run on a free port of this machine."""

from collections.abc import Iterator

import pytest

from tests.peers.harness import HERE, free_port, node, program, running


@pytest.fixture(scope="session")
def llmock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of llmock, a server that breaks on demand and grades its client."""
    port = free_port()
    command = (
        program("llmock", "bin", "llmock"),
        "serve",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--stream-chunk-delay-ms",
        "30",
    )
    base = f"http://127.0.0.1:{port}"
    with running(command, ready=f"{base}/health", log=tmp_path_factory.mktemp("llmock") / "log"):
        yield base


@pytest.fixture(scope="session")
def aimock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of aimock, a server whose faults stand in ``aimock_fixtures.json``."""
    port = free_port()
    script = program("npm", "node_modules", "@copilotkit", "aimock", "dist", "cli.js")
    fixtures = HERE / "aimock_fixtures.json"
    command = (node(), script, "-h", "127.0.0.1", "-p", str(port), "-f", fixtures, "--strict", "--log-level", "warn")
    base = f"http://127.0.0.1:{port}"
    with running(command, ready=f"{base}/health", log=tmp_path_factory.mktemp("aimock") / "log"):
        yield base
