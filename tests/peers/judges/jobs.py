"""What the SDK's Python readers share: jobs in, readings out, one child process for all of them.

A job is ``{"wire", "model", "way", "ask"}``: which answer to ask for, through which door of the SDK, and what
to say. A reading is what the SDK made of the answer, in one form for all SDKs, or the error it raised.
"""

import json
import sys
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel

Ask = dict[str, Any]


class Weather(BaseModel):
    """The type a user would hand in for a structured answer."""

    city: str
    degrees: float
    sunny: bool


def reading(**found: Any) -> dict[str, Any]:
    """One answer as the SDK tells it; ``heard`` is what its events told on the way."""
    empty: dict[str, Any] = {"text": "", "refusal": "", "reasoning": "", "seals": [], "calls": [], "finish": None}
    empty |= {"sources": []}
    return {**empty, "usage": None, "parsed": None, "heard": {}, **found}


def call(id: Any, name: Any, arguments: Any) -> dict[str, Any]:
    """A tool call; arguments that came as text are read, and free text is named ``input``."""
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments or "{}")
        except ValueError:
            arguments = {"input": arguments}
    return {"id": id, "name": name, "arguments": arguments}


def turns(ask: Ask, spell: Mapping[str, Callable[[Any], list[Any]]]) -> list[Any]:
    """The conversation, each kind of turn in the SDK's own words."""
    said = []
    for turn in ask["turns"]:
        for kind, content in turn.items():
            said += spell[kind](content)
    return said


def main(ways: Mapping[tuple[str, str], Callable[[str, Ask], dict[str, Any]]]) -> None:
    """Read the jobs from stdin, do them one after the other, print the readings."""
    warnings.simplefilter("ignore")
    json.dump([tried(ways[job["wire"], job["way"]], job) for job in json.load(sys.stdin)], sys.stdout)


def tried(way: Callable[[str, Ask], dict[str, Any]], job: dict[str, Any]) -> dict[str, Any]:
    try:
        return way(job["model"], job["ask"])
    except Exception as error:
        response = getattr(error, "response", None)
        headers = getattr(response, "headers", None) or {}
        return {
            "error": type(error).__name__,
            "code": getattr(error, "code", None),
            "status": getattr(error, "status_code", None) or getattr(error, "code", None),
            "message": str(error),
            "retry_after": headers.get("retry-after"),
        }
