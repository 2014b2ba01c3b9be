"""Runs that are killed and go on: nothing finished runs again, nothing is skipped, what was cut is reported."""

import json
import os
import subprocess
import sys

import pytest

from tests.import_graph import REPOSITORY

# 50 and more are one run's proof: python -m tests.chat.killed_runs 50
KILLS = 10


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the killer forks its children")
def test_a_killed_run_goes_on_where_it_was() -> None:
    command = [sys.executable, "-m", "tests.chat.killed_runs", str(KILLS)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["broken"] == [], f"seed {found['seed']}"
    assert found["kills"] == KILLS
