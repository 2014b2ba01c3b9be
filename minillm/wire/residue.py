"""What a JSON object says beyond the neutral fields, and how it comes back.

A decoder turns an object into a value; the encoder's own words for that value are ``said``. The
residue is the difference: keys that ``said`` lacks, and hints about the few places where the peer said
the same thing in another form (a key left out, a total that contradicts its parts). So the residue is
never a copy of the whole, and a changed value speaks for itself: a hint only counts while the value
is still the one it was made for.

Residues live in ``Native.data``. Hints stand under one key that no protocol uses; a peer who sends it all the
same has it kept under another name, so that nobody else's words are taken for hints.
"""

from collections.abc import Mapping
from typing import Any

from ..types import Native

__all__ = ["HINTS", "beside", "hints_of", "own", "put_hints", "residue", "restore", "with_hints"]

HINTS = "~"

_NONE: Mapping[str, Any] = {}


def own(native: Native | None, wire: str) -> Mapping[str, Any] | None:
    """The residue that this wire left, or None: another wire's is nobody's business here."""
    return native.data if native is not None and native.wire == wire and isinstance(native.data, dict) else None


def hints_of(data: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The hints of a residue; empty where there is none."""
    hints = data.get(HINTS, _NONE) if data else _NONE
    return hints if isinstance(hints, dict) else _NONE


def put_hints(rest: dict[str, Any], hints: Mapping[str, Any]) -> None:
    """The hints put on ``rest``, what is left of a peer's own object."""
    if HINTS in rest:
        rest[HINTS + HINTS] = rest.pop(HINTS)
    if hints:
        rest[HINTS] = hints


def _sent(key: str) -> str:
    """A key of a residue as the peer sent it."""
    return key if key[:2] != HINTS + HINTS else key[1:]


def with_hints(data: dict[str, Any], **hints: Any) -> dict[str, Any]:
    """``data`` with more hints; those that are None or False are left out."""
    told = {name: value for name, value in hints.items() if value is not None and value is not False}
    if told:
        data[HINTS] = {**data.get(HINTS, _NONE), **told}
    return data


def residue(body: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """What ``body`` holds beyond ``said``; empty where they are equal.

    ``said`` may differ from ``body`` only in small values (numbers, words, null), which are remembered
    with what was said in their place; texts must be said by the value itself.
    """
    rest: dict[str, Any] = {}
    odd: dict[str, Any] = {}
    for key, value in body.items():
        if key not in said:
            rest[key if key[:1] != HINTS else HINTS + key] = value
            continue
        ours = said[key]
        if ours is value or _equal(ours, value):  # most texts are the very same object
            continue
        if isinstance(value, dict) and isinstance(ours, dict):
            rest[key] = residue(value, ours)
        else:
            odd[key] = (ours, value)
    absent = {key: ours for key, ours in said.items() if key not in body}
    return with_hints(rest, odd=odd or None, absent=absent or None)


def beside(body: Mapping[str, Any], said: frozenset[str]) -> dict[str, Any] | None:
    """:func:`residue` of a body in which the keys ``said`` hold just what would be said under them: the others. None
    where one of those, or a key right under it, looks like a hint."""
    rest = {key: value for key, value in body.items() if key not in said}
    for key, value in rest.items():
        if key[:1] == HINTS or (type(value) is dict and HINTS in value):
            return None
    return rest


def restore(said: Mapping[str, Any], data: Mapping[str, Any] | None) -> dict[str, Any]:
    """``said`` with the residue put back: ``{**residue, **said}`` at every level, and the hints heeded."""
    if not data:
        return dict(said)
    hints = hints_of(data)
    odd, absent = _of(hints, "odd"), _of(hints, "absent")
    out = {_sent(key): _bare(value) for key, value in data.items() if key != HINTS}
    for key, ours in said.items():
        if key in absent and _equal(absent[key], ours):
            continue
        if key in odd and len(odd[key]) == 2 and _equal(odd[key][0], ours):
            out[key] = odd[key][1]
        elif isinstance(ours, dict) and isinstance(data.get(key), dict):
            out[key] = restore(ours, data[key])
        else:
            out[key] = ours
    return out


def _of(hints: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """One kind of hint; a frame that is kept by reference may hold a peer's own words under that name."""
    found = hints.get(name, _NONE)
    if not isinstance(found, dict):
        return _NONE
    return {key: pair for key, pair in found.items() if isinstance(pair, list | tuple)} if name == "odd" else found


def _bare(value: Any) -> Any:
    """A residue inside a residue, where nothing is said there any more: what is left, without hints."""
    return (
        {key: item for key, item in value.items() if key != HINTS} if type(value) is dict and HINTS in value else value
    )


def _equal(ours: Any, value: Any) -> bool:
    # True == 1 in Python; in JSON they are two things.
    try:
        return ours is value or (ours == value and isinstance(ours, bool) == isinstance(value, bool))
    except RecursionError:
        return _deeply_equal(ours, value)


def _deeply_equal(ours: Any, value: Any) -> bool:
    """The same for values nested deeper than Python compares: JSON may have a thousand levels."""
    pending = [(ours, value)]
    while pending:
        one, other = pending.pop()
        if isinstance(one, dict) and isinstance(other, dict):
            if one.keys() != other.keys():
                return False
            pending.extend((item, other[key]) for key, item in one.items())
        elif isinstance(one, list) and isinstance(other, list):
            if len(one) != len(other):
                return False
            pending.extend(zip(one, other, strict=True))
        elif one != other:
            return False
    return True
