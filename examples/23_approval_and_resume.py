"""A run that asks before it acts, is cut off in the middle, and goes on from its file.

Run: python examples/23_approval_and_resume.py [provider:model]; without one it plays a script and needs no key.
"""

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from minillm import Allow, Answer, ChatNode, Defer, GeneratorInfo, Message, MockModel, RunStopped, ToolCallPart, tool
from minillm.chat import ApprovalRequest, CallStarted
from minillm.tree import journal, last_leaf

paid: list[str] = []


@tool
async def pay(amount: int, to: str, call: ToolCallPart) -> str:
    """Pays somebody."""
    paid.append(call.id)  # the bank takes the id as idempotency key
    await asyncio.sleep(3600 if len(paid) == 1 else 0)  # the first time the line hangs
    return f"paid {amount} to {to}"


def approve(request: ApprovalRequest) -> Allow | Answer | Defer:
    if request.interrupted:
        print(f"{request.call.id} was cut off; the bank says: carried out")
        return Answer("paid 30 to Ana")
    if request.arguments.get("amount", 0) > 50:
        print(f"{request.call.id} is for somebody else to decide")
        return Defer()
    return Allow()


async def talk(model: str, path: Path) -> None:
    gen = GeneratorInfo.from_name(model) if model else MockModel(SCRIPT)
    root = ChatNode.root("You pay bills.")
    with journal(root, path):
        async with root.run(gen, user="Pay Ana 30 and Bo 60.", tools=[pay], approve=approve) as run:
            async for event in run:
                if isinstance(event, CallStarted):
                    break  # as if the power failed: the tool is cancelled, its mark is in the file
    leaf = last_leaf(ChatNode.from_tree_file(path))
    try:
        await leaf.run(gen, tools=[pay], approve=approve)
    except RunStopped as stopped:
        print(f"stopped: {stopped.reason}, for {[call.id for call in stopped.calls]}")
        leaf = stopped.node
    reply = await leaf.run(gen, tools=[pay])
    print(f"{reply.text} ({len(paid)} payments begun)")


ANA = ToolCallPart("ana", "pay", '{"amount": 30, "to": "Ana"}')
BO = ToolCallPart("bo", "pay", '{"amount": 60, "to": "Bo"}')
SCRIPT = [Message("assistant", [ANA, BO]), "Both are paid."]

with TemporaryDirectory() as folder:
    asyncio.run(talk((sys.argv[1:] or [""])[0], Path(folder) / "bills.jsonl"))
