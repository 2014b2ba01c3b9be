"""Options of commands that try a host: who is asked."""

from typing import Annotated

from cyclopts import Parameter, validators

from ...trials.provider_table import Wire

__all__ = ["ONE_OR_MORE", "BaseURL", "Force", "Generator", "Json", "KeyEnv", "Model", "Provider", "WireOption"]

ONE_OR_MORE = validators.Number(gte=1)

Generator = Annotated[
    tuple[str, ...],
    Parameter(
        name=["--generator", "-g"],
        help="Ask this instead of the file's providers, as provider:model, such as openai:gpt-5.4 or "
        "ollama:llama3.2; may be repeated.",
        negative="",
        show_default=False,
    ),
]
BaseURL = Annotated[
    str | None,
    Parameter(help="Ask the server at this address, such as http://127.0.0.1:8000/v1; give --model too."),
]
WireOption = Annotated[Wire | None, Parameter(help="The protocol of --base-url or --generator.")]
KeyEnv = Annotated[str | None, Parameter(help="The environment variable with the key of --base-url.")]
Provider = Annotated[
    tuple[str, ...],
    Parameter(
        name=["--provider", "-p"],
        help="Of the file's providers only this; may be repeated.",
        negative="",
        show_default=False,
    ),
]
Model = Annotated[
    tuple[str, ...],
    Parameter(
        name=["--model", "-m"],
        help="This model instead of the providers' own; may be repeated.",
        negative="",
        show_default=False,
    ),
]
Json = Annotated[bool, Parameter(help="Print one JSON value instead of tables.", negative="")]
Force = Annotated[bool, Parameter(help="Write over a file that is there.", negative="")]
