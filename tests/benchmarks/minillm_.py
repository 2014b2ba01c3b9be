"""minillm over Chat as a contestant of the shared benchmark harness: copy it over its placeholder of this name."""

NAME, VENV, DIST, FLOOR, DIALECT = "minillm", "minillm", ["minillm-tree"], "floor", "chat"
IMPORT = "from minillm import ChatNode, GeneratorInfo"
from minillm import ChatNode, GeneratorInfo, aclose  # noqa: E402


class Client:
    """Through the tree, as a user would; each call on a fresh root, so that no tree grows."""

    wire = "openai_chat_completions"
    path = "/v1"

    def __init__(self, base: str) -> None:
        self.base = base + self.path
        self.generators: dict[str, GeneratorInfo] = {}

    def generator(self, model: str) -> GeneratorInfo:
        found = self.generators.get(model)
        if found is None:
            found = self.generators[model] = GeneratorInfo.custom(
                model, base_url=self.base, wire=self.wire, api_key="sk-x-12345"
            )
        return found

    async def complete(self, model: str, prompt: str) -> str:
        root = ChatNode.root()
        return (await root.chat(prompt, self.generator(model), retry=0)).text

    async def stream(self, model: str, prompt: str, on_first=None) -> int:
        n = 0
        async with ChatNode.root().stream(self.generator(model), user=prompt) as stream:
            async for _ in stream:
                n += 1
                if on_first:
                    on_first()
                    on_first = None
        return n

    async def close(self) -> None:
        await aclose()
