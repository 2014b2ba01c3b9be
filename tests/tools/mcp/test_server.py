"""MCP servers as real processes: their tools run like local ones, and whatever becomes of a server, nobody hangs."""

import asyncio
import gc
import os
import re
import subprocess
import sys
import textwrap
import time

import anyio
import pytest

from minillm import (
    ChatNode,
    ConfigurationError,
    ConnectError,
    ImagePart,
    Message,
    MockModel,
    TimeoutExceeded,
    ToolError,
    ToolResultPart,
    ToolServerGone,
    execute_calls,
    tool,
)
from minillm.tools import mcp
from tests.import_graph import REPOSITORY

from .conftest import (
    STRANGE,
    call_of,
    is_alive,
    lighthouse,
    running_http_server,
    strange,
    tool_of,
    until,
)

pytestmark = pytest.mark.usefixtures("nothing_left")


@pytest.fixture
async def odd():
    """The strange server, entered in one task and left in another, as pytest-asyncio runs fixtures."""
    async with strange() as server:
        yield server


@pytest.fixture
async def remote(http_url):
    """The lighthouse over HTTP."""
    async with mcp.http(http_url, timeout=30) as server:
        yield server


async def test_a_servers_tools_run_like_local_ones(remote, odd):
    """In one loop with a typed function, answers in the order of the calls, by their names and ids."""

    @tool
    def double(number: int) -> int:
        """Twice it."""
        return 2 * number

    tools = [double, *remote.tools(prefix="sea_"), *odd.tools()]
    calls = [
        call_of("sea_height_of", '{"tower": "North"}', "a"),
        call_of("double", '{"number": 4}', "b"),
        call_of("echo", '{"text": "ship ahoy"}', "c"),
        call_of("height_of", "", "d"),
    ]
    model = MockModel([Message("assistant", calls), "All is well."])
    reply = await ChatNode.root().chat("How high?", model, tools=tools)
    results = await execute_calls(reply.message.tool_calls, tools)
    assert [(r.call_id, r.text, r.is_error) for r in results] == [
        ("a", "North: 31 m", False),
        ("b", "8", False),
        ("c", "ship ahoy", False),
        ("d", "height_of!", False),
    ]
    last = await reply.add_tool_results(results).complete(model, tools=tools)
    assert last.text == "All is well."
    offered = {made.name: made for made in model.requests[0].tools}
    assert offered["sea_height_of"].description == "The height of a lighthouse."
    assert offered["sea_height_of"].parameters["required"] == ["tower"]


async def test_a_run_calls_servers_and_survives_their_end():
    """The model reads what became of the server, and answers all the same."""
    async with strange() as server:
        calls = [call_of("echo", '{"text": "ahoy"}', "a"), call_of("dies", "", "b")]
        model = MockModel([Message("assistant", calls), Message("assistant", [call_of("echo", "{}", "c")]), "It sank."])
        reply = await ChatNode.root().run(model, user="What is there?", tools=server.tools())
    assert reply.text == "It sank."
    told = [part.text for node in reply.path() for part in node.message.parts if isinstance(part, ToolResultPart)]
    assert told == ["ahoy", *["the MCP server 'strange' was ended by signal 9"] * 2]


async def test_two_servers_with_one_name_are_told_apart(remote, odd):
    """Without a prefix nobody could tell whose call it is, and nothing is sent."""
    call = call_of("height_of", '{"tower": "N"}')
    with pytest.raises(ConfigurationError, match="two tools are named 'height_of'"):
        await execute_calls([call], [*remote.tools(), *odd.tools()])
    tools = [*remote.tools("a_"), *odd.tools("b_")]
    results = await execute_calls([call_of("a_height_of", '{"tower": "N"}'), call_of("b_height_of")], tools)
    assert [result.text for result in results] == ["N: 31 m", "height_of!"]


async def test_results_are_parts(remote):
    """Text, picture, sound, link and document; structured content where no text repeats it."""
    (result,) = await execute_calls([call_of("picture")], remote.tools())
    assert not result.is_error
    assert [type(part).__name__ for part in result.content] == [
        *("TextPart", "ImagePart", "TextPart", "TextPart", "TextPart", "FilePart")
    ]
    pixel = result.content[1]
    assert isinstance(pixel, ImagePart) and pixel.mime == "image/png" and pixel.to_bytes().startswith(b"\x89PNG")


async def test_a_tools_failure_is_a_result_for_the_model(remote):
    """What the server says of it, and nothing is raised; arguments that do not fit are such a failure too."""
    failed, unfit = await execute_calls([call_of("fail", '{"how": "badly"}'), call_of("height_of")], remote.tools())
    assert failed.is_error and "fail" in failed.text
    assert unfit.is_error and "tower" in unfit.text


async def test_a_big_result_is_cut_and_says_so(http_url):
    """A few megabytes come, and the model gets what the limits allow."""
    async with mcp.http(http_url, limits=mcp.Limits(text=1000)) as server:
        (result,) = await execute_calls([call_of("long_text", '{"length": 900000}')], server.tools())
    assert result.text == "x" * 1000 + "\n[cut here: 899,000 of 900,000 characters are left out]"


async def test_what_is_read_only_or_idempotent_may_run_again(remote, http_url):
    """The hints are the server's; who does not trust it says so."""
    said = {made.remote_name: (made.idempotent, made.hints.read_only) for made in remote.tools()}
    assert said["height_of"] == (True, True)
    assert said["lamp.switch"] == (True, False)
    assert said["fail"] == (False, False)
    async with mcp.http(http_url, trust_hints=False) as server:
        assert not any(made.idempotent for made in server.tools())


async def test_the_id_of_the_call_goes_along(remote):
    """As the key by which a server can tell that a call is run again."""
    (result,) = await execute_calls([call_of("key", call_id="call_77")], remote.tools())
    assert result.text == '"call_77"'
    assert (await tool_of(remote, "key")({})).text == "null"


async def test_progress_is_told(http_url):
    """With the call, to a sync or an async function, in words that cannot steer a terminal."""
    told = []

    async def report(progress):
        told.append(progress)

    async with mcp.http(http_url, on_progress=report) as server:
        call = call_of("wait", '{"seconds": 0}')
        await execute_calls([call], server.tools())
        await until(lambda: told)
    assert told == [mcp.Progress("wait", call, 1.0, 2.0, "half [31mway")]


async def test_a_call_that_takes_too_long_is_given_up_and_the_server_told(http_url, http_log):
    """The model learns of the time, the user finds the typed error."""
    http_log.write_text("")
    async with mcp.http(http_url, timeout=0.5, name="sea") as server:
        results = await execute_calls([call_of("wait", '{"seconds": 60}')], server.tools())
        assert isinstance(results.errors[0], TimeoutExceeded)
        assert results[0].is_error and "'sea'" in results[0].text and "0.5 s" in results[0].text
        if "waiting" in http_log.read_text():  # else the server had not even begun
            await until(lambda: "cancelled" in http_log.read_text())
        again = await execute_calls([call_of("height_of", '{"tower": "N"}')], server.tools())
        assert again[0].text == "N: 31 m"


async def test_cancelling_a_call_returns_at_once_and_tells_the_server(tmp_path):
    """On stdio; the connection goes on."""
    log = tmp_path / "log"
    async with lighthouse(env={"LIGHTHOUSE_LOG": str(log)}) as server:
        task = asyncio.create_task(tool_of(server, "wait")({"seconds": 60}))
        await until(lambda: log.exists() and "waiting" in log.read_text())
        task.cancel()
        for _ in range(5):  # turns of the loop, and no waiting for the server
            await asyncio.sleep(0)
        assert task.done() and task.cancelled()
        await until(lambda: "cancelled" in log.read_text())
        async with anyio.create_task_group() as group:
            group.start_soon(tool_of(server, "wait"), {"seconds": 60})
            await until(lambda: log.read_text().count("waiting") == 2)
            group.cancel_scope.cancel()
        await until(lambda: log.read_text().count("cancelled") == 2)
        assert (await tool_of(server, "height_of")({"tower": "N"})).text == "N: 31 m"


async def test_tools_work_from_any_task(odd):
    """Many at once, in tasks and task groups that begin and end as they like."""
    echo = tool_of(odd, "echo")
    texts: list[str] = []

    async def one(number):
        texts.append((await echo({"text": str(number)})).text)

    await asyncio.gather(*(asyncio.create_task(one(number)) for number in range(20)))
    async with anyio.create_task_group() as group:
        for number in range(20, 40):
            group.start_soon(one, number)
    assert sorted(map(int, texts)) == list(range(40))


@pytest.mark.parametrize(
    ("name", "how"),
    [("dies", "was ended by signal 9"), ("vanishes", "has closed its output|has ended with exit status 0")],
)
async def test_a_server_that_ends_in_a_call_is_a_typed_error(name, how):
    """At once, for the model and the user; its last words are for the user alone, and without its key."""
    async with strange(env={"TOKEN": "sk-very-secret"}) as server:
        tools = server.tools()
        results = await execute_calls([call_of(name), call_of("nothing", call_id="call_2")], tools)
        assert [type(error) for error in results.errors] == [ToolServerGone, ToolServerGone]
        for result in results:
            assert result.is_error and re.fullmatch(f"the MCP server 'strange' (?:{how})", result.text)
        await until(lambda: server.pid is None)
        await until(lambda: repr(server).endswith("closed>"))  # by itself, before the block is left
        later = await execute_calls([call_of("echo", '{"text": "x"}')], tools)
        assert isinstance(later.errors[0], ToolServerGone) and later[0].text == results[0].text
        if name == "dies":
            (note,) = later.errors[0].__notes__
            assert "last words of ***" in note and "\x1b" not in note
            assert "last words" not in later[0].text
            assert "sk-very-secret" not in server.stderr + repr(server) + repr(vars(server))


async def test_an_http_server_that_ends_in_a_call_is_a_typed_error(tmp_path):
    """And so is every later call; leaving the block takes no time."""
    with running_http_server(tmp_path, LIGHTHOUSE_LOG=str(tmp_path / "log")) as (url, process):
        async with mcp.http(url, name="sea") as server:
            task = asyncio.create_task(execute_calls([call_of("wait", '{"seconds": 60}')], server.tools()))
            await until((tmp_path / "log").exists)
            process.kill()
            results = await task
            assert isinstance(results.errors[0], ToolServerGone), results.errors
            assert results[0].text.startswith("the MCP server 'sea' cannot be reached")
            process.wait()
            later = await execute_calls([call_of("height_of", '{"tower": "N"}')], server.tools())
            assert isinstance(later.errors[0], ToolServerGone)


async def test_leaving_the_block_ends_its_calls():
    """They raise in the tasks that wait for them, which nobody cancelled."""
    async with strange() as server:
        task = asyncio.create_task(tool_of(server, "nothing")({}))
        await until(lambda: server._calls)
        echo = tool_of(server, "echo")
    with pytest.raises(ToolServerGone, match="closed"):
        await task
    with pytest.raises(ToolServerGone, match="is not open"):
        await echo({"text": "late"})


async def test_the_child_ends_with_a_cancelled_block():
    """By asyncio's cancelling and by anyio's, wherever the block is."""
    pids = []

    async def hold(mode):
        async with strange(mode) as server:
            pids.append(server.pid)
            await asyncio.sleep(60)

    task = asyncio.create_task(hold(""))
    await until(lambda: pids)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not is_alive(pids[0])
    async with anyio.create_task_group() as group:
        group.start_soon(hold, "")
        await until(lambda: len(pids) == 2)
        group.cancel_scope.cancel()
    assert not is_alive(pids[1])


async def test_a_child_that_does_not_obey_is_killed(monkeypatch):
    """Neither the end of its input nor SIGTERM moves it."""
    monkeypatch.setattr("minillm.tools.mcp.stdio_link._POLITE", 0.2)
    async with strange("deaf") as server:
        pid = server.pid
        assert is_alive(pid)
    assert not is_alive(pid) and server.pid is None


def test_a_killed_program_leaves_no_server(tmp_path):
    """SIGKILL leaves no time for anything: the server sees the end of its input."""
    program = textwrap.dedent(f"""
        import asyncio, sys
        from minillm.tools import mcp
        async def main():
            async with mcp.stdio(sys.executable, {str(STRANGE)!r}) as server:
                print(server.pid, flush=True)
                await asyncio.sleep(60)
        asyncio.run(main())
    """)
    with subprocess.Popen([sys.executable, "-c", program], cwd=REPOSITORY, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        assert is_alive(pid)
        process.kill()
        process.wait()
    for _ in range(500):
        if not is_alive(pid):
            break
        time.sleep(0.01)
    assert not is_alive(pid)


async def test_a_block_that_nobody_left_ends_with_the_loop():
    """asyncio.run cancels what is still there, and the child goes too."""
    program = textwrap.dedent(f"""
        import asyncio, sys
        from minillm.tools import mcp
        async def main():
            server = await mcp.stdio(sys.executable, {str(STRANGE)!r}).__aenter__()
            return server.pid
        print(asyncio.run(main()))
    """)
    run = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-W", "error", "-c", program], cwd=REPOSITORY, capture_output=True, text=True
    )
    assert run.stderr == "" and not is_alive(int(run.stdout))


async def test_many_connections_leave_nothing():
    """No process, task or open file of twenty: the fixture counts the first two."""
    async with strange():
        pass
    gc.collect()
    files = len(os.listdir("/proc/self/fd"))
    for _ in range(4):
        async with strange() as a, strange() as b, strange() as c, strange() as d, strange() as e:
            await asyncio.gather(*(tool_of(server, "echo")({"text": "x"}) for server in (a, b, c, d, e)))
    assert len(os.listdir("/proc/self/fd")) <= files


async def test_the_environment_is_not_handed_on(monkeypatch):
    """A server sees harmless variables and those it is given: keys of other services stay here."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-somebody-else")
    async with lighthouse(env={"TOWER": "North"}) as server:
        listed, given = await execute_calls(
            [call_of("variables"), call_of("environment", '{"name": "TOWER"}')], server.tools()
        )
        names = {part.text for part in listed.content}
        assert given.text == "North" and server.instructions == "Ask for towers by name."
    assert names <= {"HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER", "TOWER", "LC_CTYPE"}


async def test_a_changed_list_of_tools_is_read_anew(odd):
    """From a server of the older protocol, which just says it."""
    told = asyncio.Event()
    odd._on_tools_changed = told.set
    assert "new" not in [made.name for made in odd.tools()]
    await tool_of(odd, "changes")({})
    await asyncio.wait_for(told.wait(), 20)
    assert (await tool_of(odd, "new")({})).text == "new!"


async def test_a_changed_list_is_heard_of_by_the_newer_protocol():
    """There a client has to ask for such news."""
    told = asyncio.Event()
    async with lighthouse(on_tools_changed=told.set) as server:
        await tool_of(server, "grow")({"name": "foghorn"})
        await asyncio.wait_for(told.wait(), 20)
        assert (await tool_of(server, "foghorn")({})).text == "grown"


async def test_the_list_can_be_asked_for(odd):
    """Where a server does not say that it changes."""
    before = len(odd.tools())
    await odd.refresh()
    assert len(odd.tools()) == before


async def test_a_refusal_is_told_in_safe_words(odd):
    """A server's error text is cut and steers no terminal; an answer that is none is not shown."""
    with pytest.raises(ToolError) as refused:
        await tool_of(odd, "refused")({})
    assert type(refused.value) is ToolError
    assert "\x1b" not in str(refused.value) and "\x07" not in str(refused.value) and len(str(refused.value)) < 2100
    with pytest.raises(ToolError) as misshapen:
        await tool_of(odd, "misshapen")({})
    assert "secret" not in str(misshapen.value)


async def test_a_server_that_asks_back_is_refused(odd):
    """Nobody is asked for a password behind the user's back; the server is told that we cannot."""
    result = await tool_of(odd, "asks")({})
    assert result.is_error and "not supported" in result.text.lower()


async def test_structured_content_alone_is_json(odd):
    """Without a text beside it."""
    assert (await tool_of(odd, "stars")({})).text == '{"stars":3}'


async def test_an_endless_message_ends_the_connection():
    """It is not kept in memory until none is left."""
    async with strange(limits=mcp.Limits(message_bytes=1_000_000)) as server:
        with pytest.raises(ToolServerGone, match="more than 1,000,000 bytes"):
            await tool_of(server, "endless")({})


async def test_a_server_that_prints_is_understood():
    """What stands between the messages is kept beside what it says on stderr."""
    async with strange("prints") as server:
        assert server.stderr == "Welcome!"
        assert (await tool_of(server, "echo")({"text": "x"})).text == "x"


async def test_a_server_that_does_not_start_says_why():
    """Its last words, without its key, in a typed error; likewise a program that is not there."""
    with pytest.raises(ConnectError, match=r"has ended with exit status 7\n +no licence for \*\*\*"):
        async with strange("quits", env={"TOKEN": "sk-very-secret"}):
            pass
    with pytest.raises(ConnectError, match="'no-such-program': No such file"):
        async with mcp.stdio("no-such-program", "sk-in-an-argument") as server:
            assert server is None
    with pytest.raises(ConnectError, match=r"no answer came"):
        async with mcp.http("http://127.0.0.1:9/mcp?key=sk-very-secret", name="sea"):
            pass


async def test_a_server_that_says_nothing_is_given_up():
    """And ended."""
    with pytest.raises(TimeoutExceeded, match=r"'strange' was not ready after 0\.5 s"):
        async with strange("silent", connect_timeout=0.5):
            pass


async def test_a_connection_is_opened_once_and_used_where_it_is(http_url):
    """Each mistake is told."""
    server = mcp.http(http_url)
    assert repr(server).endswith("0 tools, not opened yet>")
    with pytest.raises(ConfigurationError, match="async with"):
        server.tools()
    async with server:
        with pytest.raises(ConfigurationError, match="opened before"):
            async with server:
                pass
        echo = tool_of(server, "height_of")

        def elsewhere():
            async def use():
                await echo({"tower": "N"})

            with pytest.raises(ConfigurationError, match="another event loop"):
                asyncio.run(use())

        await asyncio.to_thread(elsewhere)
        assert "open>" in repr(server)
    assert repr(server).endswith("closed>")
