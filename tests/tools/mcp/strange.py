"""An MCP server of an older protocol, out of the standard library alone, that does what no server should.

    python strange.py [silent | quits | prints | deaf | pages]

Its tools are named by what they do.
"""

import json
import os
import signal
import sys
import threading
import time

MODE = sys.argv[1] if len(sys.argv) > 1 else ""
OBJECT = {"type": "object", "properties": {}}


def tool(name, **more):
    return {"name": name, "inputSchema": OBJECT, **more}


TOOLS = [
    tool("height_of", description="its own"),
    tool("echo", inputSchema={"type": "object", "properties": {"text": {"type": "string"}}}),
    tool("file.read"),
    tool("file/read"),
    tool("file_write"),
    tool("file.write"),
    tool("n" * 100),
    tool("long", description="d" * 10_000),
    tool("\x1b[2Jclear", inputSchema={"type": "object", "properties": {"s": {"description": "x" * 200_000}}}),
    tool("echo", description="once more"),
    tool("", description="nameless"),
    *map(tool, ["endless", "refused", "misshapen", "asks", "dies", "vanishes", "changes", "nothing", "stars"]),
]


def send(message):
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def text(words, **more):
    return {"content": [{"type": "text", "text": words}], **more}


def call(name, arguments):
    """The result, or None where there is none to come."""
    match name:
        case "echo":
            return text(arguments["text"])
        case "endless":
            threading.Thread(target=flood, daemon=True).start()
        case "refused":
            raise PermissionError("\x1b[31mno\x07 " + "!" * 5000)
        case "misshapen":
            return {"content": "a secret that is no list"}
        case "asks":
            params = {"message": "Your password?", "requestedSchema": {"type": "object", "properties": {}}}
            send({"id": "q1", "method": "elicitation/create", "params": params})
        case "dies":
            print("last words of", os.environ.get("TOKEN"), "\x1b[2J", file=sys.stderr, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
        case "vanishes":
            os.close(1)
        case "changes":
            TOOLS.append(tool("new"))
            send({"method": "notifications/tools/list_changed"})
            return text("changed")
        case "stars":
            return {"content": [], "structuredContent": {"stars": 3}}
        case "nothing":
            pass
        case _:
            return text(f"{name}!")
    return None


def flood():
    while True:
        sys.stdout.write("x" * 100_000)


def answer(message):
    method, params = message.get("method"), message.get("params") or {}
    if message.get("id") == "q1" and method is None:
        return send({"id": ASKED[0], "result": text(json.dumps(message.get("error")), isError=True)})
    if "id" not in message:
        if method == "notifications/cancelled" and (path := os.environ.get("STRANGE_LOG")):
            with open(path, "a", encoding="utf-8") as file:
                file.write("cancelled\n")
        return None
    if method == "initialize":
        if MODE == "silent":
            return None
        capabilities = {"tools": {"listChanged": True}}
        result = {
            "protocolVersion": "2025-06-18",
            "capabilities": capabilities,
            "serverInfo": {"name": "strange", "version": "1"},
        }
    elif method == "tools/list":
        result = {"tools": TOOLS}
        if MODE == "pages":
            page = int(params.get("cursor") or 0)
            result = {"tools": [tool(f"tool{page}_{n}") for n in range(50)], "nextCursor": str(page + 1)}
    elif method == "tools/call":
        ASKED[:] = [message["id"]]
        try:
            result = call(params["name"], params.get("arguments") or {})
        except PermissionError as error:
            return send({"id": message["id"], "error": {"code": -32000, "message": str(error)}})
        if result is None:
            return None
    else:
        return send({"id": message["id"], "error": {"code": -32601, "message": "Method not found"}})
    return send({"id": message["id"], "result": result})


ASKED: list = []

if MODE == "quits":
    print("no licence for", os.environ.get("TOKEN"), file=sys.stderr)
    sys.exit(7)
if MODE == "prints":
    print("Welcome!", flush=True)
for line in sys.stdin:
    answer(json.loads(line))
if MODE == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(1)
