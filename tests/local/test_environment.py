"""The server's environment is a short list of harmless names."""

import os

from minillm.local.environment import child_environment


def test_what_an_interpreter_needs_passes():
    """Without these it would not start, or not find its libraries."""
    needed = {
        "PATH": "/bin",
        "HOME": "/home/a",
        "LC_ALL": "C",
        "PYTHONPATH": "/x",
        "LD_LIBRARY_PATH": "/y",
        "Path": "C:",
    }
    assert child_environment(needed) == needed


def test_no_secret_passes_under_any_name():
    """Names nobody could list: so only a list of what may pass is safe."""
    secrets = dict.fromkeys(
        (
            "OPENAI_API_KEY",
            "GROQ_API_KEY",
            "MY_COMPANY_CREDS",
            "DATABASE_URL",
            "HF_TOKEN",
            "CUDA_API_KEY",
            "GGML_TOKEN",
        ),
        "canary",
    )
    assert child_environment(secrets) == {}


def test_it_is_taken_from_this_process(monkeypatch):
    """The default is os.environ as it is at that moment."""
    monkeypatch.setenv("LC_MINILLM", "here")
    monkeypatch.setenv("MINILLM_SOMETHING", "canary")
    environment = child_environment()
    assert environment["LC_MINILLM"] == "here"
    assert environment["PATH"] == os.environ["PATH"]
    assert "MINILLM_SOMETHING" not in environment
