"""``minillm compat``, as a shell sees it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from minillm.cli import main
from minillm.compat import PROBES, load_results
from minillm.transport import HTTPRequest
from tests.compat import hosts
from tests.import_graph import REPOSITORY
from tests.wire import corpus

SLOW = 0.15  # seconds an answer of the slow host takes


class _Handler(BaseHTTPRequestHandler):
    """``hosts.obliging`` behind a socket; under ``/slow`` it takes its time."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0)) or None
        if self.path.startswith("/slow"):
            time.sleep(SLOW)
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = hosts.obliging(HTTPRequest(self.command, self.path, headers, body))
        data = (
            answer.body if isinstance(answer.body, bytes) else b"".join(x for x in answer.body if isinstance(x, bytes))
        )
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST  # noqa: N815  the name is the base class's

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as http:
        Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{http.server_address[1]}"
        http.shutdown()


@pytest.fixture
def configured(own_folder: Path, server: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MINE_KEY", hosts.KEY)
    text = f'[providers.mine]\nbase_url = "{server}/v1"\nmodels = ["m"]\napi_key_env = "MINE_KEY"\n'
    (own_folder / "llm-compat.toml").write_text(text)
    return own_folder


def test_a_run_shows_the_matrix_and_keeps_a_file(configured: Path, capsys) -> None:
    assert main(["compat", "run", "--profile", "host.json", "--html", "r.html"]) == 0
    shown = capsys.readouterr()
    assert f"mine:m: {len(PROBES)} pass" in shown.out
    assert "choice_required" in shown.out
    assert f"{len(PROBES)} probes of 1 targets" in shown.err
    (file,) = configured.glob("compat-*.jsonl")
    assert len(load_results(file).rows) == len(PROBES)
    assert json.loads((configured / "host.json").read_text("utf-8"))["capabilities"]["tools"] is True
    assert (configured / "r.html").read_text("utf-8").startswith("<!doctype html>")
    for path in configured.iterdir():
        assert hosts.KEY not in path.read_text("utf-8")


def test_json_is_all_of_standard_output_and_colours_are_none(configured: Path, capsys, monkeypatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert main(["compat", "run", "--json", "--probe", "plain", "--probe", "n", "-o", "r.jsonl"]) == 0
    value = json.loads(capsys.readouterr().out)
    assert value["matrix"] == {"plain": {"mine:m": "pass"}, "n": {"mine:m": "pass"}}
    assert main(["compat", "report", "r.jsonl"]) == 0
    assert "\x1b" not in capsys.readouterr().out
    assert main(["compat", "report", "r.jsonl", "--json", "--evidence"]) == 0
    assert json.loads(capsys.readouterr().out)["findings"][0]["exchanges"][0]["status"] == 200


def test_a_failure_and_silence_are_the_exit_code(own_folder: Path, server: str, capsys) -> None:
    assert main(["compat", "run", "--base-url", "http://127.0.0.1:9/v1", "-m", "m", "-o", "r.jsonl"]) == 1
    assert "a plain question is not answered" in capsys.readouterr().out
    assert main(["compat", "run", "--base-url", f"{server}/v1", "-m", "m", "-o", "k.jsonl", "--probe", "n"]) == 1
    assert "no access" in capsys.readouterr().out


def test_a_bad_file_is_a_mistake_that_names_its_place(own_folder: Path, capsys) -> None:
    (own_folder / "llm-compat.toml").write_text("[compat]\nprobe = 1\n")
    assert main(["compat", "run"]) == 2
    assert "llm-compat.toml:2:1: compat.probe: unknown key" in capsys.readouterr().err


def test_the_key_is_looked_for_before_anything_is_sent(configured: Path, capsys, monkeypatch) -> None:
    monkeypatch.delenv("MINE_KEY")
    assert main(["compat", "run"]) == 2
    assert "MINE_KEY" in capsys.readouterr().err
    assert list(configured.glob("*.jsonl")) == []


def test_whom_the_configuration_names_and_whether_keys_are_here(configured: Path, capsys) -> None:
    with (configured / "llm-compat.toml").open("a") as file:
        file.write('[providers.openai]\nmodels = ["gpt-5.4"]\nenabled = false\n')
    assert main(["compat", "providers", "--json"]) == 0
    mine, openai = json.loads(capsys.readouterr().out)
    assert (mine["key"], openai["key"]) == ("is here", "missing: OPENAI_API_KEY")
    assert openai["enabled"] is False
    assert main(["compat", "providers"]) == 0
    assert hosts.KEY not in capsys.readouterr().out


def test_probes_are_listed(own_folder: Path, capsys) -> None:
    assert main(["compat", "probes", "--json"]) == 0
    assert [row["name"] for row in json.loads(capsys.readouterr().out)] == list(PROBES)
    assert main(["compat", "probes"]) == 0
    assert "parallel_tools" in capsys.readouterr().out


def test_config_writes_a_file_that_runs_and_never_over_one(own_folder: Path, capsys) -> None:
    assert main(["compat", "config"]) == 0
    assert main(["compat", "providers"]) == 0
    assert main(["compat", "config"]) == 2
    assert main(["compat", "config", "--force"]) == 0


def test_cases_are_recorded_for_the_corpus(configured: Path, capsys, monkeypatch) -> None:
    assert main(["compat", "record", "cases", "--probe", "plain", "--probe", "tools_stream"]) == 0
    monkeypatch.setenv("MINILLM_WIRE_CORPUS", str(configured / "cases"))
    assert corpus.names("openai_chat") == ["mine_m_plain", "mine_m_tools_stream"]
    assert corpus.case("openai_chat", "mine_m_tools_stream").is_stream
    assert main(["compat", "record", "cases", "--probe", "plain"]) == 2
    assert "there already" in capsys.readouterr().err
    assert main(["compat", "record", "cases", "--text", "Say yes.", "--stream", "--name", "yes"]) == 0
    assert corpus.case("openai_chat", "yes").is_stream


def test_a_profile_is_of_one_target(configured: Path, capsys) -> None:
    assert main(["compat", "run", "-m", "m", "-m", "o", "--profile", "p.json"]) == 2
    assert "speaks of one target" in capsys.readouterr().err


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_what_was_found_outlives_the_program(configured: Path, capsys, sign: signal.Signals, code: int) -> None:
    """Interrupted or killed in its midst: the file loads, and a second run asks the rest alone."""
    command = [sys.executable, "-m", "minillm", "compat", "run", "-o", "r.jsonl", "--model", "m", "--concurrency", "1"]
    text = (configured / "llm-compat.toml").read_text("utf-8").replace("/v1", "/slow/v1")
    (configured / "llm-compat.toml").write_text(text)
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(command, cwd=configured, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        path = configured / "r.jsonl"
        while not path.exists() or path.read_bytes().count(b'"kind":"probe"') < 3:
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(sign)
        process.communicate(timeout=30)
    assert process.returncode == code
    before = load_results(path)
    assert 3 <= len(before.rows) < len(PROBES)
    capsys.readouterr()
    main(["compat", "report", "r.jsonl"])
    assert (
        f"Not finished: {'interrupted' if code == 130 else 'it runs still, or was killed'}." in capsys.readouterr().out
    )
    (configured / "llm-compat.toml").write_text(text.replace("/slow/v1", "/v1"))
    assert main(["compat", "run", "--resume", "r.jsonl"]) == 0
    assert len(load_results(path).rows) == len(PROBES)


def test_a_full_disk_names_the_file_and_shows_what_was_found(configured: Path) -> None:
    """Nothing more is asked; the file loads, and the rest can be asked later."""
    program = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))\n"
    program += "from minillm.cli import main; sys.exit(main(['compat', 'run', '-o', 'r.jsonl', '--concurrency', '1']))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "Not finished: r.jsonl cannot be written: File too large" in " ".join(done.stdout.split())
    assert "--resume r.jsonl" in done.stderr
    assert 1 <= len(load_results("r.jsonl").rows) < len(PROBES)


def test_a_file_of_results_is_neither_written_over_nor_mixed_with_anothers(configured: Path, capsys) -> None:
    assert main(["compat", "run", "--probe", "plain", "-o", "r.jsonl"]) == 0
    assert main(["compat", "run", "--probe", "n", "-o", "r.jsonl"]) == 2
    assert main(["compat", "run", "-m", "other", "--resume", "r.jsonl"]) == 2
    assert main(["benchmark", "report", "r.jsonl"]) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert "r.jsonl is there already; go on with it" in told
    assert "mine:m is not asked here" in told
    assert "results of minillm compat, not of minillm benchmark" in told


def test_a_server_by_its_address_is_measured_too(own_folder: Path, server: str, capsys, monkeypatch) -> None:
    monkeypatch.setenv("MINE_KEY", hosts.KEY)
    options = ["--base-url", f"{server}/v1", "-m", "m", "--key-env", "MINE_KEY", "-n", "2", "-o", "r.jsonl"]
    assert main(["benchmark", "run", *options]) == 0
    assert "2 answered, 0 failed" in capsys.readouterr().out
    assert hosts.KEY not in (own_folder / "r.jsonl").read_text("utf-8")
