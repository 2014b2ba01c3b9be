"""The recorded exchanges as witnesses of money: what hosts counted and billed, beside what we say.

Run as a program it writes the tables of docs/costs.md anew: ``python -m tests.cost.recorded``.
"""

import json
import re
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from functools import cache

from minillm.cost import Calibration, cost_of, families
from minillm.cost.calibration import expected, shape_of
from minillm.cost.published import published
from minillm.cost.size import RequestSize, measure
from minillm.cost.tokens import Tokens
from minillm.errors import MiniLLMError
from minillm.report import Report
from minillm.types import ChatRequest, Usage
from minillm.wire import get_codec
from minillm.wire.sse import SSEDecoder
from tests.wire import corpus

PAGE = corpus.REPOSITORY / "docs" / "costs.md"
WIRES = {
    "anthropic_messages": "anthropic_messages",
    "gemini_generate": "gemini_generate_content",
    "openai_chat": "openai_chat_completions",
    "openai_responses": "openai_responses",
}

# Where the list's figure is not the host's, and why.
EXPLAINED = {
    "openai_chat/openrouter_annotations_cost": "the advisor it called, another model, is on the same bill",
    "openai_chat/openrouter_error_in_200": "a free variant; the list does not have it",
    "openai_chat/openrouter_reasoning_encrypted": "no longer listed; by xAI's own $0.20, $0.05, $0.50 it is 100 %",
    "openai_chat/perplexity_citations": "a search in a small context is $5 a thousand; the list has the highest, $12",
    "openai_chat/perplexity_stream_usage_every_chunk": "the same fee",
    "openai_chat/vercel_gateway_signature": "the list does not have this gateway",
    "openai_chat/web_search_annotations": "the search, $5 a thousand, is in no price of OpenRouter's",
    "openai_responses/image_generation": "a picture is billed by the piece; the recorded sum is a placeholder",
}


@dataclass(frozen=True)
class Recorded:
    """One recorded exchange: request, where its publisher kept it, and what was counted."""

    name: str
    host: str
    model: str
    at: float | None
    request: ChatRequest | None
    usage: Usage

    @property
    def counted(self) -> int:
        """Prompt tokens, without those that the host's own tools read."""
        return (self.usage.input_tokens or 0) - (self.usage.tool_use_tokens or 0)


@cache
def recorded() -> tuple[Recorded, ...]:
    """All exchanges with usage."""
    return tuple(_cases())


def _cases() -> Iterator[Recorded]:
    for folder, wire in WIRES.items():
        for name in corpus.names(folder):
            case = corpus.case(folder, name)
            usage = _usage(case, wire) if case.has_body and case.status < 400 else None
            if usage is None:
                continue
            date = case.headers.get("date")
            yield Recorded(
                f"{folder}/{name}",
                str(case.meta.get("provider") or ""),
                str(case.meta.get("model") or ""),
                None if date is None else parsedate_to_datetime(date).timestamp(),
                _request(case, wire),
                usage,
            )


def _usage(case: corpus.Case, wire: str) -> Usage | None:
    codec = get_codec(wire)
    try:
        if not case.is_stream:
            return codec.decode_response(json.loads(case.body), report=Report.ignore()).usage
        decoder, frames = codec.stream_decoder(native=False, report=Report.ignore()), SSEDecoder()
        decoder.feed_many(frames.feed(case.body))
        decoder.feed_many(frames.finish())
        decoder.finish()
    except (MiniLLMError, ValueError):
        return None
    return decoder.usage


def _request(case: corpus.Case, wire: str) -> ChatRequest | None:
    if case.request is None:
        return None
    try:
        return get_codec(wire).decode_request(case.request, model=case.meta.get("model"), report=Report.ignore())
    except MiniLLMError:
        return None


def billed() -> list[tuple[Recorded, float | None]]:
    """Exchanges whose host told a sum, with the list's figure as a share of it; None where the list has no price."""
    prices, rows = published(), []
    assert prices is not None
    for each in recorded():
        if each.usage.cost_usd is None:
            continue
        price = prices.price(each.host, each.model, each.at)
        cost = cost_of(replace(each.usage, cost_usd=None), price)
        share = None if cost.usd is None or not each.usage.cost_usd else float(cost.usd / each.usage.cost_usd)
        rows.append((each, share))
    return rows


@dataclass(frozen=True)
class Judged:
    """One estimate beside what was counted."""

    case: Recorded
    size: RequestSize
    tokens: Tokens

    @property
    def error(self) -> float:
        """How far the likely number is off, as a share of the true one."""
        return abs(self.tokens.likely - self.case.counted) / self.case.counted

    @property
    def room(self) -> float:
        """The upper bound as a multiple of the true number."""
        return self.tokens.upper / self.case.counted


def estimates(*, experience: bool = True) -> list[Judged]:
    """An estimate of each recorded request, by a calibration that has seen all others and never this one."""
    seen = [(each, measure(each.request)) for each in recorded() if each.request is not None and each.counted > 0]
    known = [(each, size, expected(each.request, size, each.model)) for each, size in seen if each.request is not None]
    return [
        Judged(each, size, _estimate(known, n) if experience else prior) for n, (each, size, prior) in enumerate(known)
    ]


def _estimate(known: list[tuple[Recorded, RequestSize, Tokens]], left_out: int) -> Tokens:
    calibration = Calibration()
    for n, (each, size, prior) in enumerate(known):
        if n != left_out and not size.unseen:
            shape = shape_of(size)
            calibration.observe(prior.likely, each.counted, host=each.host, model=each.model, shape=shape)
    each, size, prior = known[left_out]
    return calibration.corrected(prior, host=each.host, model=each.model, shape=shape_of(size))


def bounded(judged: list[Judged]) -> list[Judged]:
    """Those that hold nothing which cannot be seen here."""
    return [each for each in judged if not each.size.unseen]


def share_below(judged: list[Judged]) -> float:
    """How many of the true numbers lie within their upper bounds."""
    return sum(each.room >= 1 for each in judged) / len(judged)


def costs_table() -> str:
    """The table of sums that hosts told, as Markdown."""
    prices = published()
    assert prices is not None
    rows = [
        f"List: {prices.name}.",
        "",
        "| recorded exchange | host | model | the host's sum | the list's figure | why they differ |",
        "|---|---|---|---|---|---|",
    ]
    for each, share in billed():
        figure = "no price" if share is None else f"{share:.1%} of it"
        why = EXPLAINED.get(each.name, "")
        rows.append(f"| `{each.name}` | {each.host} | {each.model} | ${each.usage.cost_usd} | {figure} | {why} |")
    return "\n".join(rows)


def estimates_table() -> str:
    """The figures of estimates, as Markdown."""
    rows = [
        "| requests | how many | bound holds | bound / true (median) | likely off by (median) | 9 of 10 off by |",
        "|---|---|---|---|---|---|",
    ]
    all_of_them = bounded(estimates())
    groups = {"all": all_of_them}
    for shape, label in (
        ("plain", "plain text"),
        ("tools", "with tools"),
        ("schema", "with a schema"),
        ("media", "with media"),
    ):
        groups[label] = [each for each in all_of_them if shape_of(each.size) == shape]
    groups["all, without any experience"] = bounded(estimates(experience=False))
    groups["all, models in no row of the table"] = _without_rows()
    for label, group in groups.items():
        errors, room = sorted(each.error for each in group), statistics.median(each.room for each in group)
        rows.append(
            f"| {label} | {len(group)} | {share_below(group):.1%} | {room:.2f} "
            f"| {statistics.median(errors):.0%} | {errors[int(len(errors) * 0.9)]:.0%} |"
        )
    return "\n".join(rows)


def _without_rows() -> list[Judged]:
    """The same as if no family were known: what a new vendor's model would get."""
    patterns = families._PATTERNS
    families._PATTERNS = ()
    families.family_of.cache_clear()
    try:
        return bounded(estimates(experience=False))
    finally:
        families._PATTERNS = patterns
        families.family_of.cache_clear()


TABLES = {"recorded costs": costs_table, "recorded estimates": estimates_table}


def _marked(name: str) -> re.Pattern[str]:
    return re.compile(f"(<!-- {name}: .*?-->\n)(.*?)(\n<!-- end of {name} -->)", re.DOTALL)


def block(page: str, name: str) -> str:
    """What stands in the page between the marks of a table."""
    found = _marked(name).search(page)
    assert found is not None, f"docs/costs.md has no marks for {name}"
    return found[2].strip()


def main() -> None:
    """Write the tables anew."""
    page = PAGE.read_text("utf-8")
    for name, table in TABLES.items():
        text = table()
        page = _marked(name).sub(lambda found, text=text: f"{found[1]}{text}{found[3]}", page)
    PAGE.write_text(page, "utf-8")


if __name__ == "__main__":
    main()
