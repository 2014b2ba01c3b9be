"""Keys: where they come from, to whom they go, and that they never show."""

import copy
import pickle
import traceback

import pytest

from minillm.errors import ConfigurationError
from minillm.providers import (
    BEARER,
    Auth,
    Endpoint,
    Provider,
    Secret,
    SecretHeaders,
    ask_key,
    check_headers,
    key_headers,
    redact,
    resolve_key,
)
from minillm.providers.credentials import keep_discreet

CANARY = "canary-k3y-0123456789"
HOST = Provider(name="host", endpoints=(Endpoint(base_url="https://host.test"),), key_env=("HOST_KEY", "HOST_TOKEN"))
OPEN = Provider(name="open", endpoints=HOST.endpoints, key_env=("HOST_KEY",), key_required=False)


def resolved(provider=HOST, key=None, key_env=None, *, own=True):
    found = resolve_key(provider, key, key_env, own_base_url=own)
    return None if found is None else found.reveal()


def test_a_secret_shows_itself_only_when_asked():
    secret = Secret(CANARY)
    assert secret.reveal() == CANARY
    for shown in (repr(secret), str(secret), f"{secret}", f"{secret!r:>40}", repr([secret]), repr({"k": secret})):
        assert CANARY not in shown
    assert secret == Secret(CANARY)
    assert hash(secret) == hash(Secret(CANARY))
    assert secret != Secret("other")
    assert secret != CANARY
    assert not Secret("")
    assert repr(Secret("")) == "Secret('')"


def test_a_pickle_of_a_secret_is_empty():
    data = pickle.dumps(Secret(CANARY))
    assert CANARY.encode() not in data
    assert not pickle.loads(data)


def test_a_copy_in_this_program_keeps_the_secret():
    for again in (copy.copy(Secret(CANARY)), copy.deepcopy([Secret(CANARY)])[0]):
        assert again.reveal() == CANARY


def test_headers_show_their_names_only():
    headers = SecretHeaders({"authorization": CANARY, "x-title": "app"})
    assert repr(headers) == str(headers) == "{'authorization': '***', 'x-title': '***'}"
    assert headers["authorization"] == CANARY
    assert CANARY not in repr([headers])
    assert CANARY not in f"{headers}"


def test_a_pickle_of_headers_keeps_their_names_and_says_what_is_missing():
    data = pickle.dumps(SecretHeaders({"x-key": CANARY}))
    assert CANARY.encode() not in data
    again = pickle.loads(data)
    assert list(again) == ["x-key"]
    with pytest.raises(ConfigurationError, match="header 'x-key' is empty"):
        check_headers(again, "host")


def test_a_copy_of_headers_keeps_their_values():
    headers = SecretHeaders({"x-key": CANARY})
    for again in (copy.copy(headers), copy.deepcopy(headers)):
        assert again == headers
        assert again is not headers
        assert CANARY not in repr(again)


def test_a_given_key_wins_over_the_environment(monkeypatch):
    monkeypatch.setenv("HOST_KEY", "environment")
    assert resolved(key=Secret(CANARY)) == CANARY


def test_the_environment_is_read_for_every_request(monkeypatch):
    for value in ("one", "two"):
        monkeypatch.setenv("HOST_KEY", value)
        assert resolved() == value


def test_the_first_variable_that_is_set_counts(monkeypatch):
    monkeypatch.setenv("HOST_KEY", "  ")
    monkeypatch.setenv("HOST_TOKEN", " token\n")
    assert resolved() == "token"


@pytest.mark.parametrize("kind", ["plain", "asynchronous"])
async def test_a_callable_is_asked_for_every_request(kind):
    keys = iter(["one", "two\n"])

    def plain():
        return next(keys)

    async def asynchronous():
        return next(keys)

    ask = {"plain": plain, "asynchronous": asynchronous}[kind]
    assert [(await ask_key(HOST, ask)).reveal() for _ in range(2)] == ["one", "two"]


@pytest.mark.parametrize("empty", ["", " \n"])
async def test_an_empty_key_is_an_error_and_no_reason_to_look_elsewhere(empty, monkeypatch):
    monkeypatch.setenv("HOST_KEY", "environment")
    for key in (Secret(""), await ask_key(HOST, lambda: empty)):
        with pytest.raises(ConfigurationError, match="give api_key= again"):
            resolved(key=key)


@pytest.mark.parametrize("value", [None, CANARY.encode(), 7])
async def test_a_callable_must_give_text(value):
    async def later():
        return value

    for ask in (lambda: value, later):
        with pytest.raises(
            ConfigurationError, match=rf"api_key\(\) must return the key as a str, not {type(value).__name__}"
        ) as caught:
            await ask_key(HOST, ask)
        assert "value" not in caught.traceback[-1].frame.f_locals


def test_the_hosts_own_variable_is_never_sent_elsewhere(monkeypatch):
    """A base_url from a config file must not collect the keys of the environment."""
    monkeypatch.setenv("HOST_KEY", CANARY)
    with pytest.raises(ConfigurationError, match="belongs to its own address; give api_key= or api_key_env="):
        resolved(own=False)
    assert resolved(OPEN, own=False) is None


def test_a_variable_that_the_user_named_goes_where_the_user_says(monkeypatch):
    monkeypatch.setenv("MY_KEY", CANARY)
    assert resolved(key_env="MY_KEY", own=False) == CANARY
    assert resolved(key_env="MY_KEY") == CANARY


def test_a_variable_that_the_user_named_must_be_set(monkeypatch):
    """Even where another one is, and where no key is needed."""
    monkeypatch.setenv("HOST_KEY", "environment")
    for provider in (HOST, OPEN):
        with pytest.raises(ConfigurationError, match=r"MY_KEY .* is not set"):
            resolved(provider, key_env="MY_KEY")


def test_a_missing_key_is_told_with_where_it_is_read_from():
    with pytest.raises(ConfigurationError, match="set HOST_KEY or HOST_TOKEN in the environment"):
        resolved()
    assert resolved(OPEN) is None


def test_a_key_goes_into_its_header():
    headers = key_headers(BEARER, Secret(CANARY))
    assert headers["authorization"] == f"Bearer {CANARY}"
    assert CANARY not in repr(headers)
    assert key_headers(Auth("api-key", ""), Secret(CANARY)) == {"api-key": CANARY}


def test_an_echoed_key_is_blanked():
    text = f"Incorrect API key provided: {CANARY}. Header was 'Bearer {CANARY}' and x-other was s3cret-value"
    clean = redact(text, ["s3cret-value"], Secret(CANARY))
    assert clean == "Incorrect API key provided: ***. Header was 'Bearer ***' and x-other was ***"


def test_a_header_with_a_scheme_is_blanked_without_it_too():
    assert redact(f"bad token {CANARY}", [f"Bearer {CANARY}"], None) == "bad token ***"


@pytest.mark.parametrize("length", range(6, len(CANARY)))
def test_a_key_that_was_cut_off_with_its_text_is_blanked(length):
    """Texts are cut at fixed lengths; most of a key is as good as a key."""
    assert redact("You sent " + CANARY[:length], [], Secret(CANARY)) == "You sent ***"


def test_a_key_that_json_spells_with_escapes_is_blanked():
    assert redact('{"sent": "abc\\/def+ghi"}', [], Secret("abc/def+ghi")) == '{"sent": "***"}'


def test_short_values_are_words_and_stay():
    assert redact("an app like any app", ["app"], Secret("any")) == "an app like any app"


class Held:
    def __init__(self, key: str) -> None:
        raise ConfigurationError("no")

    @classmethod
    def made(cls, key: str) -> "Held":
        raise ConfigurationError("never")


def test_errors_of_a_discreet_class_hold_no_frame_with_a_key():
    """The frames between hold what was given."""
    keep_discreet(Held, "__init__")
    for make in (Held, Held.made):
        with pytest.raises(ConfigurationError) as caught:
            make(CANARY)
        frames = [frame for frame, _ in traceback.walk_tb(caught.value.__traceback__)][1:]
        assert frames
        assert all(CANARY not in repr(frame.f_locals) for frame in frames)
