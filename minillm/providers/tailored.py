"""Rows that depend on what the user says: any server, a project on Vertex AI, a dated Azure surface."""

import os
from dataclasses import replace
from typing import Final

from ..wire.codec import Quirks
from .catalog import CUSTOM, get_provider
from .documented import VERTEX_ANTHROPIC, VERTEX_GEMINI
from .endpoints import vertex_address
from .provider import BEARER, Auth, Endpoint, Provider

__all__ = ["azure_dated", "custom", "vertex_anthropic", "vertex_gemini"]

# How the wires' own vendors are signed to; a server that speaks them elsewhere mostly takes the same.
_AUTHS: Final = {
    "anthropic_messages": Auth("x-api-key", ""),
    "gemini_generate_content": Auth("x-goog-api-key", ""),
}
_HEADERS: Final = {"anthropic_messages": {"anthropic-version": "2023-06-01"}}
_MESSAGES: Final = get_provider("anthropic").endpoints[0].quirks


def custom(
    name: str, base_url: str, wire: str, quirks: Quirks | None, profile: str | os.PathLike[str] | None = None
) -> Provider:
    """Any server that speaks a known wire.

    Args:
        quirks: how its dialect differs; None is what most servers have, and what the profile says over it.
        profile: a file that says what it takes; see :func:`load_profile`.

    Raises:
        ConfigurationError: the profile cannot be read, or speaks of another protocol.
    """
    usual = {CUSTOM.endpoints[0].wire: CUSTOM.endpoints[0].quirks, "anthropic_messages": _MESSAGES}
    endpoint = Endpoint(
        wire=wire,
        base_url=base_url,
        auth=_AUTHS.get(wire, BEARER),
        headers=_HEADERS.get(wire, {}),
        quirks=usual.get(wire, Quirks()) if quirks is None else quirks,
    )
    row = replace(CUSTOM, name=name, endpoints=(endpoint,))
    return row if profile is None else _profiled(row, endpoint, quirks, profile)


def _profiled(row: Provider, endpoint: Endpoint, quirks: Quirks | None, path: str | os.PathLike[str]) -> Provider:
    from .profile import load_profile

    profile = load_profile(path)
    profile.check_wire(endpoint.wire)
    endpoint = replace(
        endpoint,
        quirks=profile.over(endpoint.quirks) if quirks is None else quirks,
        capabilities=profile.capabilities,
    )
    streaming = row.streaming if profile.streaming is None else profile.streaming
    return replace(row, endpoints=(endpoint,), streaming=streaming)


def vertex_gemini(project: str, location: str) -> Provider:
    """Gemini on Vertex AI."""
    endpoint = Endpoint(
        wire="gemini_generate_content",
        base_url=vertex_address(project, location, "v1beta1"),
        shape="gemini_on_vertex",
        capabilities=VERTEX_GEMINI,
    )
    return Provider(name="vertex_gemini", label="Gemini on Vertex AI", endpoints=(endpoint,))


def vertex_anthropic(project: str, location: str) -> Provider:
    """Claude on Vertex AI."""
    endpoint = Endpoint(
        wire="anthropic_messages",
        base_url=vertex_address(project, location, "v1") + "/publishers/anthropic/models",
        quirks=_MESSAGES,
        shape="anthropic_on_vertex",
        capabilities=VERTEX_ANTHROPIC,
    )
    return Provider(name="vertex_anthropic", label="Claude on Vertex AI", endpoints=(endpoint,))


def azure_dated(api_version: str) -> Provider:
    """Azure OpenAI's dated surface, for deployments that the v1 surface does not serve yet."""
    row = get_provider("azure")
    endpoint = replace(
        row.endpoints[0],
        base_url="https://{resource}.openai.azure.com/openai",
        query={"api-version": api_version},
        shape="azure_deployment",
    )
    return replace(row, endpoints=(endpoint,))
