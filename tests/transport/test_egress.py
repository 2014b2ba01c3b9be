"""What may leave this machine."""

import pytest

from minillm.errors import ConfigurationError
from minillm.transport.egress import (
    NetworkBlock,
    block_network,
    carries_credentials,
    check_egress,
    check_headers,
    destination,
    is_loopback,
    is_public,
)

HERE = ["127.0.0.1", "127.9.9.9", "localhost", "LOCALHOST", "localhost.", "app.localhost", "::1", "::ffff:127.0.0.1"]
ELSEWHERE = [
    "example.test",
    "localhost.example.test",
    "127.0.0.1.example.test",
    "notlocalhost",
    "10.0.0.1",
    "192.168.1.1",
    "0.0.0.0",
    "::",
    "127.1",
    "2130706433",
    "::ffff:10.0.0.1",
    "fe80::1",
    "",
]


@pytest.mark.parametrize("host", HERE)
def test_this_machine_is_known_by_its_spellings(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ELSEWHERE)
def test_any_other_spelling_is_another_machine(host: str) -> None:
    """Odd spellings that some resolvers take for this machine are not trusted with a key."""
    assert not is_loopback(host)


@pytest.mark.parametrize("url", ["https://api.example.test/v1", "http://127.0.0.1:8080/v1", "http://[::1]:80/"])
def test_a_key_may_go_over_tls_or_to_this_machine(url: str) -> None:
    check_egress(url, headers_carry_credentials=True)


def test_a_key_does_not_go_over_plain_http() -> None:
    url = "http://api.example.test:8080/v1/sk-path?key=sk-query"
    check_egress(url, headers_carry_credentials=False)
    with pytest.raises(ConfigurationError, match=r"api\.example\.test:8080 over plain http") as caught:
        check_egress(url, headers_carry_credentials=True)
    assert "sk-" not in str(caught.value)


def test_a_password_in_the_url_is_a_credential() -> None:
    with pytest.raises(ConfigurationError, match="over plain http") as caught:
        check_egress("http://user:secret@api.example.test/v1")
    assert "secret" not in str(caught.value)
    check_egress("https://user:secret@api.example.test/v1")
    check_egress("http://user:secret@127.0.0.1/v1")


@pytest.mark.parametrize(
    "url",
    ["", "api.example.test/v1", "ftp://a/", "file:///etc/passwd", "http://", "http://a:b/", "http://[::1/", "//a/"],
)
def test_what_is_no_http_url_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ConfigurationError, match="base_url"):
        check_egress(url)


def test_a_destination_shows_host_and_port_only() -> None:
    assert str(destination("https://user:secret@API.example.test/v1?key=sk")) == "api.example.test:443"
    assert str(destination("http://[::1]:8080/v1")) == "[::1]:8080"


def test_the_network_is_blocked_until_the_block_is_lifted() -> None:
    block = block_network()
    try:
        with pytest.raises(ConfigurationError, match=r"block_network\(\) is in force, and a\.test:443"):
            check_egress("https://a.test/")
        check_egress("http://127.0.0.1:1/", headers_carry_credentials=True)
        check_egress("http://localhost:1/")
    finally:
        block.lift()
    check_egress("https://a.test/")
    block.lift()


def test_blocks_nest_and_end_with_their_with() -> None:
    with block_network() as outer:
        assert isinstance(outer, NetworkBlock)
        with block_network(), pytest.raises(ConfigurationError):
            check_egress("https://a.test/")
        with pytest.raises(ConfigurationError):
            check_egress("https://a.test/")
    check_egress("https://a.test/")


def test_a_block_ends_with_an_error_too() -> None:
    with pytest.raises(ZeroDivisionError), block_network():
        raise ZeroDivisionError
    check_egress("https://a.test/")


@pytest.mark.parametrize("value", ["sk-secret\n", "sk-secret\r", "a\r\nX-Other: sk-secret", "sk-secret\0"])
def test_a_header_value_cannot_begin_another_header(value: str) -> None:
    with pytest.raises(ConfigurationError, match="header 'x-api-key'") as caught:
        check_headers({"accept": "*/*", "x-api-key": value})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a\nb", "a\r\nb: c", "ä"])
def test_a_header_name_is_a_token(name: str) -> None:
    with pytest.raises(ConfigurationError, match="no name for a header"):
        check_headers({name: "1"})


@pytest.mark.parametrize("value", [None, 1, b"bytes"])
def test_a_header_value_is_a_string(value: object) -> None:
    with pytest.raises(ConfigurationError, match=f"'x' is a {type(value).__name__}, not a str"):
        check_headers({"x": value})  # type: ignore[dict-item]


def test_ordinary_headers_pass() -> None:
    check_headers({"Authorization": "Bearer sk-é", "x-goog-api-key": "", "a!#$%&'*+.^_`|~9-": "\t tab"})


@pytest.mark.parametrize("name", ["Authorization", "X-API-Key", "x-goog-api-key", "api-key", "Cookie"])
def test_headers_that_vendors_take_keys_in_are_credentials(name: str) -> None:
    assert carries_credentials({"accept": "*/*", name: "x"})


def test_other_headers_are_no_credentials() -> None:
    assert not carries_credentials({"accept": "*/*", "x-title": "minillm", "anthropic-version": "2023-06-01"})


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1"]
)
def test_addresses_of_the_public_net(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "198.18.0.1",
        ),
        *("192.0.2.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.0.8"),
        *("::", "::1", "fc00::1", "fe80::1", "fe80::1%eth0", "ff02::1", "2001:db8::1", "::ffff:10.0.0.1"),
        *("2002:a00:1::1", "2002:7f00:1::", "64:ff9b::10.0.0.1", "64:ff9b:1::127.0.0.1", "::127.0.0.1"),
        "2001:0:0:0:0:0:f5ff:fffe",
    ],
)
def test_inner_addresses_and_their_spellings_are_not_public(address):
    """Mapped, translated and tunnelled ones too: they lead to the same machines."""
    assert not is_public(address)


def test_a_name_is_no_address():
    with pytest.raises(ValueError, match="does not appear to be"):
        is_public("localhost")
