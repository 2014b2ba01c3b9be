"""What a node can say of calls: before one is made, what it would send and cost; afterwards, what was spent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from ..tree import Node, attempts_of, cost_of
from ..types import Attempt, ChatRequest, CostInfo
from .purses import SubtreeBudget

if TYPE_CHECKING:
    from ..cost import Estimate
    from ..stack import Model
    from .caching import CacheState
    from .estimating import EstimatedCall, WholeCall
    from .parameters import Options, Params

__all__ = ["AskingNode"]


class AskingNode(Node):
    """All of a ChatNode that does not make replies."""

    __slots__ = ()
    budget = SubtreeBudget()

    async def ensure_cached(
        self, gen: Model, /, params: Params = None, *, ttl: str | None = None, **options: Unpack[Options]
    ) -> CacheState:
        """See that the prompt up to the last cache mark on the path is in the host's cache.

        Where it is known to be there (this call, or a reply that told so), nothing is sent. Else one request makes the
        host read the prompt and answer as little as it can be asked to. A path without marks is cached to its end.
        Nothing is attached; the request is on this node's bill. Tasks that ask for the same at once share one request.

        Args:
            gen, params, options: as the calls to come will have them: tools, thinking and the answer's form are part
                of what is cached.
            ttl: how long (``"5m"``, ``"1h"``), for marks that do not say so themselves.

        Raises:
            What :meth:`complete` raises, but for what it says of the answer.
        """
        from .caching import ensure_cached

        return await ensure_cached(self, gen, params, ttl, options)

    def build_request(
        self, gen: Model, /, params: Params = None, *, output: Any = None, **options: Unpack[Options]
    ) -> ChatRequest:
        """Exactly what ``complete`` would ask, without asking; apart from the words in which a host without schemas
        is told of ``output``."""
        from .parameters import resolve
        from .request import build_request

        return build_request(self, gen, resolve(gen, params, options, output))

    def estimate(self, gen: Model, /, params: Params = None, **call: Unpack[EstimatedCall]) -> Estimate:
        """Tokens and USD that ``complete`` with the same arguments would take: lower, likely, upper; nothing is sent.

        ``calibration=`` is experience to draw on; None is the process's own, which every reply teaches.
        """
        from .estimating import estimate

        return estimate(self, gen, params, call)

    async def count_tokens(self, gen: Model, /, params: Params = None, **call: Unpack[WholeCall]) -> int:
        """The prompt tokens of that call, counted by the host (Anthropic, Gemini, OpenAI), free of charge.

        Raises what :meth:`complete` raises before an answer, ConfigurationError too where the host does not count.
        """
        from .estimating import count_tokens

        return await count_tokens(self, gen, params, call)

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """Every HTTP exchange booked on this node: those of its answer, then those of calls that failed here."""
        return attempts_of(self)

    @property
    def cost(self) -> CostInfo:
        """What those exchanges cost; ``usd`` is None where any part is unknown. Nothing sent costs 0."""
        return cost_of((self,))
