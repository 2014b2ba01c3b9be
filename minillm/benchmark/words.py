"""Times, rates and shares as short words; what is not known is a dash."""

__all__ = ["UNKNOWN", "count_words", "rate_words", "share_words", "time_words"]

UNKNOWN = "-"


def time_words(seconds: float | None) -> str:
    """Three digits: ``430 µs``, ``12.3 ms``, ``1.50 s``, ``128 s``."""
    if seconds is None:
        return UNKNOWN
    if not seconds:
        return "0 s"
    for factor, unit in ((1e6, "µs"), (1e3, "ms")):
        if abs(seconds) * factor < 999.5:
            return f"{_three(seconds * factor)} {unit}"
    return f"{_three(seconds)} s"


def rate_words(a_second: float | None) -> str:
    """Three digits of a number a second."""
    return UNKNOWN if a_second is None else _three(a_second)


def share_words(share: float | None) -> str:
    """``97.5 %``; all and none only where it is all or none."""
    if share is None:
        return UNKNOWN
    if share in (0, 1):
        return f"{share:.0%}".replace("%", " %")
    return f"{min(max(share * 100, 0.1), 99.9):.1f} %"


def count_words(count: int | None) -> str:
    return UNKNOWN if count is None else f"{count:,}"


def _three(number: float) -> str:
    size = abs(number)
    if not size:
        return "0"
    if size >= 99.95:
        return f"{number:,.0f}"
    return f"{number:.1f}" if size >= 9.995 else f"{number:.2f}"
