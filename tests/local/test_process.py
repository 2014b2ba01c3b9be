"""How a child can fail to start, and what is said about it."""

import asyncio
import pickle

import pytest

from minillm.errors import ConfigurationError, ConnectError, TimeoutExceeded
from minillm.local import LocalServer, RunningServer, server_for

READY = """
import json, sys
settings = json.loads(sys.stdin.readline())
print(json.dumps({"ready": "http://127.0.0.1:1"}), flush=True)
sys.stdin.read()
"""


async def test_a_child_that_says_ready_is_handed_out(program):
    """The stand-in of the other tests does what the real one does."""
    server = await server_for(program(READY))
    assert server.base_url == "http://127.0.0.1:1/v1"
    assert server.alias == "m"
    assert len(server.api_key) >= 32


async def test_the_end_of_its_log_is_in_the_error(program):
    """llama.cpp tells there what it did not like."""
    settings = program(
        "import sys\nfor n in range(50): print('line', n, flush=True)\n"
        "print('out of memory', file=sys.stderr)\nsys.exit(3)"
    )
    with pytest.raises(ConnectError) as caught:
        await server_for(settings)
    assert "ended while it was starting (exit status 3)" in str(caught.value)
    assert "out of memory" in str(caught.value)
    assert "line 49" in str(caught.value)
    assert "line 10" not in str(caught.value)


async def test_a_reason_given_by_the_child_is_in_the_error(program):
    """A model that cannot be loaded is the user's to mend: a configuration error."""
    settings = program("""
import json, sys
sys.stdin.readline()
print("E tensor missing")
print(json.dumps({"failed": "RuntimeError: cannot load"}), flush=True)
sys.stdin.read()
""")
    with pytest.raises(
        ConfigurationError, match=r"cannot serve .*m\.gguf: RuntimeError: cannot load\n    E tensor missing"
    ):
        await server_for(settings)


async def test_a_child_that_never_gets_ready_is_ended(program):
    """The timeout is the user's to set; the message says its name."""
    settings = program("import sys\nprint('still loading', flush=True)\nsys.stdin.readline()\nsys.stdin.read()")
    impatient = LocalServer(model_path=settings.model_path, start_timeout=0.2)
    with pytest.raises(TimeoutExceeded, match=r"not ready after 0\.2 s \(start_timeout\)"):
        await server_for(impatient)


async def test_a_child_that_talks_without_end_is_not_blocked(program, tmp_path):
    """Its output is read on after the start, or it would stand still at a full pipe."""
    settings = program(
        READY.replace(
            "sys.stdin.read()",
            "print('x' * 1_000_000, flush=True)\nopen(sys.argv[0] + '.done', 'w').close()\nsys.stdin.read()",
        )
    )
    await server_for(settings)
    done = tmp_path / "child.py.done"
    for _ in range(600):
        if done.exists():
            return
        await asyncio.sleep(0.05)
    pytest.fail("the child never got rid of its output")


async def test_long_settings_arrive_whole(program):
    """A chat template can be larger than a pipe holds."""
    settings = program(
        "import json, sys\nsettings = json.loads(sys.stdin.readline())\n"
        "print(json.dumps({'ready': str(len(settings['alias']))}), flush=True)\nsys.stdin.read()"
    )
    long = LocalServer(model_path=settings.model_path + "/" + "x" * 1_000_000)
    assert (await server_for(long)).base_url == "1000000/v1"


def test_the_key_is_in_no_repr_and_no_pickle():
    """A running server may end up in a log."""
    server = RunningServer("http://127.0.0.1:1/v1", "canary", "m", 1)
    assert "canary" not in repr(server)
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(server)
