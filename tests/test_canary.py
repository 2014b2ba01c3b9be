"""A key planted wherever a key can come from shows up nowhere: no repr, error, log, file, pickle or traceback.

Tracebacks are taken with the variables of every frame, as error trackers take them, chained errors
included; only the frames of this file are left out, for the key stands in them on purpose.
"""

import asyncio
import copy
import json
import logging
import pickle
import traceback

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from minillm import (
    APIError,
    BranchFailed,
    ChatNode,
    ConfigurationError,
    CostLedger,
    DecodeError,
    GeneratorInfo,
    MiniLLMError,
    MockTransport,
    StreamInterrupted,
    TimeoutExceeded,
    TransportError,
    load_env,
    loop_local,
)
from minillm.local.process import RunningServer
from minillm.providers import Endpoint, Provider
from minillm.transport import MockResponse

CANARY = "c4n4ry-0123456789-abcdef"
HINTS = (CANARY, CANARY[:10], "Y2FuYXJ5", CANARY.encode().hex())

ANSWER = {
    "id": "c-1",
    "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello."}, "finish_reason": "stop"}],
}


def shown(*values):
    """What a curious program prints of values."""
    texts = []
    for value in values:
        texts += [repr(value), str(value), f"{value}", repr(getattr(value, "__dict__", "")), repr([value])]
    return "\n".join(texts)


def told(error):
    """Everything an error tracker keeps of an error."""
    whole = traceback.TracebackException.from_exception(error, capture_locals=True)
    parts = [whole, *_chained(whole)]
    lines = []
    for part in parts:
        lines += part.format_exception_only()
        lines += [f"{frame.name} {frame.locals}" for frame in part.stack if not _ours(frame.filename)]
    return "\n".join([*lines, shown(error, *getattr(error, "attempts", ())), repr(pickle.dumps(error))])


def _chained(part):
    for after in (part.__cause__, part.__context__):
        if after is not None:
            yield after
            yield from _chained(after)


def _ours(filename):
    return filename == __file__ or "/_pytest/" in filename or "pytest_asyncio" in filename


def assert_silent(text):
    for hint in HINTS:
        assert hint not in text


@pytest.fixture(autouse=True)
def silent_logs(caplog):
    """Every logger at its loudest, and not a word of the key in it."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("asyncio").setLevel(logging.DEBUG)
    yield
    assert_silent(caplog.text)


@pytest.fixture
async def host():
    """A real server that does what the path's last word but two says."""
    hang = asyncio.Event()

    async def handler(request):
        way = request.match_info["way"]
        if way == "echo":
            sent = dict(request.headers)
            return web.json_response({"error": {"message": f"bad key {CANARY}", "sent": sent}}, status=401)
        if way == "redirect":
            raise web.HTTPTemporaryRedirect(f"/other?key={CANARY}")
        if way == "hang":
            await hang.wait()
        if way == "garbage":
            return web.Response(text=f"<html>{request.headers}", content_type="application/json")
        if way == "ok":
            return web.json_response(ANSWER)
        answer = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await answer.prepare(request)
        await answer.write(b'data: {"choices": [{"index": 0, "delta": {"content": "Hel"}}]}\n\n')
        if way == "cut":
            request.transport.abort()
        else:
            await hang.wait()
        return answer

    app = web.Application()
    app.router.add_post("/{way}/chat/completions", handler)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server(shutdown_timeout=0.01)
    yield f"http://127.0.0.1:{server.port}"
    await loop_local.aclose()
    await server.close()


# ---------------------------------------------------------------- where a key can come from


def by_argument(url, monkeypatch, tmp_path):
    return GeneratorInfo.openai("m", base_url=url, api_key=CANARY)


def by_callable(url, monkeypatch, tmp_path):
    return GeneratorInfo.openai("m", base_url=url, api_key=lambda: CANARY)


def by_header(url, monkeypatch, tmp_path):
    return GeneratorInfo.openai("m", base_url=url, headers={"Authorization": f"Bearer {CANARY}"})


def by_another_header(url, monkeypatch, tmp_path):
    return GeneratorInfo.custom("m", base_url=url, headers={"x-secret": CANARY})


def by_plan(url, monkeypatch, tmp_path):
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path))
    (tmp_path / ".credentials.json").write_text(json.dumps({"claudeAiOauth": {"accessToken": CANARY}}))
    plan = GeneratorInfo.claude_subscription("m")
    row = Provider(name="claude_subscription", endpoints=(Endpoint(base_url=url),))
    return plan.replace(provider=row)


def by_environment(url, monkeypatch, tmp_path):
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    row = Provider(name="openai", endpoints=(Endpoint(base_url=url),), key_env=("OPENAI_API_KEY",))
    return GeneratorInfo(model="m", provider=row)


def by_named_variable(url, monkeypatch, tmp_path):
    monkeypatch.setenv("MY_SECRET", CANARY)
    return GeneratorInfo.openai("m", base_url=url, api_key_env="MY_SECRET")


def by_env_file(url, monkeypatch, tmp_path):
    monkeypatch.setenv("MY_SECRET", "")
    monkeypatch.delenv("MY_SECRET")
    path = tmp_path / ".env"
    path.write_text(f"MY_SECRET={CANARY}\n")
    assert_silent(shown(load_env(path)))
    return GeneratorInfo.openai("m", base_url=url, api_key_env="MY_SECRET")


def by_query(url, monkeypatch, tmp_path):
    row = Provider(name="h", endpoints=(Endpoint(base_url=url, query={"key": CANARY}),), key_required=False)
    return GeneratorInfo(model="m", provider=row)


def by_local_server(url, monkeypatch, tmp_path):
    async def running(_):
        return RunningServer(base_url=url, api_key=CANARY, alias="m", pid=0)

    monkeypatch.setattr("minillm.client.http_model.server_for", running)
    return GeneratorInfo.local()


SOURCES = [
    by_argument,
    by_callable,
    by_header,
    by_another_header,
    by_plan,
    by_environment,
    by_named_variable,
    by_env_file,
    by_query,
    by_local_server,
]

WAYS = {
    "echo": (APIError, {}),
    "redirect": (APIError, {}),
    "garbage": (DecodeError, {}),
    "hang": (TimeoutExceeded, {"first_byte_timeout": 0.02}),
    "hang longer": (TimeoutExceeded, {"deadline": 0.02}),
    "cut": (StreamInterrupted, {}),
    "silence": (TimeoutExceeded, {"idle_timeout": 0.02}),
    "silence for long": (TimeoutExceeded, {"deadline": 0.02}),
}


async def completed(node, gen, options):
    await node.complete(gen, **options)


async def streamed(node, gen, options):
    async with node.stream(gen, **options) as stream:
        await stream.finish()


async def branched(node, gen, options):
    await node.branch(gen, n=2, **options)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("ask", [completed, streamed, branched])
@pytest.mark.parametrize("way", WAYS)
async def test_no_failure_shows_the_key(way, ask, source, host, monkeypatch, tmp_path):
    kind, options = WAYS[way]
    gen = source(f"{host}/{way.split()[0]}", monkeypatch, tmp_path)
    node = ChatNode.root().add_user("Hi")
    ledger = CostLedger()
    with pytest.raises(MiniLLMError) as caught:
        await ask(node, gen, {"retry": 0, "cost_callback": ledger, **options})
    ledger.save_jsonl(tmp_path / "bill.jsonl")
    assert len(ledger.attempts) == (2 if ask is branched else 1)
    assert_silent(shown(ledger, *ledger.attempts, *ledger.entries) + (tmp_path / "bill.jsonl").read_text())
    errors = caught.value.errors if isinstance(caught.value, BranchFailed) else [caught.value]
    assert all(isinstance(error, kind) for error in errors)
    for error in (caught.value, *errors):
        assert_silent(told(error))
    assert_silent(shown(gen, node, *node.attempts) + node.to_tree_json() + repr(pickle.dumps(node)))


@pytest.mark.parametrize("source", SOURCES)
async def test_no_good_answer_shows_the_key(source, host, monkeypatch, tmp_path):
    gen = source(f"{host}/ok", monkeypatch, tmp_path)
    ledger = CostLedger()
    reply = await ChatNode.root().chat("Hi", gen, cost_callback=ledger)
    assert ledger.save_jsonl(tmp_path / "bill.jsonl") == 1
    assert_silent(shown(ledger, *ledger.attempts) + (tmp_path / "bill.jsonl").read_text())
    reply.save_thread(tmp_path / "thread.json")
    reply.save_tree(tmp_path / "tree.jsonl")
    saved = (tmp_path / "thread.json").read_text() + (tmp_path / "tree.jsonl").read_text()
    assert_silent(saved + shown(reply, reply.response, reply.attempts, reply.cost) + repr(pickle.dumps(reply)))


@pytest.mark.parametrize(
    "source", [source for source in SOURCES if source not in (by_local_server, by_callable, by_query)]
)
def test_no_generator_shows_the_key(source, monkeypatch, tmp_path):
    """A callable itself cannot be pickled by all means; a query is data of a row (see its docstring)."""
    gen = source("https://h.test/v1", monkeypatch, tmp_path)
    assert_silent(shown(gen, copy.deepcopy(gen), gen.replace(model="n")) + repr(pickle.dumps(gen)))


def test_a_query_is_not_shown(monkeypatch, tmp_path):
    assert_silent(shown(by_query("https://h.test/v1", monkeypatch, tmp_path)))


@pytest.mark.parametrize(
    "settings",
    [
        {"base_url": f"https://user:{CANARY}@h.test/v1"},
        {"base_url": f"https://{CANARY}@h.test/v1"},
        {"base_url": f"https://h.test/v1?key={CANARY}"},
        {"base_url": f"http:/{CANARY}"},
        {"wire": "morse"},
        {"model": ""},
    ],
)
def test_no_refused_setting_shows_the_key(settings):
    with pytest.raises(ConfigurationError) as caught:
        GeneratorInfo.openai(**{"model": "m", "api_key": CANARY, **settings})
    assert_silent(told(caught.value))


@pytest.mark.parametrize("bad", [f"{CANARY}\r\nx: y", f"{CANARY}\0", f"{CANARY}\n{CANARY}"])
async def test_no_refused_header_shows_the_key(bad, host):
    for gen in (
        GeneratorInfo.openai("m", base_url=f"{host}/ok", api_key=bad),
        GeneratorInfo.custom("m", base_url=f"{host}/ok", headers={"x-secret": bad}),
    ):
        with pytest.raises(ConfigurationError) as caught:
            await ChatNode.root().chat("Hi", gen)
        assert_silent(told(caught.value))


async def test_no_refused_address_shows_the_key():
    for gen in (
        GeneratorInfo.openai("m", base_url="http://elsewhere.test", api_key=CANARY),  # plain http
        GeneratorInfo.openai("m", base_url="https://nowhere.invalid", api_key=CANARY),  # no such host
        GeneratorInfo.openai("m", base_url="http://127.0.0.1:1", api_key=CANARY),  # nobody listens
    ):
        with pytest.raises((ConfigurationError, TransportError)) as caught:
            await ChatNode.root().chat("Hi", gen, retry=1, back_off_time=0)
        assert_silent(told(caught.value))


async def test_a_callable_that_gives_the_wrong_thing_does_not_show_it():
    with pytest.raises(ConfigurationError) as caught:
        await ChatNode.root().chat("Hi", GeneratorInfo.openai("m", api_key=CANARY.encode))
    assert_silent(told(caught.value))


async def test_a_variable_that_is_missing_shows_no_other(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    for gen in (
        GeneratorInfo.openai("m", api_key_env="NOT_SET"),
        GeneratorInfo.openai("m", base_url="https://h.test/v1"),
    ):
        with pytest.raises(ConfigurationError) as caught:
            await ChatNode.root().chat("Hi", gen)
        assert_silent(told(caught.value))


async def test_a_body_that_repeats_the_key_is_blanked_in_every_field():
    """By the mock, whose script can hold what no real server would say."""
    error = {"message": CANARY, "code": CANARY, "type": CANARY, "param": CANARY, "metadata": {"raw": [CANARY]}}
    for status in (200, 400, 401, 429, 500):
        transport = MockTransport(
            MockResponse.json({"error": error, "request_id": CANARY}, status, {"x-request-id": "r"})
        )
        gen = GeneratorInfo.openai("m", api_key=CANARY, transport=transport)
        with pytest.raises(APIError) as caught:
            await ChatNode.root().chat("Hi", gen, retry=0)
        assert_silent(told(caught.value))


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("way", ["hang", "silence"])
async def test_cancellation_carries_no_frames_with_the_key(way, source, host, monkeypatch, tmp_path):
    """A timeout of the caller's own is raised from the cancellation, with all the frames it came through."""
    node = ChatNode.root().add_user("Hi")
    gen = source(f"{host}/{way}", monkeypatch, tmp_path)
    for ask in (completed, streamed):
        with pytest.raises(TimeoutError) as caught:
            async with asyncio.timeout(0.05):
                await ask(node, gen, {})
        assert isinstance(caught.value.__cause__, asyncio.CancelledError)
        assert_silent(told(caught.value))


def test_the_test_can_fail():
    """A traceback with the key in a frame of another file is seen."""
    namespace = {}
    exec(compile("def leak(key):\n    raise KeyError('no key in here')", "elsewhere.py", "exec"), namespace)
    with pytest.raises(KeyError) as caught:
        namespace["leak"](CANARY)
    with pytest.raises(AssertionError):
        assert_silent(told(caught.value))
