"""What a callable can be passed by name."""

from __future__ import annotations

import inspect
from dataclasses import dataclass


@dataclass(frozen=True)
class Parameters:
    """The parameters of a callable.

    Attributes:
        names: Those that can be passed by name; `None` where there is no signature.
        any_name: Whether it takes `**kwargs`.
    """

    names: frozenset[str] | None
    any_name: bool = False

    @staticmethod
    def of(callee: object) -> Parameters:
        """Reads the signature of a callable, or of anything else."""
        try:
            signature = inspect.signature(callee)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            return Parameters(None)
        parameters = signature.parameters.values()
        named = [
            p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
        ]
        any_name = any(p.kind is p.VAR_KEYWORD for p in parameters)
        return Parameters(frozenset(p.name for p in named), any_name)

    def take(self, keyword: str, reference: Parameters, *, is_standard: bool) -> bool:
        """Tells whether a keyword is accepted, as far as a signature can say.

        The standard object may lack a signature or have `**kwargs` in it: nothing is
        claimed for it beyond what it is. In a callable of ours `**kwargs` counts
        only where the standard one has no more to say.
        """
        if self.names is None:
            return is_standard
        if keyword in self.names:
            return True
        if is_standard:
            return self.any_name
        unnamed = reference.names is not None and keyword not in reference.names
        return self.any_name and reference.any_name and unnamed
