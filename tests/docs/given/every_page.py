# What every page may use without saying so: the usual names, and a conversation that a call can go on from.
import asyncio  # noqa: F401
from dataclasses import dataclass  # noqa: F401
from typing import Annotated  # noqa: F401

import minillm  # noqa: F401
from minillm import ChatNode, GeneratorInfo, execute_calls, tool  # noqa: F401

gen = GeneratorInfo.openai("gpt-5.4")
root = ChatNode.root("You are terse.")
node = user = question = root.add_user("Capital of France?")
