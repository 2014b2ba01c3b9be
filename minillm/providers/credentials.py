"""Keys: where they come from, read when a request is made, and never shown."""

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from ..errors import ConfigurationError
from .provider import Auth, Provider

__all__ = ["KeySource", "Secret", "SecretHeaders", "check_headers", "key_headers", "redact", "resolve_key"]


class Secret:
    """A key that shows itself only to :meth:`reveal`; a pickle of it is empty."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __repr__(self) -> str:
        return "Secret('***')" if self._value else "Secret('')"

    __str__ = __repr__

    def __reduce__(self) -> tuple[Any, ...]:
        return (Secret, ("",))

    def __copy__(self) -> "Secret":
        return self  # a copy stays in this program; only what may leave it is emptied

    def __deepcopy__(self, _: dict[int, Any]) -> "Secret":
        return self


KeySource: TypeAlias = Secret | Callable[[], str] | None


class SecretHeaders(dict[str, str]):
    """Headers whose values are not shown: any of them may carry a key. A pickle keeps the names only, and
    :func:`check_headers` then says what is missing."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "{" + ", ".join(f"{name!r}: '***'" for name in self) + "}"

    __str__ = __repr__

    def __reduce__(self) -> tuple[Any, ...]:
        return (SecretHeaders, (dict.fromkeys(self, ""),))

    def __copy__(self) -> "SecretHeaders":
        return SecretHeaders(self)

    def __deepcopy__(self, _: dict[int, Any]) -> "SecretHeaders":
        return SecretHeaders(self)


def check_headers(headers: Mapping[str, str], host: str) -> None:
    """See that every header of the user's has its value.

    Raises:
        ConfigurationError: one has none.
    """
    for name, value in headers.items():
        if not value:
            raise ConfigurationError(
                f"{host}: the header {name!r} is empty (a generator that was pickled or loaded loses the values); "
                "give headers= again"
            )


def resolve_key(provider: Provider, key: KeySource, key_env: str | None, *, own_base_url: bool) -> Secret | None:
    """The key for a request, or None where there is none and none is needed.

    Args:
        key: given outright, or a callable that gives it (asked for every request).
        key_env: an environment variable named by the user.
        own_base_url: the request goes to the row's own address. The row's environment key belongs to
            that address alone: it is never sent to an overridden one.

    Raises:
        ConfigurationError: the host needs a key and none was found; the message says where one is read from.
    """
    if key is not None:
        found = key if isinstance(key, Secret) else _called(provider, key)
        if not found:
            raise ConfigurationError(
                f"the API key for {provider.name} is empty (a generator that was pickled or loaded loses its key); "
                "give api_key= again"
            )
        return found
    names = (key_env,) if key_env is not None else provider.key_env if own_base_url else ()
    for name in names:
        value = os.environ.get(name, "").strip()
        if value:
            return Secret(value)
    if key_env is not None:
        raise ConfigurationError(f"the environment variable {key_env} for {provider.name}'s API key is not set")
    if not provider.key_required:
        return None
    if own_base_url:
        raise ConfigurationError(
            f"no API key for {provider.name}: set {' or '.join(provider.key_env)} in the environment "
            "(minillm.load_env() reads a .env file), or give api_key="
        )
    raise ConfigurationError(
        f"no API key for {provider.name} at an overridden base_url: its environment key belongs to its own "
        "address; give api_key= or api_key_env="
    )


def _called(provider: Provider, key: Callable[[], str]) -> Secret:
    value: object = key()
    if isinstance(value, str):
        return Secret(value.strip())
    kind = type(value).__name__
    close = getattr(value, "close", None)
    if close is not None:
        close()  # a coroutine would complain that nobody awaited it
    del value
    raise ConfigurationError(f"{provider.name}: api_key() must return the key as a str, not {kind}")


def key_headers(auth: Auth, key: Secret) -> SecretHeaders:
    """The header that carries the key."""
    return SecretHeaders({auth.header: auth.prefix + key.reveal()})


def redact(text: str, secrets: Iterable[str], key: Secret | None) -> str:
    """``text`` without the key and without what else is secret: some hosts echo them in their messages."""
    values = [] if key is None else [key.reveal()]
    values.extend(secrets)
    for value in values:
        for form in (value, value.removeprefix("Bearer "), value.replace("/", "\\/")):  # the last: as JSON may spell it
            if len(form) >= _TELLING:
                text = _without(form, text)
    return text


_TELLING = 6  # characters: shorter ones are words


def _without(secret: str, text: str) -> str:
    text = text.replace(secret, "***")
    # Texts are cut at fixed lengths, and a cut may have gone through the secret.
    for length in range(min(len(secret) - 1, len(text)), _TELLING - 1, -1):
        if text.endswith(secret[:length]):
            return text[:-length] + "***"
    return text
