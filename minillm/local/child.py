"""The program of the child process: llama.cpp's own HTTP server, out of the xllamacpp wheel.

Run by its path, it imports nothing of minillm. The first line of its input is a JSON object with its
settings, the API key among them, since arguments and environment can be read by other programs. Its
answer is one line of JSON on the output, ``{"ready": url}`` or ``{"failed": reason}``; other lines are
the log. The input stays open for as long as the parent lives: its end is the end of this process.
"""

import json
import os
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from importlib import import_module
from typing import Any, NoReturn

LOOPBACK = "127.0.0.1"


def die_with_parent(standing: int) -> None:
    """End this process when the parent is gone, whatever ended it.

    Three ways, since none covers everything. The kernel's signal comes even while native code holds
    the interpreter (loading a model does), but only on Linux, and goes by the thread that started us:
    the parent keeps that thread for as long as we run. The end of the input works everywhere, but a
    process forked from the parent may hold the other end of the pipe open; the parent's pid tells then.
    """
    if sys.platform == "linux":
        import ctypes

        PR_SET_PDEATHSIG = 1  # noqa: N806  as in prctl(2)
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_watch_input, daemon=True).start()
    threading.Thread(target=_watch_parent, args=(standing,), daemon=True).start()


def _watch_input() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def _watch_parent(standing: int) -> None:
    while os.getppid() == standing:
        time.sleep(1)
    os._exit(0)


def serve(settings: dict[str, Any]) -> Any:
    """Start the server and return it with its model loaded; it stops when it is collected.

    Raises:
        RuntimeError: the model cannot be loaded; the log says why.
    """
    xllamacpp: Any = import_module("xllamacpp")  # its wheel tells no types

    params = xllamacpp.CommonParams()
    params.model.path = settings["model_path"]
    params.model_alias = {settings["alias"]}
    params.hostnames = [LOOPBACK]
    params.port = 0
    params.api_keys = [settings["api_key"]]
    params.n_parallel = settings["parallel"]
    params.n_ctx = settings["context_length"] * settings["parallel"]
    params.n_predict = settings["max_tokens"]
    for name, value in settings["sampling"].items():
        setattr(params.sampling, name, value)
    params.cpuparams.n_threads = settings["threads"]
    params.cpuparams_batch.n_threads = settings["threads"]
    params.use_jinja = True
    if settings["template"]:
        params.chat_template = settings["template"]
    params.warmup = False  # the first request warms it as well, and may not even come
    params.offline = True  # a path is a path: never a name to look up on a model hub
    params.cors_origins = ""  # no page of any origin may read an answer
    params.ui = False
    params.verbosity = 1  # errors only: higher levels tell about requests
    return xllamacpp.Server(params)


def wait_until_loaded(url: str) -> None:
    """Return when the server takes requests; it listens earlier and answers 503 until then."""
    # No proxy of the environment may stand between this process and itself.
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while True:
        try:
            with direct.open(f"{url}/health", timeout=10):
                return
        except urllib.error.HTTPError as error:
            error.close()
        time.sleep(0.02)


def say(answer: dict[str, str]) -> None:
    # With the line breaks around it the answer stands alone even if native code left a line unfinished.
    sys.stdout.write(f"\n{json.dumps(answer)}\n")
    sys.stdout.flush()


def main() -> NoReturn:
    standing = os.getppid()
    # Ctrl-C goes to every process of the terminal; whether the program ends is for the parent to say.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    line = sys.stdin.buffer.readline()
    if not line.endswith(b"\n"):
        os._exit(0)  # the parent went away in the middle of it
    settings = json.loads(line)
    die_with_parent(standing)
    sys.path.extend(path for path in settings["python_path"] if path not in sys.path)
    try:
        server = serve(settings)
        wait_until_loaded(server.listening_address)
    except AttributeError as error:
        update = "python -m pip install --upgrade 'minillm-tree[local]'"
        say({"failed": f"this version of xllamacpp is too old or too new ({error}); try\n    {update}"})
        os._exit(1)
    except Exception as error:
        say({"failed": f"{type(error).__name__}: {error}"})
        os._exit(1)
    say({"ready": server.listening_address})
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    main()
