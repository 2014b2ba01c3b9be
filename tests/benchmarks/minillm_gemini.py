"""minillm over Gemini as a contestant: copy it beside ``minillm_.py`` and name it in the harness's ``ORDER``."""

NAME, VENV, DIST, FLOOR, DIALECT = "minillm_gemini", "minillm", ["minillm-tree"], "floor_gemini", "gemini"
IMPORT = "from minillm import ChatNode, GeneratorInfo"
from . import minillm_  # noqa: E402


class Client(minillm_.Client):
    """The same calls in another dialect."""

    wire = "gemini_generate_content"
    path = "/v1beta"
