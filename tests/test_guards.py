"""The guards of the test run guard: no foreign network, no keys, nothing required is skipped."""

import asyncio
import os
import socket

import pytest

from tests import conftest, required

FOREIGN = ("192.0.2.1", 9)  # TEST-NET-1 (RFC 5737): nobody is there


def test_connecting_to_another_machine_is_refused() -> None:
    with socket.socket() as sock, pytest.raises(conftest.NetworkBlocked):
        sock.connect(FOREIGN)
    with socket.socket() as sock, pytest.raises(conftest.NetworkBlocked):
        sock.connect_ex(FOREIGN)
    with pytest.raises(conftest.NetworkBlocked):
        socket.create_connection(FOREIGN, timeout=1)


async def test_event_loops_are_guarded_too() -> None:
    with pytest.raises(conftest.NetworkBlocked):
        await asyncio.open_connection(*FOREIGN)


def test_looking_up_a_foreign_name_is_refused() -> None:
    with pytest.raises(conftest.NetworkBlocked):
        socket.getaddrinfo("example.com", 443)
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("nowhere.invalid", 443)


async def test_this_machine_can_be_reached() -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


def test_no_key_reaches_a_test() -> None:
    names = conftest.key_variables()
    assert {"OPENAI_API_KEY", "ANTHROPIC_API_KEY", "CLOUDFLARE_API_TOKEN"} <= names
    assert not names & os.environ.keys()


def test_required_thing_that_is_absent_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINILLM_REQUIRE", "corpus, peers")
    with pytest.raises(pytest.fail.Exception, match="peers is required"):
        required.demand("peers", False, "it is not there")
    with pytest.raises(pytest.skip.Exception, match="it is not there"):
        required.demand("local", False, "it is not there")
    required.demand("peers", True, "")


def test_unknown_requirement_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINILLM_REQUIRE", "corpse")
    with pytest.raises(pytest.UsageError, match="corpse"):
        required.required()
    with pytest.raises(ValueError, match="corpse"):
        required.demand("corpse", False, "")
