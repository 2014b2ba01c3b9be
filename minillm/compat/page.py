"""Results as one page: it holds all it needs, lets the browser fetch nothing, and runs no script."""

from collections.abc import Iterator

from ..errors import DecodeError
from ..json import dumps, loads
from ..trials.page import said, title_of, unfinished, whole_page
from .evidence import Exchange
from .probe import PROBES
from .results import Results, Row
from .verdict import Verdict

__all__ = ["page"]

_LONGEST = 20_000  # characters of one body that are shown


def page(results: Results) -> str:
    """The HTML text, complete and to be saved as it is. A cell of the matrix leads to its evidence."""
    body = [_head(results)]
    if results.rows:
        body += [_matrix(results), _meanings(results), _all_evidence(results)]
    else:
        body.append("<p>Nothing was asked.</p>")
    return whole_page(_title(results), "minillm.compat", body)


def _title(results: Results) -> str:
    return title_of("Compatibility", results.targets, else_="Compat")


def _head(results: Results) -> str:
    started = str(results.facts.get("started", ""))[:16].replace("T", " ")
    counts = "; ".join(
        f"{target}: {', '.join(f'{count} {verdict}' for verdict, count in results.counts(target).items())}"
        for target in results.targets
    )
    begun = f"Begun {started} UTC. " if started else ""
    return f"<h1>{said(_title(results))}</h1><p>{said(begun + counts)}</p>{unfinished(results.ending)}"


def _matrix(results: Results) -> str:
    targets = results.targets
    rows, group = [], ""
    for name in results.probes:
        found = PROBES.get(name)
        if found is not None and found.group != group:
            group = found.group
            rows.append(f'<tr><th colspan="{len(targets) + 1}">{said(group)}</th></tr>')
        asks = f"<small>{said(found.asks)}</small>" if found is not None else ""
        cells = "".join(f"<td>{_cell(results, target, name)}</td>" for target in targets)
        rows.append(f"<tr><td>{said(name)}{asks}</td>{cells}</tr>")
    head = "".join(f"<th>{said(name)}</th>" for name in ("", *targets))
    return (
        "<section><h2>Matrix</h2><p>A word leads to what was sent and what came.</p>"
        f'<div class="scroll"><table class="matrix"><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div></section>"
    )


def _cell(results: Results, target: str, name: str) -> str:
    row = results.rows.get((target, name))
    if row is None:
        return ""
    place = _place(results, row)
    verdict = said(row.verdict.value)
    return f'<a class="cell v-{verdict}" href="#{place}" title="{said(row.reason)}">{verdict}</a>'


def _place(results: Results, row: Row) -> str:
    """An anchor out of numbers alone: names come from files and may hold anything."""
    return f"e{results.targets.index(row.target)}-{results.probes.index(row.probe)}"


def _meanings(results: Results) -> str:
    items = "".join(
        f'<li><span class="verdict v-{verdict.value}">{verdict.value}</span>: {said(verdict.meaning)}</li>'
        for verdict in Verdict
        if results.of(verdict)
    )
    return f'<ul class="legend">{items}</ul>'


def _all_evidence(results: Results) -> str:
    parts = [
        _evidence(results, row)
        for target in results.targets
        for name in results.probes
        if (row := results.rows.get((target, name))) is not None
    ]
    return f"<section><h2>Evidence</h2><p>As it went over the line, without keys.</p>{''.join(parts)}</section>"


def _evidence(results: Results, row: Row) -> str:
    probe = PROBES.get(row.probe)
    verdict = said(row.verdict.value)
    proves = f'<p class="what">Asked: {said(probe.asks)}. A pass needs: {said(probe.proves)}.</p>' if probe else ""
    learned = f'<p class="what">A profile takes from it: {said(_plain(dict(row.learned)))}</p>' if row.learned else ""
    return (
        f'<div class="evidence v-{verdict}" id="{_place(results, row)}">'
        f'<h3>{said(row.target)} · {said(row.probe)}: <span class="verdict">{verdict}</span></h3>'
        f"<p>{said(row.reason)}</p>{proves}{learned}{''.join(_exchanges(row))}</div>"
    )


def _exchanges(row: Row) -> Iterator[str]:
    for number, exchange in enumerate(row.exchanges, 1):
        status = exchange.status if exchange.status is not None else "no answer"
        head = f"{number}. {exchange.method} {exchange.url} · {status} · {exchange.seconds:.2f} s"
        cut = '<p class="what">Long bodies are cut here.</p>' if exchange.cut else ""
        error = f'<p class="warn">{said(exchange.error)}</p>' if exchange.error else ""
        yield (
            f"<details><summary><code>{said(head)}</code></summary>"
            f'<p class="what">Sent</p><pre>{_shown(exchange.request)}</pre>'
            f'<p class="what">Came{_pieces(exchange)}</p><pre>{_headers(exchange)}{_shown(exchange.body)}</pre>'
            f"{error}{cut}</details>"
        )


def _pieces(exchange: Exchange) -> str:
    count = len(exchange.times)
    return said(f", in {count} pieces, the first after {exchange.times[0][1]:.3f} s") if count > 1 else ""


def _headers(exchange: Exchange) -> str:
    lines = "".join(f"{name}: {value}\n" for name, value in exchange.headers.items())
    return said(lines + "\n") if lines else ""


def _shown(body: bytes) -> str:
    """JSON with its lines apart, else as it came; bytes that are no text as what Python calls them."""
    try:
        text = _plain(loads(body))
    except DecodeError:
        text = body.decode("utf-8", "backslashreplace")
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + "\n… cut"
    return said(text) or '<span class="what">nothing</span>'


def _plain(value: object) -> str:
    return dumps(value, indent=True).decode()
