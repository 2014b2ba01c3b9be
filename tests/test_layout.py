"""Tests mirror the package: minillm/wire/sse.py is tested by tests/wire/test_sse.py, and nothing else claims to be."""

from tests.import_graph import REPOSITORY, read_sources

TESTS = REPOSITORY / "tests"

# Without a test file of its own, and why.
UNMIRRORED = {
    "__main__.py": "one line; the tests of the cli run it",
    "types/json_value.py": "names of types; nothing runs",
    "transforms/scanner.py": "a contract and a record; nothing runs",
    "types/native.py": "a type alias and one value; every codec test uses it",
    "tools/mcp/link.py": "a contract; nothing runs",
    "wire/codec.py": "a contract and a record of quirks; nothing runs",
}

# Tested together, in one file about what they do as one; module (or folder with its slash) -> that file.
_CHAT = "wire/openai_chat_completions"
TOGETHER: dict[str, str] = {
    **{f"{_CHAT}/{name}.py": f"{_CHAT}/test_request.py" for name in ("messages", "parameters", "results", "tools")},
    **{
        f"{_CHAT}/{name}.py": f"{_CHAT}/test_response.py"
        for name in ("beside", "calls", "citations", "content", "dialect", "reasoning", "usage")
    },
    **{f"{_CHAT}/{name}.py": f"{_CHAT}/test_stream.py" for name in ("chunk", "frames", "stream_encoder")},
    "tools/mcp/session.py": "tools/mcp/test_server.py",
    **{f"compat/{name}": "compat/test_probes.py" for name in ("probe.py", "probes/", "subject.py", "verdict.py")},
    "compat/plan.py": "compat/test_run.py",
    "compat/settings.py": "compat/test_planning.py",
    "cli/compat/": "cli/test_compat.py",
    "cli/trials/options.py": "cli/test_compat.py",
    "trials/provider_table.py": "trials/test_targets.py",
}


def modules():
    return [path for path in read_sources() if not path.endswith("__init__.py")]


def test_path(module: str) -> str:
    folder, slash, name = module.rpartition("/")
    return f"{folder}{slash}test_{name.lstrip('_')}"


test_path.__test__ = False  # type: ignore[attr-defined]  # it only is called like one


def test_every_module_has_its_tests():
    """A reader of a module knows where to look, and a gap shows."""
    exempt = (*UNMIRRORED, *TOGETHER)
    missing = [m for m in modules() if not m.startswith(exempt) and not (TESTS / test_path(m)).exists()]
    assert missing == []


def test_the_exceptions_are_still_needed():
    """An exception whose reason is gone goes too."""
    for exempt in (*UNMIRRORED, *TOGETHER):
        covered = [m for m in modules() if m.startswith(exempt)]
        assert covered, f"{exempt} is gone"
        assert [m for m in covered if (TESTS / test_path(m)).exists()] == [], f"{exempt} has tests of its own now"
    assert [file for file in TOGETHER.values() if not (TESTS / file).exists()] == []


def test_every_test_file_says_what_it_is_about():
    """One sentence, at its top."""
    files = sorted(TESTS.rglob("test_*.py"))
    assert [str(path) for path in files if not path.read_text("utf-8").startswith('"""')] == []
