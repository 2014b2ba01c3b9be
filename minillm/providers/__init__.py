"""Floor 4: hosts as rows, and the keys that open them."""

from . import tailored
from .catalog import CUSTOM, LOCAL, PROVIDERS, get_provider
from .credentials import (
    KeyCallable,
    KeySource,
    Secret,
    SecretHeaders,
    ask_key,
    check_headers,
    key_headers,
    redact,
    resolve_key,
)
from .provider import BEARER, Auth, Endpoint, Provider

__all__ = [
    "BEARER",
    "CUSTOM",
    "LOCAL",
    "PROVIDERS",
    "Auth",
    "Endpoint",
    "KeyCallable",
    "KeySource",
    "Provider",
    "Secret",
    "SecretHeaders",
    "ask_key",
    "check_headers",
    "get_provider",
    "key_headers",
    "redact",
    "resolve_key",
    "tailored",
]
