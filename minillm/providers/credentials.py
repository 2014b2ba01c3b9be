"""Keys: where they come from, read when a request is made, and never shown."""

import os
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from ..errors import ConfigurationError
from .provider import Auth, Provider

__all__ = ["KeySource", "Secret", "SecretHeaders", "key_headers", "redact", "resolve_key"]


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


KeySource: TypeAlias = Secret | Callable[[], str] | None


class SecretHeaders(dict[str, str]):
    """Headers whose values are not shown: any of them may carry a key. A pickle keeps the names only."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "{" + ", ".join(f"{name!r}: '***'" for name in self) + "}"

    __str__ = __repr__

    def __reduce__(self) -> tuple[Any, ...]:
        return (SecretHeaders, ({},))


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
        found = key if isinstance(key, Secret) else Secret(key())
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


def key_headers(auth: Auth, key: Secret) -> SecretHeaders:
    """The header that carries the key."""
    return SecretHeaders({auth.header: auth.prefix + key.reveal()})


def redact(text: str, secrets: Mapping[str, str] | None, key: Secret | None) -> str:
    """``text`` without the key and without header values: some hosts echo them in their messages."""
    values = [] if key is None else [key.reveal()]
    values.extend((secrets or {}).values())
    for value in values:
        for form in (value, value.removeprefix("Bearer ")):
            if len(form) >= 6 and form in text:
                text = text.replace(form, "***")
    return text
