"""How a connection to an MCP server is told: what is impossible is refused before anything starts."""

import subprocess
import sys

import pytest

from minillm import ConfigurationError
from minillm.tools import mcp
from tests.import_graph import REPOSITORY


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: mcp.stdio("x", env={"A": 1}), "env: 'A' and its value must be str"),
        (lambda: mcp.stdio("x", timeout=0), "timeout must be"),
        (lambda: mcp.stdio("x", connect_timeout=-1), "connect_timeout must be"),
        (lambda: mcp.Limits(text=0), "Limits"),
        (lambda: mcp.http("ftp://x"), "a URL must read"),
    ],
)
def test_impossible_settings_are_refused(make, words):
    """When they are said, and not when they are used."""
    with pytest.raises(ConfigurationError, match=words):
        make()


def test_without_the_package_it_is_told_how_to_get_it(monkeypatch):
    """An extra that is not installed is no puzzle."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigurationError, match=r'pip install "minillm-tree\[mcp\]"'):
        mcp.stdio("server")
    with pytest.raises(AttributeError, match="nonsense"):
        _ = mcp.nonsense


def test_a_servers_name_shows_no_key():
    """The program's or the host's own; arguments, paths and headers may hold keys."""
    child = mcp.stdio("/opt/bin/server", "--key=sk-1", env={"KEY": "sk-2"})
    assert (child.name, child.pid, child.stderr) == ("server", None, "")
    remote = mcp.http("https://mcp.example/sk-1?key=sk-2", headers={"Authorization": "sk-3"})
    assert (remote.name, remote.pid, remote.stderr) == ("mcp.example:443", None, "")
    assert "sk-" not in repr(child) + repr(remote)
    assert mcp.http("http://127.0.0.1:1/", name="sea").name == "sea"


def test_the_package_loads_when_a_server_is_made():
    """Not with the module: it takes a second, and brings a web server along."""
    program = (
        "import sys; from minillm.tools import mcp; mcp.Limits(), mcp.MCPServer; early = 'mcp' in sys.modules;"
        " mcp.stdio('server'); print(early, 'mcp' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout == "False True\n"
