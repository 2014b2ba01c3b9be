"""What holds for every test: no key, no proxy, no network beyond this machine, no clock in a verdict.

``live`` tests (real hosts, real keys) are deselected unless ``--live`` is given. ``local`` (the real
model) and ``peers`` (third-party servers and clients) run where they can; ``tests/required.py`` says
which of them must.
"""

import functools
import os
import signal
import socket
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# A slow, shared machine must not turn a right answer into a failure: no deadlines.
settings.register_profile("minillm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("minillm")

# Rows of the catalogue add theirs; these are what people have in their environment whatever the catalogue holds.
KEY_VARIABLES = frozenset(
    f"{name}_API_KEY"
    for name in (
        "ANTHROPIC",
        "AZURE",
        "AZURE_OPENAI",
        "CEREBRAS",
        "CLOUDFLARE",
        "DEEPSEEK",
        "FIREWORKS",
        "GEMINI",
        "GOOGLE",
        "GROQ",
        "HUGGINGFACE",
        "MINILLM",
        "MINIMAX",
        "MISTRAL",
        "MOONSHOT",
        "OLLAMA",
        "OPENAI",
        "OPENROUTER",
        "PERPLEXITY",
        "TOGETHER",
        "XAI",
        "ZAI",
    )
) | {
    "ANTHROPIC_AUTH_TOKEN",
    "AZURE_OPENAI_AD_TOKEN",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "CLOUDFLARE_ACCOUNT_ID",
    "CLOUDFLARE_API_TOKEN",
    "FIREWORKS_AI_API_KEY",
    "HF_TOKEN",
    "OPENAI_BASE_URL",
    "OPENAI_ORG_ID",
    "OPENAI_ORGANIZATION",
    "OPENAI_PROJECT_ID",
    "PPLX_API_KEY",
    "TOGETHER_AI_API_KEY",
}

PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "WS_PROXY", "WSS_PROXY", "NO_PROXY")


class NetworkBlocked(RuntimeError):
    """A test reached for another machine. Not an OSError: no client may take it for a broken line."""


def pytest_configure(config: pytest.Config) -> None:
    """A shell's background job begins without Ctrl-C; tests of it, and the programs they start, need it back."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--live", action="store_true", help="run the tests that talk to real hosts with real keys")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--live"):
        return
    live = [item for item in items if item.get_closest_marker("live")]
    if live:
        config.hook.pytest_deselected(items=live)
        items[:] = [item for item in items if not item.get_closest_marker("live")]


def key_variables() -> frozenset[str]:
    """Every environment variable that may hold a key, those of the catalogue's rows included."""
    return KEY_VARIABLES | _catalogue_variables()


@functools.cache
def _catalogue_variables() -> frozenset[str]:
    from minillm.providers.catalog import PROVIDERS

    keys = (name for row in PROVIDERS.values() for name in row.key_env)
    variables = (name for row in PROVIDERS.values() for name in row.variables.values())
    return frozenset((*keys, *variables))


@pytest.fixture(autouse=True)
def clean_environment(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key and no proxy of the developer's reaches a test; a live test keeps both."""
    if request.node.get_closest_marker("live"):
        return
    for name in key_variables():
        monkeypatch.delenv(name, raising=False)
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    # aiohttp and urllib also ask the operating system: this tells them that nothing goes through a proxy.
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture(autouse=True)
def no_foreign_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sockets of this process reach this machine only; a live test is free."""
    if request.node.get_closest_marker("live"):
        return
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        _refuse_foreign(self, address)
        return connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        _refuse_foreign(self, address)
        return connect_ex(self, address)

    def guarded_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        # ``.invalid`` and ``.test`` never resolve (RFC 2606): a test may ask for the failure without the network.
        name = host.decode() if isinstance(host, bytes) else host
        if name is None or _is_local(name):
            return getaddrinfo(host, *args, **kwargs)
        if name.rstrip(".").endswith((".invalid", ".test")):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        raise NetworkBlocked(f"a test looked up {name!r}; use 127.0.0.1, or mark the test live")

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)


@pytest.fixture(autouse=True)
def only_prices_that_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's bill does not depend on what is installed: published prices are asked where a test says so."""
    from minillm.cost import tables

    monkeypatch.setattr(tables, "_known", tables.Known(listed=False))


def _refuse_foreign(sock: socket.socket, address: Any) -> None:
    unix = getattr(socket, "AF_UNIX", None)
    if sock.family == unix or not isinstance(address, tuple) or _is_local(str(address[0])):
        return
    raise NetworkBlocked(f"a test tried to connect to {address[0]}:{address[1]}; use 127.0.0.1, or mark the test live")


def _is_local(host: str) -> bool:
    return host in ("localhost", "::1", "", "0.0.0.0", "::") or host.startswith("127.") or host == socket.gethostname()


def pytest_report_header() -> str:
    return f"MINILLM_REQUIRE={os.environ.get('MINILLM_REQUIRE', '')!r}"
