"""The page on transforms: its blocks run as they stand, and print what it says they print."""

import ast
import asyncio
import re
from inspect import isawaitable

from tests.import_graph import REPOSITORY

PAGE = (REPOSITORY / "docs" / "transforms.md").read_text("utf-8")


async def test_the_blocks_print_what_the_page_says(capsys):
    """One after the other, in one program."""
    pairs = re.findall(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```$)?", PAGE, re.DOTALL | re.MULTILINE)
    names: dict[str, object] = {"__name__": "page"}
    assert len(pairs) >= 11
    for block, printed in pairs:
        code = compile(block, "docs/transforms.md", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        made = eval(code, names)
        if isawaitable(made):
            await asyncio.wait_for(made, 10)
        assert capsys.readouterr().out == printed
