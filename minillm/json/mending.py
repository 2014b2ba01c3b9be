"""The commonest faults of models, mended in one pass over the text, in time that grows with its length alone.

Raw line breaks inside strings, trailing and doubled commas, comments, Python's ``True False None``, and NaN: what
a regular expression can tell without guessing. The mended text counts only where it is JSON then.
"""

import re

__all__ = ["mend"]

# Each alternative runs to the end of the text where its own end is missing: so nothing is read twice,
# and the time is linear for any input. A "//" or "#" after a word or colon is no comment but an address.
_TOKEN = re.compile(
    r"""
    (?P<string>"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\Z|\\\Z))
    |(?P<comment>(?<![\w:/])(?://|\#)[^\n]*+|/\*[^*]*+(?:\*(?!/)[^*]*+)*+(?:\*/|\Z))
    |(?P<comma>,(?=(?:\s++|(?://|\#)[^\n]*+|/\*[^*]*+(?:\*(?!/)[^*]*+)*+\*/)*+[}\],]))
    |(?P<word>(?<![\w.+-])-?(?:True|False|None|NaN|Infinity)(?![\w.]))
    """,
    re.DOTALL | re.VERBOSE,
)
_WORDS = {"True": "true", "False": "false", "None": "null"}
_CONTROLS = {code: f"\\u{code:04x}" for code in range(0x20)} | {0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t"}
_CONTROL = re.compile(r"[\x00-\x1f]")


def mend(text: str) -> str:
    """The text with these faults removed; the same text where it has none."""
    return _TOKEN.sub(_mended, text)


def _mended(token: re.Match[str]) -> str:
    text = token[0]
    match token.lastgroup:
        case "string":
            return text.translate(_CONTROLS) if _CONTROL.search(text) else text
        case "word":
            return _WORDS.get(text) or f'"{text}"'  # JSON has no such number: its name is kept
        case _:
            return ""
