"""Endpoints whose paths or bodies differ from their wire's own: a function a shape, looked up by name."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from ..errors import ConfigurationError, EncodeError
from ..types import ChatRequest

__all__ = ["SHAPES", "Shape", "check_address", "vertex_address"]

#: ``(path, body, request)`` as the wire says them, to path and body as the endpoint wants them.
Shape = Callable[[str, Mapping[str, Any], ChatRequest], tuple[str, Mapping[str, Any]]]


def _anthropic_on_vertex(path: str, body: Mapping[str, Any], request: ChatRequest) -> tuple[str, Mapping[str, Any]]:
    """The model moves into the path, the version into the body.
    https://docs.cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude/use-claude"""
    if not request.model:
        raise EncodeError("the model stands in the path on this endpoint, and the request names none", path="model")
    rest = {key: value for key, value in body.items() if key != "model"}
    method = "streamRawPredict" if request.stream else "rawPredict"
    return f"/{request.model}:{method}", {"anthropic_version": "vertex-2023-10-16", **rest}


def _gemini_on_vertex(path: str, body: Mapping[str, Any], request: ChatRequest) -> tuple[str, Mapping[str, Any]]:
    """Publisher and model stand behind the project's location; the wire's own path names the model already."""
    return f"/publishers/google{path}", body


def _azure_deployment(path: str, body: Mapping[str, Any], request: ChatRequest) -> tuple[str, Mapping[str, Any]]:
    """The dated surface names the deployment in the path; the body's model is not read there.
    https://learn.microsoft.com/azure/ai-foundry/openai/reference"""
    return f"/deployments/{request.model}{path}", body


SHAPES: Final[dict[str, Shape]] = {
    "anthropic_on_vertex": _anthropic_on_vertex,
    "gemini_on_vertex": _gemini_on_vertex,
    "azure_deployment": _azure_deployment,
}


_LOCATION: Final = re.compile(r"[A-Za-z0-9-]+")
_PROJECT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:-]*")  # old ones have a domain in front: example.com:project


def vertex_address(project: str, location: str, version: str) -> str:
    """The base of a Vertex AI endpoint: ``global`` and the multi-regions have hosts of their own.

    Raises:
        ConfigurationError: a name that is none. It decides where the token goes: ``"evil.test/"`` would take it there.
    """
    if not _LOCATION.fullmatch(location):
        raise ConfigurationError("location must be letters, digits and hyphens only, such as us-east5")
    if not _PROJECT.fullmatch(project):
        raise ConfigurationError("project must be letters, digits, hyphens, dots and colons only")
    host = {
        "global": "aiplatform.googleapis.com",
        "us": "aiplatform.us.rep.googleapis.com",
        "eu": "aiplatform.eu.rep.googleapis.com",
    }.get(location, f"{location}-aiplatform.googleapis.com")
    return f"https://{host}/{version}/projects/{project}/locations/{location}"


def check_address(address: str, host: str) -> None:
    """Refuse what cannot be, or must not be, part of an address. It is not shown: a refused one may hold a password.

    Raises:
        ConfigurationError: says what of it is wrong, and names the host.
    """
    from urllib.parse import urlsplit

    if not address.startswith(("http://", "https://")):
        raise ConfigurationError(f"{host}: base_url must start with http:// or https://")
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = None
    if parts is None or not parts.hostname:
        raise ConfigurationError(f"{host}: base_url names no host")
    if "@" in parts.netloc:
        raise ConfigurationError(
            f"{host}: base_url holds a user name or password, which would be shown and saved with it; "
            "give api_key= or headers="
        )
    if parts.query or parts.fragment:
        raise ConfigurationError(f"{host}: base_url must end before any '?' or '#'; the wire's path comes behind it")
