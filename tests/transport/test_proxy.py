"""Which proxy the environment names."""

import pytest

from minillm.errors import ConfigurationError
from minillm.transport.egress import destination
from minillm.transport.proxy import environment_proxies, proxy_for

HTTPS = destination("https://api.example.test/v1")
HTTP = destination("http://api.example.test:8080/v1")
HERE = destination("http://127.0.0.1:8080/v1")


@pytest.fixture(autouse=True)
def no_bypass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_PROXY")


def test_without_variables_there_is_none() -> None:
    assert environment_proxies() == {}
    assert proxy_for(HTTPS, {}) is None


def test_variables_of_either_case_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://a:1")
    monkeypatch.setenv("https_proxy", "http://b:2")
    monkeypatch.setenv("ALL_PROXY", "http://c:3")
    monkeypatch.setenv("FTP_PROXY", "http://d:4")
    assert environment_proxies() == {"http": "http://a:1", "https": "http://b:2", "all": "http://c:3"}


def test_the_schemes_own_proxy_comes_before_the_one_for_all() -> None:
    proxies = {"https": "http://b:2", "all": "http://c:3"}
    assert proxy_for(HTTPS, proxies) == "http://b:2"
    assert proxy_for(HTTP, proxies) == "http://c:3"


def test_a_proxy_without_a_scheme_is_an_http_one() -> None:
    assert proxy_for(HTTPS, {"https": "user:pw@b:2"}) == "http://user:pw@b:2"


@pytest.mark.parametrize("bypass", ["*", "example.test", ".example.test", "other,api.example.test", "API.EXAMPLE.TEST"])
def test_no_proxy_names_the_hosts_that_are_asked_directly(monkeypatch: pytest.MonkeyPatch, bypass: str) -> None:
    monkeypatch.setenv("NO_PROXY", bypass)
    assert proxy_for(HTTPS, {"https": "http://b:2"}) is None


def test_no_proxy_with_a_port_means_that_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "api.example.test:8080")
    assert proxy_for(HTTP, {"http": "http://a:1"}) is None
    assert proxy_for(HTTPS, {"https": "http://b:2"}) == "http://b:2"


def test_this_machine_is_asked_directly_always() -> None:
    assert proxy_for(HERE, {"http": "http://a:1", "all": "http://c:3"}) is None


@pytest.mark.parametrize("proxy", ["socks5://user:sk-secret@b:2", "ftp://b:2"])
def test_a_proxy_that_cannot_be_spoken_to_is_named(proxy: str) -> None:
    with pytest.raises(ConfigurationError, match=r"proxy for api\.example\.test:443, and only http") as caught:
        proxy_for(HTTPS, {"https": proxy})
    assert "sk-secret" not in str(caught.value)


@pytest.mark.parametrize("proxy", ["http://", "http://host:port", "http://[::1", "host:99999", "http://a:0"])
def test_a_proxy_that_is_no_url_is_not_shown(proxy: str) -> None:
    with pytest.raises(ConfigurationError, match="that is no URL") as caught:
        proxy_for(HTTPS, {"https": f"{proxy}"})
    assert proxy not in str(caught.value).removesuffix("http://host:port is one")
