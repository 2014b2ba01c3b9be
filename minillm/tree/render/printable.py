"""Text from a model or a file, safe to show in a terminal or a page.

A terminal obeys control sequences, and bidirectional overrides make text read other than it is (the
"Trojan Source" attack, CVE-2021-42574); both are shown as escapes instead, and so are the direction marks, which are
seen by nobody and move what stands beside them. So are halves of surrogate pairs, which no file or terminal can take.
"""

import re

__all__ = ["STEERING", "printable"]

# C0 and C1 controls but for tab and newline; directional marks, embeddings, overrides and isolates; surrogates.
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """The text with everything that steers a terminal shown as ``\\x1b``-like escapes."""
    return STEERING.sub(_escaped, text.replace("\r\n", "\n"))


def _escaped(match: re.Match[str]) -> str:
    return ascii(match.group())[1:-1]
