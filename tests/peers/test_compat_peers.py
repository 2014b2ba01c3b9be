"""`minillm compat` against servers that are not ours: it tells what they leave unread, and what it tells is true."""

import json
from collections.abc import Iterator

import pytest

from minillm import GeneratorInfo
from minillm.compat import Plan, Results, Target, Verdict, compat
from tests.peers.harness import HERE, fetch_json, free_port, node, program, running

pytestmark = pytest.mark.peers

WIRES = {
    "openai_chat_completions": ("gpt-4o", "/v1", "/v1"),
    "openai_responses": ("gpt-4o", "/v1", "/v1"),
    "anthropic_messages": ("claude-sonnet-4-5", "/anthropic/v1", "/v1"),
    "gemini_generate_content": ("gemini-2.5-flash", "/gemini/v1beta", "/v1beta"),
}
ANSWERING = {"plain", "stream", "framing", "cancel", "models", "choice_auto"}


@pytest.fixture(scope="module")
def canned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """aimock with three answers and no ear for anything else."""
    port = free_port()
    script = program("npm", "node_modules", "@copilotkit", "aimock", "dist", "cli.js")
    fixtures = HERE / "compat_fixtures.json"
    command = (node(), script, "-h", "127.0.0.1", "-p", str(port), "-f", fixtures, "--strict", "--log-level", "warn")
    base = f"http://127.0.0.1:{port}"
    with running(command, ready=f"{base}/health", log=tmp_path_factory.mktemp("aimock") / "log"):
        yield base


async def found(wire: str, model: str, base_url: str) -> Results:
    generator = GeneratorInfo.custom(model, base_url=base_url, wire=wire, api_key="none-needed")
    return await compat(Plan(targets=[Target("peer", generator)], timeout=20, retry=0))


@pytest.mark.parametrize("wire", WIRES)
async def test_a_server_that_makes_answers_up_passes_nothing_by_it(llmock: str, wire: str) -> None:
    model, path, _ = WIRES[wire]
    results = await found(wire, model, llmock + path)
    got = {name: row.verdict for (_, name), row in results.rows.items()}
    assert got["plain"] is got["stream"] is got["tools"] is Verdict.PASS
    shown = {"system", "memory", "image", "pdf", "long_input", "tool_result", "prefill", "reasoning"}
    assert {name for name in shown if got[name] is Verdict.PASS} == set()
    if wire == "openai_chat_completions":
        assert (got["n"], got["stop"], got["logprobs"]) == (Verdict.PASS, Verdict.FAIL, Verdict.FAIL)


@pytest.mark.parametrize("wire", WIRES)
async def test_canned_answers_fail_where_something_was_promised(canned: str, wire: str) -> None:
    model, _, path = WIRES[wire]
    results = await found(wire, model, canned + path)
    got = {name: row.verdict for (_, name), row in results.rows.items()}
    promised = {"json_schema", "choice_required", "choice_named", "choice_none"}
    assert {name: got[name] for name in promised} == dict.fromkeys(promised, Verdict.FAIL)
    passed = {name for name, verdict in got.items() if verdict is Verdict.PASS}
    tools = {"tools", "tools_stream"}  # one of the answers is a call
    told = {"usage", "stream_usage", "reasoning_stream", "error_400", "error_stream"}
    assert passed <= ANSWERING | tools | told


async def test_a_failure_is_true(llmock: str) -> None:
    """The same body, sent by hand: a text that was to end the answer stands in it."""
    results = await found("openai_chat_completions", "gpt-4o", f"{llmock}/v1")
    exchange = results.rows["peer", "stop"].exchanges[-1]
    body = json.loads(exchange.request)
    answer = fetch_json(f"{llmock}/v1/chat/completions", body)
    assert body["stop"][0] in answer["choices"][0]["message"]["content"]
