import asyncio
import sys

from minillm import ChatNode, GeneratorInfo


async def main(model: str = "local") -> None:  # or "openai:gpt-5.4", "ollama:llama3.2", ...
    gen = GeneratorInfo.from_name(model)
    reply = await ChatNode.root("You are terse.").chat("What is the capital of France?", gen)
    print(reply.text)
    for sibling in await reply.branch(gen, user="And of Italy?", n=2):
        print("*", sibling.text)


asyncio.run(main(*sys.argv[1:]))
