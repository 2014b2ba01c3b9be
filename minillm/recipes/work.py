"""What each kind of step does, once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..errors import DecodeError, EncodeError, InvalidOutput, ToolError
from ..tools.execute import run_function
from ..types import Attempt
from .conversation import Conversation
from .evaluation import Scope
from .form import CompleteStep, ToolStep, TransformStep, ValidateStep
from .naming import Named
from .plan import PlannedStep
from .talk import Keep, Talk
from .template import TextTemplate, filled

if TYPE_CHECKING:
    from ..chat import ChatNode

__all__ = ["Work", "do"]


@dataclass(slots=True)
class Work:
    """One try of a step, and what is known of it when it ends, however it ends.

    Args:
        place: the step's id, with ``[3]`` behind it in a fan-out.
        model: the name of who answers where the step names nobody.
        keep: writes nodes of a step with tools as they come.
        rerun: tools that were begun and not seen to end are called again.
        inputs: what it was given, for the trace.
        attempts: the HTTP exchanges made.
        rows: the nodes that it added, for the state file.
    """

    step: PlannedStep
    place: str
    scope: Scope
    named: Named
    conversation: Conversation
    model: str = ""
    keep: Keep | None = None
    rerun: bool = False
    inputs: dict[str, Any] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)

    def filled(self, name: str) -> Any:
        return filled(self.step.values[name], self.scope)

    def text(self, name: str) -> str:
        template = self.step.values[name]
        return template.text(self.scope) if isinstance(template, TextTemplate) else ""


async def do(work: Work) -> Any:
    """The step's output.

    Raises:
        Whatever goes wrong: our own errors, and those of a tool.
    """
    return await _KINDS[type(work.step.form)](work, work.step.form)


async def _complete(work: Work, form: CompleteStep) -> Any:
    name = form.model or work.model
    prompt, system = work.text("prompt"), work.text("system")
    work.inputs.update({"model": name, "prompt": prompt})
    if system:
        work.inputs["system"] = system
    if form.continues:
        work.inputs["continues"] = form.continues
    if form.tools:
        top, reply = await _talked(work, form, prompt, system)
    else:
        top, reply = await _asked(work, form, prompt, system)
    work.conversation.ends[work.place] = reply
    work.rows = work.conversation.rows(top, reply)
    return reply.text if form.schema is None else _as_json(reply.output)  # type: ignore[attr-defined]


async def _talked(work: Work, form: CompleteStep, prompt: str, system: str) -> "tuple[ChatNode, ChatNode]":
    work.inputs["tools"] = [*form.tools]
    talk = Talk(form, work.place, work.conversation, work.keep, again=work.rerun)
    try:
        model = work.named.models[form.model or work.model]
        return await talk.answer(model, work.named.offered[form.id], prompt, system)
    finally:
        work.attempts += talk.attempts


async def _asked(work: Work, form: CompleteStep, prompt: str, system: str) -> "tuple[ChatNode, ChatNode]":
    name = form.model or work.model
    asked, top = work.conversation.question(prompt, system, form.continues)
    try:
        reply: ChatNode = await asked.complete(work.named.models[name], output=form.schema, **form.options.said())
    except BaseException:
        work.attempts += asked.attempts
        top.detach()
        raise
    work.attempts += [*asked.attempts, *reply.attempts]
    return top, reply


async def _validate(work: Work, form: ValidateStep) -> Any:
    from ..json import validate

    value = work.filled("value")
    work.inputs["value"] = value
    try:
        if isinstance(value, str) and form.schema.get("type") != "string":
            value = _parsed(value)
        validate(value, form.schema)
    except InvalidOutput as error:
        if form.on_invalid == "fail":
            raise
        return {"valid": False, "value": value, "problem": str(error)}
    return value if form.on_invalid == "fail" else {"valid": True, "value": value, "problem": None}


async def _transform(work: Work, form: TransformStep) -> Any:
    return work.filled("value")


async def _tool(work: Work, form: ToolStep) -> Any:
    arguments = work.filled("arguments")
    work.inputs.update({"tool": form.tool, "arguments": arguments})
    value = await run_function(work.named.tools[form.tool], **arguments)
    try:
        return _as_json(value)
    except (EncodeError, DecodeError) as error:
        raise ToolError(f"the tool {form.tool} returned what JSON cannot say: {error}") from error


def _as_json(value: Any) -> Any:
    """A copy as JSON has it: tuples are lists, nothing is shared with the caller."""
    from ..json import dumps, loads

    return loads(dumps(value))


def _parsed(text: str) -> Any:
    from ..json import repair_json

    return repair_json(text).value


_KINDS: dict[type, Callable[[Work, Any], Awaitable[Any]]] = {
    CompleteStep: _complete,
    ValidateStep: _validate,
    TransformStep: _transform,
    ToolStep: _tool,
}
