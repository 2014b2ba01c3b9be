"""A Claude plan in place of a key: the token that Claude Code keeps, read for each request.

Read ``docs/generators.md`` first: the vendor's terms restrict what such a token may be used for. This file reads what
its owner has on this machine; it neither logs in, nor renews, nor says that it is another program.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from time import time
from typing import Any

from ..errors import ConfigurationError
from .catalog import get_provider
from .provider import BEARER, Provider

__all__ = ["SubscriptionToken", "claude_subscription"]

# Tokens of plans are refused without it.
_BETA = "oauth-2025-04-20"
_SOON = 10.0  # seconds: a token that ends on the way is as good as ended


class SubscriptionToken:
    """Gives the token for one request: of the environment, else of Claude Code's credential file.

    It holds none itself, so that one which Claude Code has renewed is taken up with the next request.
    """

    __slots__ = ()

    def __call__(self) -> str:
        """The token.

        Raises:
            ConfigurationError: there is none, or the file's has expired.
        """
        for value in (os.environ.get("ANTHROPIC_AUTH_TOKEN", ""), os.environ.get("CLAUDE_CODE_OAUTH_TOKEN", "")):
            if value.strip():
                return value.strip()
        return _of_file(_file())

    def __repr__(self) -> str:
        return "SubscriptionToken()"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SubscriptionToken)

    def __hash__(self) -> int:
        return hash(SubscriptionToken)


def claude_subscription(headers: Mapping[str, str]) -> tuple[Provider, dict[str, str]]:
    """Anthropic's row as plans are signed to it, and the user's headers beside it.

    ``anthropic-beta`` is a list: one of the user's own joins the one that plans need, and does not replace it.
    """
    row = get_provider("anthropic")
    betas = [_BETA]
    rest = {}
    for name, value in headers.items():
        if name.lower() == "anthropic-beta":
            betas += [beta for each in value.split(",") if (beta := each.strip()) and beta not in betas]
        else:
            rest[name] = value
    endpoint = row.endpoints[0]
    endpoint = replace(endpoint, auth=BEARER, headers={**endpoint.headers, "anthropic-beta": ",".join(betas)})
    return replace(row, name="claude_subscription", label="Claude plan", key_env=(), endpoints=(endpoint,)), rest


def _file() -> Path:
    """Where Claude Code keeps it on Linux and Windows; macOS has it in the keychain, which is not opened here."""
    folder = os.environ.get("CLAUDE_CONFIG_DIR", "").strip()
    return (Path(folder) if folder else Path.home() / ".claude") / ".credentials.json"


def _of_file(path: Path) -> str:
    try:
        text = path.read_text("utf-8")
    except OSError:
        raise ConfigurationError(
            "no token of a Claude plan: set ANTHROPIC_AUTH_TOKEN or CLAUDE_CODE_OAUTH_TOKEN (`claude setup-token` makes"
            f" one), or log in with Claude Code, which writes {path}"
        ) from None
    except UnicodeDecodeError:
        text = ""
    try:
        kept: Any = json.loads(text)
    except ValueError:
        kept = None
    del text  # tools that show the variables of a frame would show the token
    kept = kept.get("claudeAiOauth") if isinstance(kept, dict) else None
    token = kept.get("accessToken") if isinstance(kept, dict) else None
    ends = kept.get("expiresAt") if isinstance(kept, dict) else None
    del kept
    if not isinstance(token, str) or not token.strip():
        raise ConfigurationError(f"{path} holds no claudeAiOauth.accessToken; log in with Claude Code again")
    # Milliseconds since the epoch.
    if isinstance(ends, int | float) and not isinstance(ends, bool) and ends / 1000 <= time() + _SOON:
        del token
        raise ConfigurationError(f"the token in {path} has expired; Claude Code renews it when it is next used")
    return token.strip()
