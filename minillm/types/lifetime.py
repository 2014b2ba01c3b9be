"""How long a cached prompt lives, in the words of hosts: ``"5m"``, ``"1h"``, ``"300s"``."""

import re
from typing import Final

__all__ = ["lifetime_seconds"]

_FORM: Final = re.compile(r"([0-9]{1,6})([smhd])")
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def lifetime_seconds(text: str) -> int | None:
    """The seconds that ``"5m"`` stands for; None for what is no such text, and for none at all."""
    match = _FORM.fullmatch(text)
    return (int(match[1]) * _UNITS[match[2]] or None) if match else None
