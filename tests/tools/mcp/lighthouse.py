"""An MCP server made with the official package, over stdio or streamable HTTP.

python lighthouse.py                      stdio
python lighthouse.py --http PORT_FILE     on a free port of this machine, which it writes to the file

What calls do is written to the file that ``LIGHTHOUSE_LOG`` names, a line each.
"""

import base64
import json
import os
import socket
import sys

import anyio
from mcp import types
from mcp.server.mcpserver import Audio, Context, Image, MCPServer

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
server = MCPServer("lighthouse", instructions="Ask for towers by name.")


def note(text: str) -> None:
    if path := os.environ.get("LIGHTHOUSE_LOG"):
        with open(path, "a", encoding="utf-8") as file:
            file.write(text + "\n")


@server.tool(annotations=types.ToolAnnotations(read_only_hint=True, title="Height"))
def height_of(tower: str, unit: str = "m") -> str:
    """The height of a lighthouse."""
    return f"{tower}: 31 {unit}"


@server.tool(name="lamp.switch", annotations=types.ToolAnnotations(idempotent_hint=True))
def switch_lamp(on: bool) -> str:
    """Switches the lamp."""
    return "on" if on else "off"


@server.tool()
def environment(name: str) -> str:
    """A variable."""
    return os.environ.get(name, "(not set)")


@server.tool()
def variables() -> list[str]:
    """The names of all variables."""
    return sorted(os.environ)


@server.tool()
def fail(how: str) -> str:
    """Fails."""
    raise ValueError(how)


@server.tool()
def picture() -> list[types.ContentBlock | Image | Audio]:
    """A picture, a text, a sound, a link, a document."""
    return [
        "a pixel:",
        Image(data=PIXEL, format="png"),
        types.ImageContent(data="bm8gcGljdHVyZQ==", mime_type="image/png"),
        types.ResourceLink(name="chart", uri="file:///chart.pdf", mime_type="application/pdf"),
        types.EmbeddedResource(
            resource=types.TextResourceContents(uri="note://1", text="mind the rocks", mime_type="text/plain")
        ),
        types.EmbeddedResource(
            resource=types.BlobResourceContents(
                uri="file:///log/night.bin", blob=base64.b64encode(b"\x00\x01").decode(), mime_type="application/x-log"
            )
        ),
    ]


@server.tool(structured_output=True)
def facts() -> dict[str, int]:
    """Facts."""
    return {"height": 31}


@server.tool()
def long_text(length: int) -> str:
    """A long text."""
    return "x" * length


@server.tool()
async def wait(seconds: float, ctx: Context) -> str:
    """Waits, and says how far it is."""
    note("waiting")
    try:
        await ctx.report_progress(1, 2, "half \x1b[31mway")
        await anyio.sleep(seconds)
    except BaseException:
        note("cancelled")
        raise
    note("waited")
    return "waited"


@server.tool()
async def key(ctx: Context) -> str:
    """The idempotency key of this call."""
    meta = ctx.request_context.meta
    return json.dumps(dict(meta or {}).get("minillm/idempotencyKey"))


@server.tool()
def die(status: int) -> str:
    """Ends the server in the midst of the call."""
    print("the lamp is out, key", os.environ.get("TOKEN"), file=sys.stderr, flush=True)
    if status < 0:
        os.kill(os.getpid(), -status)
    os._exit(status)


@server.tool()
async def grow(name: str, ctx: Context) -> str:
    """Adds a tool."""
    server.add_tool(lambda: "grown", name=name, description="A new one.")
    await ctx.notify_tools_changed()
    await ctx.session.send_tool_list_changed()
    return "grown"


async def serve_http(port_file: str) -> None:
    import uvicorn

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(server.streamable_http_app(), log_level="error", timeout_graceful_shutdown=1)
        listener.listen()
        with open(port_file, "w", encoding="utf-8") as file:
            file.write(str(listener.getsockname()[1]))
        await uvicorn.Server(config).serve([listener])


if __name__ == "__main__":
    if len(sys.argv) > 1:
        anyio.run(serve_http, sys.argv[2])
    else:
        server.run()
