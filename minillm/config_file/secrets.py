"""Keys do not belong into files that are shared, committed and shown."""

import re
from typing import Any

from .problems import Path

__all__ = ["secret_paths"]

# How vendors' keys begin; long enough that no word of a prompt is taken for one.
_KEY = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"(?:sk|pk|rk|csk|xai|pplx|nvapi)-[-_A-Za-z0-9]{16,}"
    r"|(?:sk|gsk|hf|r8|tgp|fw)_[A-Za-z0-9]{16,}"
    r"|gh[pousr]_[A-Za-z0-9]{20,}"
    r"|AIza[-_A-Za-z0-9]{20,}"
    r"|AKIA[A-Z0-9]{12,}"
    r"|ya29\.[-_A-Za-z0-9]{16,}"
    r")"
)
# A text that is nothing else may be a short one, of a test or a server of one's own; sk-learn is none.
_SHORT_SK = re.compile(r"sk-(?:[-_A-Za-z0-9]{9,}|(?=.*[0-9])[-_A-Za-z0-9]{4,})")

REFUSAL = (
    "looks like a key; a file names the environment variable that holds it, such as "
    'api_key_env = "OPENAI_API_KEY", and never the key itself'
)


def secret_paths(value: Any) -> list[Path]:
    """Where texts stand that look like a key."""
    found: list[Path] = []
    waiting: list[tuple[Path, Any]] = [((), value)]
    for path, item in waiting:  # grows while it is read
        if isinstance(item, dict):
            for key, inner in item.items():
                if _is_key(key):
                    found.append(path)
                waiting.append(((*path, key), inner))
        elif isinstance(item, list):
            waiting.extend(((*path, at), inner) for at, inner in enumerate(item))
        elif isinstance(item, str) and _is_key(item):
            found.append(path)
    return found


def _is_key(text: str) -> bool:
    if _SHORT_SK.fullmatch(text.strip()) is not None:
        return True
    # Words joined by hyphens have no digits; keys do.
    return any(any(map(str.isdigit, found[0])) for found in _KEY.finditer(text))
