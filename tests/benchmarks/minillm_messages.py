"""minillm over Messages as a contestant: copy it beside ``minillm_.py`` and name it in the harness's ``ORDER``."""

NAME, VENV, DIST, FLOOR, DIALECT = "minillm_messages", "minillm", ["minillm-tree"], "floor_messages", "messages"
IMPORT = "from minillm import ChatNode, GeneratorInfo"
from . import minillm_  # noqa: E402


class Client(minillm_.Client):
    """The same calls in another dialect."""

    wire = "anthropic_messages"
    path = "/v1"
