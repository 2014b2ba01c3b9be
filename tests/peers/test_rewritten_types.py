"""The official SDKs' own types as judges of everything that is rewritten from another wire: no error at all."""

import json
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from minillm.errors import MiniLLMError
from minillm.report import Report
from minillm.wire import WIRES, rewrite_request, rewrite_response, rewrite_stream
from minillm.wire.sse import SSEDecoder
from tests.peers.harness import HERE, program
from tests.wire import corpus, rewritings
from tests.wire.rewritings import FOLDERS, GEMINI, MODEL

pytestmark = pytest.mark.peers

# What we say although the vendor's types do not know it, and why.
ACCEPTED = {
    "openai_chat_completions": (
        ".reasoning_content: unknown",  # a dialect's field, the only place there is for readable reasoning
        ".extra_content: unknown",  # Google's own layer carries Gemini's signature of a call there
        ".images: unknown",  # a dialect's field for pictures in an answer (OpenRouter)
        ".cost: unknown",  # a dialect's field for the host's own bill (OpenRouter)
        ".top_k: unknown",  # most hosts of this wire but the vendor's take it
        "finish_reason: Input should be",  # "error": a dialect's word, and there is no other for it
        "delta.tool_calls.0.type: Input should be",  # "custom": known in whole answers only
    ),
    # Taken by the models and the version of the API that had them.
    "anthropic_messages": (".temperature: unknown", ".top_p: unknown", ".top_k: unknown"),
    # The API's own spelling, which the SDK renames as it reads; its types only know the other name.
    "gemini_generate_content": (".citationMetadata.citationSources: unknown", ".citationMetadata.citations: added"),
}

# A role that no vendor knows is kept as it is, and its own vendor had refused the request for it.
REFUSED = {"gemini_generate/err_400"}


@pytest.mark.parametrize("kind", ["request", "response", "event"])
@pytest.mark.parametrize("target", WIRES)
def test_what_is_rewritten_from_another_wire_is_what_the_sdk_s_types_say(target: str, kind: str) -> None:
    corpus.case("openai_chat", "text")  # skips, or fails where the corpus is required
    named = list(values(target, kind))
    assert len(named) >= 90
    entries = [{"wire": target, "kind": kind, "value": value} for _, value in named]
    findings: dict[str, list[str]] = defaultdict(list)
    for (name, _), found in zip(named, judged(entries), strict=True):
        for finding in found:
            if not any(accepted in finding for accepted in ACCEPTED.get(target, ())):
                findings[finding].append(name)
    assert {finding: names[:3] for finding, names in findings.items()} == {}


def judged(entries: list[dict[str, Any]]) -> list[list[str]]:
    command = [program("sdk", "bin", "python"), HERE / "judges" / "rewritten.py"]
    done = subprocess.run(command, input=json.dumps(entries), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: list[list[str]] = json.loads(done.stdout)
    return found


def values(target: str, kind: str) -> Iterator[tuple[str, Any]]:
    for folder, source in FOLDERS.items():
        if source != target:
            for case in rewritings.cases(folder):
                name = f"{folder}/{case.name}"
                if kind == "request" and name in REFUSED:
                    continue
                try:
                    for value in rewritten(case, source, target, kind):
                        yield name, value
                except MiniLLMError:
                    continue  # an error of the host, which has no form as a body here


def rewritten(case: corpus.Case, source: str, target: str, kind: str) -> Iterator[Any]:
    if kind == "request" and case.request is not None:
        model = None if "model" in case.request and source != GEMINI else MODEL  # some hosts have it in the URL
        yield rewrite_request(case.request, source=source, target=target, model=model, report=Report())
    elif kind == "response" and case.is_json:
        yield rewrite_response(json.loads(case.body), source=source, target=target, report=Report())
    elif kind == "event" and case.is_stream:
        rewriter = rewrite_stream(source=source, target=target, report=Report())
        for frame in SSEDecoder().feed(rewriter.feed(case.body) + rewriter.finish()):
            if frame.raw != b"[DONE]":
                value = json.loads(frame.raw)
                if not is_error(value):
                    yield value


def is_error(value: Any) -> bool:
    """Clients raise these before they look at a type."""
    return "error" in value and value.get("type") in (None, "error")
