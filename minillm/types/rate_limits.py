"""How fast a host may be asked, as its user says."""

from dataclasses import dataclass, fields

__all__ = ["RateLimits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimits:
    """The limits of a key at a host, for one model. None: not limited, or only as the host's headers say.

    Args:
        requests_per_minute: requests.
        tokens_per_minute: tokens of questions and answers together.
        input_tokens_per_minute: tokens of questions, where the host counts them apart.
        output_tokens_per_minute: tokens of answers, where the host counts them apart.
        concurrency: requests under way at a time.
        burst: so many seconds' worth may go out at once after a pause. Hosts allow a whole minute's; some spread it.
        learn: heed what the host says of its limits in its answers, too.

    Raises:
        ValueError: a limit that is no number above 0.
    """

    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    input_tokens_per_minute: float | None = None
    output_tokens_per_minute: float | None = None
    concurrency: int | None = None
    burst: float = 60.0
    learn: bool = True

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if item.name == "learn" or (value is None and item.name != "burst"):
                continue
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
                raise ValueError(f"RateLimits.{item.name} must be a number above 0, not {value!r}")
        if self.concurrency is not None and self.concurrency % 1:
            raise ValueError(f"RateLimits.concurrency must be a whole number, not {self.concurrency!r}")

    @property
    def given(self) -> bool:
        """Whether any limit is set."""
        return (
            self.requests_per_minute is not None
            or self.tokens_per_minute is not None
            or self.input_tokens_per_minute is not None
            or self.output_tokens_per_minute is not None
            or self.concurrency is not None
        )
