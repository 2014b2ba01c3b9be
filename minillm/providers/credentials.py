"""Keys: where they come from, read when a request is made, and never shown."""

import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import wraps
from typing import Any, TypeAlias

from ..errors import ConfigurationError
from .provider import Auth, Provider

__all__ = [
    "KeyCallable",
    "KeySource",
    "Secret",
    "SecretHeaders",
    "ask_key",
    "check_headers",
    "discreet",
    "keep_discreet",
    "key_headers",
    "redact",
    "resolve_key",
]


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


#: Gives the key for one request: a plain function, or an asynchronous one.
KeyCallable: TypeAlias = Callable[[], str | Awaitable[str]]
KeySource: TypeAlias = Secret | KeyCallable | None


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


async def ask_key(provider: Provider, ask: KeyCallable) -> Secret:
    """The key that a callable gives now.

    Raises:
        ConfigurationError: what it gave is no text. What it raises itself is raised as it is.
    """
    value: object = ask()
    if isinstance(value, Awaitable):
        value = await value
    if isinstance(value, str):
        return Secret(value.strip())
    kind = type(value).__name__
    del value  # it may be the key all the same, and some tools show the variables of a frame
    raise ConfigurationError(f"{provider.name}: api_key() must return the key as a str, not {kind}")


def resolve_key(provider: Provider, key: Secret | None, key_env: str | None, *, own_base_url: bool) -> Secret | None:
    """The key for a request, or None where there is none and none is needed.

    Args:
        key: given outright, or by the user's callable (:func:`ask_key`).
        key_env: an environment variable named by the user.
        own_base_url: the request goes to the row's own address. The row's environment key belongs to
            that address alone: it is never sent to an overridden one.

    Raises:
        ConfigurationError: the host needs a key and none was found; the message says where one is read from.
    """
    if key is not None:
        if not key:
            raise ConfigurationError(
                f"the API key for {provider.name} is empty (a generator that was pickled or loaded loses its key); "
                "give api_key= again"
            )
        return key
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


def discreet(function: Callable[..., Any]) -> Callable[..., Any]:
    """Errors leave without the frames they came through: their variables hold the key as it was given, and
    some tools show variables."""

    @wraps(function)
    def discreet(*arguments: Any, **settings: Any) -> Any:
        try:
            return function(*arguments, **settings)
        except (ConfigurationError, TypeError) as error:
            arguments = ()
            settings.clear()
            raise error.with_traceback(None) from None

    return discreet


def keep_discreet(kind: type, *methods: str) -> None:
    """Make all class methods of a class discreet, and these of its methods."""
    for name, member in dict(vars(kind)).items():
        if isinstance(member, classmethod):
            setattr(kind, name, classmethod(discreet(member.__func__)))
        elif name in methods:
            setattr(kind, name, discreet(member))
