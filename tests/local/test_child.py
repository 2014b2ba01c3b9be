"""The real child process: it answers, keeps its secrets, and goes with its parent however that one goes."""

import dataclasses
import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from minillm.local import child, server_for
from tests.local.conftest import wait_until_gone

pytestmark = pytest.mark.local

PARENT = """
import asyncio, os, signal, sys, time
from minillm.local import LocalServer, server_for
server = asyncio.run(server_for(LocalServer()))
print(server.pid, server.base_url, flush=True)
"""


def ask(url, path, key=None, body=None):
    """Status and JSON of one plain HTTP exchange."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url.removesuffix("/v1") + path, data=data)
    request.add_header("content-type", "application/json")
    if key is not None:
        request.add_header("authorization", f"Bearer {key}")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


CHAT = "/v1/chat/completions"
QUESTION = {"messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 8}
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Get the weather in a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


async def test_it_answers_as_soon_as_it_is_handed_out(real_server):
    """Listening comes before the model is loaded: nobody should see the 503 in between."""
    server = await server_for(real_server)
    status, body = ask(server.base_url, CHAT, server.api_key, QUESTION)
    assert status == 200
    assert body["choices"][0]["message"]["content"]
    assert body["model"] == server.alias


async def test_unnamed_sampling_is_that_of_the_models_makers(real_server):
    """What the settings say is what the server uses; a request that names its own is not touched."""
    server = await server_for(real_server)
    _, props = ask(server.base_url, "/props", server.api_key)
    sampling = props["default_generation_settings"]["params"]
    assert (round(sampling["temperature"], 3), round(sampling["top_p"], 3)) == (0.2, 0.9)


async def test_an_answer_without_a_limit_has_ours(real_server, stopped_after):
    """A model that small talks on and on; a request with a limit of its own keeps it."""
    server = await server_for(dataclasses.replace(real_server, max_tokens=5))
    for limit in ({}, {"max_tokens": 8}):
        question = {"messages": [{"role": "user", "content": "Tell a long story."}], **limit}
        _, body = ask(server.base_url, CHAT, server.api_key, question)
        assert body["usage"]["completion_tokens"] == limit.get("max_tokens", 5)
        assert body["choices"][0]["finish_reason"] == "length"


async def test_without_the_key_it_answers_nothing(real_server):
    """Any web page can make a browser send requests to ports of this machine."""
    server = await server_for(real_server)
    for key in (None, "wrong", server.api_key[:-1]):
        status, _ = ask(server.base_url, CHAT, key, QUESTION)
        assert status == 401


async def test_no_page_of_any_origin_may_read_an_answer(real_server):
    """By default llama.cpp allows every origin, and the health check needs no key."""
    server = await server_for(real_server)
    request = urllib.request.Request(server.base_url.removesuffix("/v1") + "/health")
    request.add_header("origin", "http://evil.example")
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert not answer.headers.get("access-control-allow-origin")


async def test_our_template_makes_tool_calls(real_server):
    """The model's own template does not know tools; nothing is asserted on what it calls them with."""
    server = await server_for(real_server)
    question = {"messages": [{"role": "user", "content": "What is the weather in Paris?"}], "max_tokens": 60}
    status, body = ask(server.base_url, CHAT, server.api_key, {**question, "temperature": 0, "tools": [TOOL]})
    assert status == 200
    assert body["choices"][0]["message"]["tool_calls"][0]["function"]["name"] == "get_weather"


async def test_our_template_says_every_kind_of_turn(real_server):
    """Calls, results, arguments of every type, functions without parameters: no case breaks it."""
    server = await server_for(real_server)
    properties = {name: {"type": name} for name in ("string", "integer", "number", "boolean", "array", "object")}
    tools = [
        {"type": "function", "function": {"name": "all", "parameters": {"type": "object", "properties": properties}}},
        {"type": "function", "function": {"name": "none"}},
    ]
    call = {"id": "1", "type": "function", "function": {"name": "all", "arguments": '{"string": "é\\"x"}'}}
    turns = [
        {"role": "system", "content": "S"},
        {"role": "user", "content": "U"},
        {"role": "assistant", "content": None, "tool_calls": [call, call]},
        {"role": "tool", "tool_call_id": "1", "content": "R"},
        {"role": "assistant", "content": "A"},
        {"role": "user", "content": "V"},
    ]
    status, body = ask(server.base_url, "/apply-template", server.api_key, {"messages": turns, "tools": tools})
    assert status == 200, body
    prompt = body["prompt"]
    assert prompt.startswith("<|im_start|>system\nS\n\n# Tools")
    assert prompt.endswith("<|im_start|>assistant\nA<|im_end|>\n<|im_start|>user\nV<|im_end|>\n<|im_start|>assistant\n")
    assert prompt.count('{"name": "all", "arguments": {"string": "é\\"x"}}\n</tool_call>') == 2
    assert "<tool_response>\nR\n</tool_response>" in prompt

    for first in tools:
        status, body = ask(
            server.base_url, "/apply-template", server.api_key, {"messages": turns[:2], "tools": [first]}
        )
        assert status == 200, body
        shown = body["prompt"].split("<|im_start|>assistant\n<tool_call>\n")[1].split("\n</tool_call>")[0]
        assert json.loads(shown)["name"] == first["function"]["name"]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_its_environment_and_arguments_hold_no_key(real_server, parent):
    """Other programs of the same user can read both."""
    program, (pid, _) = parent(PARENT + "time.sleep(600)")
    environment = Path(f"/proc/{pid}/environ").read_bytes()
    arguments = Path(f"/proc/{pid}/cmdline").read_bytes()
    assert b"canary" in Path(f"/proc/{program.pid}/environ").read_bytes()
    assert b"canary" not in environment
    assert b"KEY" not in environment
    assert len(arguments.split(b"\0")) == 4  # the interpreter, -P, the program, and the last one's end

    server = await server_for(real_server)
    for file in ("environ", "cmdline"):
        assert server.api_key.encode() not in Path(f"/proc/{server.pid}/{file}").read_bytes()


def test_it_goes_when_its_parent_is_killed(real_server, parent):
    """kill -9 leaves the parent no moment to tidy up."""
    program, (pid, _) = parent(PARENT + "time.sleep(600)")
    program.kill()
    program.wait()
    wait_until_gone(int(pid))


def test_it_goes_when_its_parent_is_interrupted(real_server, parent):
    """Ctrl-C reaches the whole process group; both go, and nothing of the child is printed."""
    program, (pid, _) = parent(PARENT + "time.sleep(600)")
    os.killpg(program.pid, signal.SIGINT)
    output, _ = program.communicate()
    wait_until_gone(int(pid))
    assert output.count("Traceback") == 1  # the parent's own KeyboardInterrupt


def test_it_stays_when_its_parent_takes_the_interrupt(real_server, parent):
    """A program may use Ctrl-C to end one answer; its server is there for the next."""
    program, (pid, url) = parent(
        PARENT + "signal.signal(signal.SIGINT, lambda *_: print('taken', flush=True))\n"
        "print('ready', flush=True)\nwhile True: time.sleep(600)"
    )
    assert program.stdout.readline() == "ready\n"
    os.killpg(program.pid, signal.SIGINT)
    assert program.stdout.readline() == "taken\n"
    assert ask(url, "/health") == (200, {"status": "ok"})
    program.kill()
    program.wait()
    wait_until_gone(int(pid))


def test_it_goes_when_its_parent_ends(real_server, parent):
    """Without a word from the user, and without a warning."""
    program, (pid, _) = parent("import warnings; warnings.simplefilter('error')\n" + PARENT)
    output, _ = program.communicate()
    assert (program.returncode, output) == (0, "")
    wait_until_gone(int(pid))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_it_goes_though_a_fork_of_its_parent_lives(real_server, parent):
    """A worker forked from the parent holds a copy of everything that is open, the child's input too."""
    program, (pid, _) = parent(
        PARENT + "if os.fork() == 0:\n    time.sleep(2)\n    os._exit(0)\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    program.wait()
    wait_until_gone(int(pid))


def test_it_does_not_serve_half_told_settings():
    """A parent that dies while it writes leaves a line without an end."""
    command = [sys.executable, "-P", child.__file__]
    done = subprocess.run(command, input=b'{"model_path": "/x"', capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_it_waits_until_the_model_is_loaded():
    """llama.cpp listens first and says 503 until then."""
    answers = [503, 503, 200]

    class Loading(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(answers.pop(0))
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer((child.LOOPBACK, 0), Loading) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        child.wait_until_loaded(f"http://{child.LOOPBACK}:{server.server_port}")
        server.shutdown()
    assert answers == []
