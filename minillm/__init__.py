"""An async conversation-tree toolkit for language models.

    cli                                      commands
    chat · dispatch                          the tree that talks
    stack                                    generator -> wrapped ChatModel
    client                                   where codec, host and transport meet
    generator                                host row + model + key + defaults
    providers · policies · tree              rows · wrappers around a model · the tree as data
    wire · transforms · cost · tools         pure functions
    json · report · transport · chat_model · observe · local · config_file
    errors
    types · loop_local

Each floor imports only from floors below it. Names load when they are first used.
"""

# errors gives types.collecting the class a cut stream raises, so it comes first and always.
from . import errors as _errors  # noqa: F401

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .types import Message as Message
