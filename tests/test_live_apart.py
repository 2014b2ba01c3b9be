"""Live tests run when they are asked for, and not because a key happens to be there."""

import os
import subprocess
import sys

from tests.import_graph import REPOSITORY

KEYS = ("OPENROUTER_API_KEY", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "OPENAI_API_KEY", "GEMINI_API_KEY")


def collected(*options: str, **keys: str) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if name not in KEYS}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, "tests/live"],
        capture_output=True,
        text=True,
        check=False,
        cwd=REPOSITORY,
        env={**environment, **keys},
        timeout=60,
    )


def test_keys_alone_run_nothing():
    """All are deselected."""
    done = collected(**dict.fromkeys(KEYS, "sk-not-a-key"))
    assert "6 deselected" in done.stdout
    assert "passed" not in done.stdout
    assert "failed" not in done.stdout


def test_each_skips_alone_where_its_key_is_missing():
    """Asked for without any key, nothing reaches a host."""
    done = collected("--live")
    assert "6 skipped" in done.stdout
    assert all(f"{key} is not set" in done.stdout for key in KEYS)
