"""minillm over Responses as a contestant: copy it beside ``minillm_.py`` and name it in the harness's ``ORDER``."""

NAME, VENV, DIST, FLOOR, DIALECT = "minillm_responses", "minillm", ["minillm-tree"], "floor_responses", "responses"
IMPORT = "from minillm import ChatNode, GeneratorInfo"
from . import minillm_  # noqa: E402


class Client(minillm_.Client):
    """The same calls in another dialect."""

    wire = "openai_responses"
    path = "/v1"
