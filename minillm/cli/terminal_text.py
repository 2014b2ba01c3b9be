"""Text from a model, a file or a host, made safe to show: it can no longer steer the terminal.

A terminal obeys what is printed on it: ESC sequences move the cursor, set the title, write to the
clipboard (ECMA-48; xterm's control sequences); C1 bytes do the same without an ESC; bidirectional
overrides show a text in another order than it has (CVE-2021-42574, "Trojan Source"). Each such
character is replaced by a visible sign of itself, one at a time, so a text that comes in pieces is as
safe as a whole one.
"""

__all__ = ["one_line", "shown"]

_SIGNS: dict[int, str] = {
    **{code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\n\t"},  # ␛ for ESC, ␍ for CR, ...
    0x7F: "␡",
    **{code: f"<U+{code:04X}>" for code in range(0x80, 0xA0)},  # C1
    **{code: f"<U+{code:04X}>" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))},  # bidi
    **dict.fromkeys(range(0xD800, 0xE000), "�"),  # half a character: no encoding can write it
}


def shown(text: str) -> str:
    """``text`` with every character that a terminal would obey replaced by a sign; newlines and tabs stay."""
    return text.replace("\r\n", "\n").translate(_SIGNS)


def one_line(text: str, limit: int | None = None) -> str:
    """``shown`` on a single line, white space joined, at most ``limit`` characters with an ellipsis."""
    # Cut first: a megabyte of text costs no more than what is seen of it.
    head = text if limit is None else text[: 4 * limit]
    line = shown(" ".join(head.split()))
    if limit is not None and (len(line) > limit or len(head) < len(text)):
        line = line[: limit - 1].rstrip() + "…"
    return line
