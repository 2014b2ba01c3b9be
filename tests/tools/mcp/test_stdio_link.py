"""A server as a child process: what it sees, what it says, how it ends."""

import sys

import pytest

from minillm import ConnectError
from minillm.tools.mcp.stdio_link import StdioLink

from .conftest import until


def link(program, **more):
    settings = {"env": {}, "cwd": None, "message_bytes": 1000, **more}
    return StdioLink([sys.executable, "-c", program], **settings)


async def test_how_a_child_ended_is_told():
    """By status or signal, and the same words for ever."""
    for program, words in [
        ("raise SystemExit(3)", "has ended with exit status 3"),
        ("import os; os.kill(os.getpid(), 15)", "was ended by signal 15"),
    ]:
        child = link(program)
        ended = []
        child.on_end = lambda ended=ended: ended.append(True)
        async with child.connect() as (incoming, _):
            assert [message async for message in incoming] == []
            assert await child.epitaph() == words
        assert (ended, child.ended, child.pid, await child.epitaph()) == ([True], True, None, words)


async def test_a_child_that_we_end_has_not_ended_by_itself():
    """Else its end would be told instead of what went wrong."""
    child = link("import sys; sys.stdin.read()")
    async with child.connect():
        assert child.pid is not None
    assert (child.ended, child.pid) == (False, None)


async def test_stderr_is_kept_within_bounds():
    """Its last lines, whatever their length and bytes; of the values it was given, only short ones are seen."""
    program = (
        "import os, sys\n"
        "for n in range(1000): print(n, file=sys.stderr)\n"
        "sys.stderr.buffer.write(b'x' * 500_000 + b'\\n\\xff\\x1b[2J')\n"
        "print(os.environ['KEY'], os.environ['ON'], file=sys.stderr)"
    )
    child = link(program, env={"KEY": "sk-123456", "ON": "1"})
    async with child.connect() as (incoming, _):
        assert [message async for message in incoming] == []
        await child.epitaph()
    lines = child.stderr.splitlines()
    assert len(lines) == 200 and lines[0] == "802"
    assert lines[-2] == "x" * 999 + "…"
    assert lines[-1] == "\ufffd [2J*** 1"


async def test_a_program_that_is_not_there_is_a_typed_error(tmp_path):
    """Named; its arguments are not, for keys stand in them."""
    child = StdioLink(["no-such-program", "--key=sk-1"], env={}, cwd=None, message_bytes=1)
    with pytest.raises(ConnectError) as raised:
        async with child.connect():
            pass
    assert "'no-such-program': No such file" in str(raised.value) and "sk-1" not in str(raised.value)
    with pytest.raises(ConnectError):
        async with link("", cwd=tmp_path / "absent").connect():
            pass


async def test_a_child_is_asked_before_it_is_killed(tmp_path, monkeypatch):
    """First by the end of its input, then by SIGTERM, for which it may have a use."""
    monkeypatch.setattr("minillm.tools.mcp.stdio_link._POLITE", 0.2)
    program = (
        "import pathlib, signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (pathlib.Path('asked').touch(), sys.exit(5)))\n"
        "print('ready', file=sys.stderr, flush=True)\n"
        "sys.stdin.read()\n"
        "pathlib.Path('ended').touch()\n"
        "time.sleep(60)"
    )
    child = link(program, cwd=tmp_path)
    async with child.connect():
        await until(lambda: child.stderr)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["asked", "ended"]
