"""What type checkers make of the public face. Read by mypy and pyright, never run."""

# ruff: noqa: F841
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, assert_type

from minillm import (
    Allow,
    Answer,
    AudioPart,
    Branch,
    Budget,
    CacheOutcome,
    CacheState,
    ChatModel,
    ChatNode,
    ChatRequest,
    ChatResponse,
    ChatStream,
    CompletionParameters,
    CostInfo,
    CostLedger,
    Defer,
    Deny,
    Edit,
    FilePart,
    GeneratorInfo,
    ImagePart,
    Message,
    MockModel,
    NodeCompletionParameters,
    RateLimits,
    Reply,
    RoutePlan,
    Run,
    RunLimits,
    ServerError,
    TextPart,
    Thread,
    ToolCallPart,
    ToolDefinition,
    ToolResultPart,
    VideoPart,
    execute_calls,
    fallback,
    hedge,
    media,
    observe,
    run_sync,
    tool,
)
from minillm.chat import ApprovalRequest, BranchRun, CallFinished, RunEnded, StopReason
from minillm.json import FieldDelta, FieldDone, FieldStarted
from minillm.providers import Capabilities, MediaLimits
from minillm.tools import AnyTool, ArgumentsFailed, ToolResults, mcp, stream_arguments
from minillm.types import Attempt, JSONValue, StreamEvent, TextDelta


@dataclass
class Person:
    name: str


SCHEMA: Mapping[str, Any] = {"type": "object"}


async def completions(node: ChatNode, gen: GeneratorInfo) -> None:
    assert_type(await node.complete(gen), Reply[str])
    assert_type(await node.complete(gen, temperature=0.5, stop=None), Reply[str])
    assert_type(await node.complete(gen, output=Person), Reply[Person])
    assert_type(await node.complete(gen, output=int, user="How old?"), Reply[int])
    assert_type(await node.complete(gen, output=list[Person]), Reply[list[Person]])
    # The two checkers make different things of a union; both take it.
    await node.complete(gen, output=int | None)
    await node.chat("Hi", gen, output=Person | list[int])
    async with node.stream(gen, output=Person | None) as stream:
        await stream.finish()
    await node.branch(gen, output=int | str)
    assert_type(await node.complete(gen, output=SCHEMA), Reply[JSONValue])
    assert_type(await node.complete(gen, output={"type": "object"}), Reply[JSONValue])
    assert_type(await node.complete(gen, output=Person, validate=lambda person: True, correction=1), Reply[Person])
    assert_type(await node.complete(gen, CompletionParameters(seed=1)), Reply[str])
    assert_type(await node.complete(gen, NodeCompletionParameters(attach=False), output=Person), Reply[Person])
    assert_type(await node.complete(gen, params=CompletionParameters(seed=1), temperature=0), Reply[str])
    assert_type(await node.complete(gen.with_defaults(seed=1), output=Person), Reply[Person])


async def purses(node: ChatNode, gen: GeneratorInfo) -> None:
    with Budget("0.50", tokens=1000, calls=3, unpriced="allow", name="p") as purse:
        assert_type(purse, Budget)
        assert_type(await node.complete(gen, budget=purse), Reply[str])
    assert_type(await node.complete(gen, observe=print), Reply[str])
    assert_type(await node.complete(gen, observe=[print, observe.Observer(print, content=True)]), Reply[str])
    assert_type(gen.replace(observe=print), GeneratorInfo)
    with observe.watching(print, chunks=True):
        pass
    assert_type(observe.add(print), Callable[[], None])
    node.budget = purse
    spent: int = purse.spent.tokens
    assert_type(purse.remaining.tokens, int | None)
    assert_type(gen.replace(limits=RateLimits(requests_per_minute=60), budget=purse), GeneratorInfo)
    assert_type(GeneratorInfo.openai("m", limits=RateLimits(concurrency=3), budget=purse), GeneratorInfo)


async def chats(node: ChatNode, gen: GeneratorInfo) -> None:
    assert_type(await node.chat("Hi", gen), Reply[str])
    assert_type(await node.chat(["Look:", ImagePart(url="https://a.test/x.png")], gen), Reply[str])
    assert_type(await node.chat(TextPart("Hi"), gen, output=Person), Reply[Person])
    assert_type(await node.chat("Hi", gen, output=SCHEMA), Reply[JSONValue])


async def branches_of_several(node: ChatNode, gens: set[GeneratorInfo]) -> None:
    branch = await node.branch(gens, params=CompletionParameters(seed=1), output=Person)
    assert_type(branch, Branch[Reply[Person]])
    assert_type(branch.outcomes, tuple[Reply[Person] | Exception | None, ...])
    async with node.branch(gens) as run:
        assert_type(run.outcomes, tuple[Reply[str] | Exception | None, ...])


async def replies(node: ChatNode, gen: GeneratorInfo) -> None:
    reply = await node.chat("Who?", gen, output=Person)
    assert_type(reply.output, Person)
    assert_type(reply.text, str)
    assert_type(reply.message, Message)
    assert_type(reply.response, ChatResponse)
    assert_type(reply.cost, CostInfo)
    assert_type(reply.attempts, tuple[Attempt, ...])
    assert_type((await node.complete(gen)).output, str)
    assert_type((await node.complete(gen, output=SCHEMA)).output, JSONValue)
    # A reply is a node, and what hangs under it is a plain one.
    assert_type(reply.add_user("And?"), ChatNode)
    assert_type(await reply.chat("And?", gen), Reply[str])
    continued: ChatNode = reply


async def streams(node: ChatNode, gen: GeneratorInfo) -> None:
    assert_type(node.stream(gen), ChatStream[Reply[str]])
    async with node.stream(gen, output=Person, user="Who?") as stream:
        assert_type(stream, ChatStream[Reply[Person]])
        async for chunk in stream:
            assert_type(chunk, TextDelta)
            assert_type(chunk.delta, str)
        async for event in stream.events():
            assert_type(event, StreamEvent)
        assert_type(stream.text, str)
        async for value in stream.partials():
            assert_type(value, Any)
        assert_type(stream.response, ChatResponse)
        assert_type(await stream.finish(), Reply[Person])
    assert_type(stream.node, Reply[Person])
    assert_type(stream.node.output, Person)
    async with node.stream(gen, output=SCHEMA) as schema_stream:
        assert_type(await schema_stream.finish(), Reply[JSONValue])


async def caches(node: ChatNode, gen: GeneratorInfo, model: ChatModel) -> None:
    state = await node.ensure_cached(gen, ttl="1h", tools=[], reasoning="low")
    assert_type(state, CacheState)
    assert_type(state.outcome, CacheOutcome)
    assert_type(state.cost, CostInfo)
    assert_type(state.written_tokens, int | None)
    await node.ensure_cached(model, NodeCompletionParameters(cache="1h"))
    await node.ensure_cached(gen, ttl=300)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    assert_type(node.cache_breakpoint("1h"), ChatNode)
    assert_type(await node.complete(gen, cache="1h"), Reply[str])


async def plans(node: ChatNode, gen: GeneratorInfo, model: ChatModel) -> None:
    plan = fallback([gen, model, hedge([gen, gen], after=2)], move_on={ServerError: False})
    assert_type(plan, RoutePlan)
    assert_type(await node.complete(plan), Reply[str])
    assert_type(await node.complete(plan, output=int), Reply[int])


async def branches(node: ChatNode, gen: GeneratorInfo, model: ChatModel) -> None:
    assert_type(node.branch(gen, n=8), BranchRun[Reply[str]])
    branch = await node.branch(gen, n=8, temperature=1.0)
    assert_type(branch, Branch[Reply[str]])
    assert_type(branch[0], Reply[str])
    assert_type(branch[1:], Sequence[Reply[str]])
    assert_type(branch.errors, tuple[Exception, ...])
    assert_type(len(branch), int)
    for reply in branch:
        assert_type(reply, Reply[str])
    assert_type(await node.branch([gen, gen], output=Person), Branch[Reply[Person]])
    assert_type(await node.branch((gen, model), output=SCHEMA, user="Hi"), Branch[Reply[JSONValue]])
    async with node.branch(gen, n=8, output=Person) as run:
        async for finished in run:
            assert_type(finished.output, Person)


@tool
def add(a: int, *, b: float = 2.0) -> float:
    return a + b


@tool(name="get", strict=True, idempotent=True)
async def fetch(url: str) -> bytes:
    return url.encode()


def undecorated(a: int) -> str:
    return str(a)


async def tools(node: ChatNode, gen: GeneratorInfo) -> None:
    assert_type(add(1), float)
    assert_type(add(a=1, b=2.5), float)
    assert_type(await fetch("https://a.test"), bytes)
    assert_type(tool(undecorated)(3), str)
    assert_type(tool(undecorated, name="other")(a=3), str)
    assert_type(add.definition, ToolDefinition)
    offered: list[AnyTool] = [add, fetch, undecorated, ToolDefinition("look")]
    reply = await node.complete(gen, tools=offered, tool_choice=add)
    assert_type(reply, Reply[str])
    await node.complete(gen, tools=[add, undecorated, ToolDefinition("look")])
    await node.complete(gen, tools=(add,), tool_choice=[add, "get"])
    await node.complete(gen, NodeCompletionParameters(tools=[add], tool_choice="required"))
    results = await execute_calls(reply.message.tool_calls, [add, fetch, undecorated])
    assert_type(results, ToolResults)
    assert_type(results[0], ToolResultPart)
    assert_type(results.errors, tuple[Exception, ...])
    assert_type(reply.add_tool_results(results), ChatNode)
    async with node.stream(gen, tools=offered) as stream:
        async for call, field in stream_arguments(stream.events()):
            assert_type(call, ToolCallPart)
            assert_type(field, FieldStarted | FieldDelta | FieldDone | ArgumentsFailed)


async def runs(node: ChatNode, gen: GeneratorInfo) -> None:
    def approve(request: ApprovalRequest) -> Allow | Deny | Edit:
        assert_type(request.call, ToolCallPart)
        assert_type(request.interrupted_at, float | None)
        return Edit({"a": 1}) if request.interrupted else Deny("no") if request.arguments else Allow()

    async def later(request: ApprovalRequest) -> bool | Answer | Defer:
        return Answer([1]) if request.interrupted else Defer()

    assert_type(await node.run(gen, tools=[add]), Reply[str])
    assert_type(await node.run(gen, tools=[add], output=Person, temperature=0), Reply[Person])
    assert_type(await node.run(gen, output=SCHEMA, user="Hi", approve=approve), Reply[JSONValue])
    await node.run(gen, output=Person | None)
    limits = RunLimits(rounds=3, calls=9, seconds=60, budget=Budget(usd=1), parallel=None, call_seconds=5)
    run = node.run(gen, NodeCompletionParameters(tools=[add]), limits=limits, approve=later, on_interrupted="rerun")
    assert_type(run, Run[Reply[str], ChatNode])
    async with run:
        async for event in run:
            match event:
                case TextDelta():
                    assert_type(event.delta, str)
                case CallFinished():
                    assert_type(event.result, ToolResultPart)
                case RunEnded():
                    assert_type(event.reason, StopReason)
                case _:
                    pass
        assert_type(await run.finish(), Reply[str])
    assert_type(run.reply, Reply[str])
    assert_type(run.replies, tuple[Reply[str], ...])
    assert_type(run.stop_reason, StopReason | None)
    assert_type(run.node, ChatNode)
    assert_type(run.cost, CostInfo)
    await node.run("openai:gpt")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await node.run(gen, on_interrupted="maybe")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]


def trees(node: ChatNode) -> None:
    assert_type(ChatNode.root("You are terse."), ChatNode)
    assert_type(ChatNode(Message("user", "Hi")), ChatNode)
    assert_type(node.add_user("Hi"), ChatNode)
    assert_type(node.add_assistant("Hello."), ChatNode)
    assert_type(node.add_system(["Be", TextPart("terse")]), ChatNode)
    assert_type(node.add_tool_results([ToolResultPart("c", content="42")]), ChatNode)
    assert_type(node.add_tool_results({"c": "42"}), ChatNode)
    assert_type(node.add_child(node), ChatNode)
    assert_type(node.add_sibling("Hi"), ChatNode)
    assert_type(node.parent, ChatNode | None)
    assert_type(node.children, tuple[ChatNode, ...])
    assert_type(node.get_root(), ChatNode)
    assert_type(node.path(), list[ChatNode])
    assert_type(node.thread(), list[Message])
    assert_type(next(node.iter_leaves()), ChatNode)
    assert_type(next(node.iter_depth_first()), ChatNode)
    assert_type(next(node.iter_breadth_first()), ChatNode)
    assert_type(node.find("id"), ChatNode | None)
    assert_type(node.detach(), ChatNode)
    assert_type(node.clone(), ChatNode)
    assert_type(node.splice_out(), ChatNode)
    assert_type(node.merge(ChatNode.root()), ChatNode)
    assert_type(node.response, ChatResponse | None)
    assert_type(node.cost, CostInfo)
    assert_type(node.depth, int)


def files(node: ChatNode) -> None:
    node.save_thread("thread.json")
    thread = ChatNode.from_thread_file("thread.json")
    assert_type(thread, Thread[ChatNode])
    assert_type(thread.leaf, ChatNode)
    assert_type(thread.root, ChatNode)
    assert_type(ChatNode.from_thread_json("{}").leaf.add_user("And?"), ChatNode)
    assert_type(ChatNode.from_messages([Message("user", "Hi")]).leaf, ChatNode)
    assert_type(ChatNode.from_tree_file("tree.jsonl"), ChatNode)
    assert_type(ChatNode.from_tree_json(""), ChatNode)
    assert_type(node.to_thread_json(), str)


async def loaded(node: ChatNode) -> None:
    assert_type(await ImagePart.load("a.png"), ImagePart)
    assert_type(ImagePart.from_file("a.png"), ImagePart)
    assert_type(AudioPart.from_bytes(b""), AudioPart)
    assert_type(await media.load(b""), ImagePart | AudioPart | VideoPart | FilePart)
    node.add_user(["What is this?", await media.load("a.pdf"), ImagePart.from_url("https://a.test/a.png")])
    capabilities = GeneratorInfo.openai("m", takes=Capabilities(audio=MediaLimits())).capabilities
    assert_type(capabilities, Capabilities)
    assert_type(capabilities.image, MediaLimits | None)
    assert_type(capabilities.tools, bool | None)


def models(node: ChatNode) -> None:
    gen = GeneratorInfo.openai("m", api_key=lambda: "key", timeouts=GeneratorInfo.local().timeouts)
    assert_type(gen, GeneratorInfo)
    assert_type(gen.replace(model="n"), GeneratorInfo)
    model: ChatModel = MockModel(["Hello."])
    request = node.build_request(model, temperature=1)
    assert_type(node.estimate(model, user="Hi", max_tokens=5).usd.upper, Decimal | None)
    assert_type(run_sync(node.count_tokens(model, output=int)), int)
    assert_type(request, ChatRequest)
    assert_type(run_sync(node.complete(model, cost_callback=CostLedger())), Reply[str])
    assert_type(run_sync(node.branch(model, n=2)), Branch[Reply[str]])


async def servers(node: ChatNode, gen: GeneratorInfo) -> None:
    async with mcp.stdio("server", "--flag", env={"A": "b"}, on_progress=lambda told: print(told.total)) as server:
        assert_type(server, mcp.MCPServer)
        assert_type(server.tools(prefix="a_"), list[mcp.MCPTool])
        assert_type(await node.complete(gen, tools=[add, *server.tools()]), Reply[str])
        assert_type(await execute_calls([], server.tools()), ToolResults)
        assert_type(await server.tools()[0]({"a": 1}), ToolResultPart)


async def mistakes(node: ChatNode, gen: GeneratorInfo) -> None:
    add("1")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    add(1, 2)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await node.complete(gen, tools=add)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await node.complete(gen, temprature=1)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await node.complete(gen, temperature="hot")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await node.complete("openai:gpt")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await node.branch(gen, on_cancel="forget")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
