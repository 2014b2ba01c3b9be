import asyncio
import sys

from minillm import ChatNode, GeneratorInfo


async def main(model: str = "local") -> None:  # or "openai:gpt-5.4", "ollama:llama3.2", ...
    gen = GeneratorInfo.from_name(model)
    reply = await ChatNode.root("You are a helpful AI assistant.").chat("What is the capital of France?", gen)
    print(reply.text)
    for sibling in await reply.branch(gen, user="Tell me one thing about it.", n=2):  # two ways to go on
        print("-", sibling.text)


asyncio.run(main(*sys.argv[1:]))
