"""Floor 4: hosts as rows, and the keys that open them."""

from . import tailored
from .capabilities import NOT_TAKEN, Capabilities, MediaLimits, capabilities_on
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
from .openrouter import ProviderSettings
from .provider import BEARER, Auth, Endpoint, Provider

__all__ = [
    "BEARER",
    "CUSTOM",
    "LOCAL",
    "NOT_TAKEN",
    "PROVIDERS",
    "Auth",
    "Capabilities",
    "Endpoint",
    "KeyCallable",
    "KeySource",
    "MediaLimits",
    "Provider",
    "ProviderSettings",
    "Secret",
    "SecretHeaders",
    "ask_key",
    "capabilities_on",
    "check_headers",
    "get_provider",
    "key_headers",
    "redact",
    "resolve_key",
    "tailored",
]
