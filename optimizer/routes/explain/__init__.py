"""Why visits have no place, in sentences for a dispatcher, and what would give them one.

First who may make a visit at all; then what no van could do even with an empty day; then, for visits that
compete, what the nearest vans lack beside the stops they have.
"""

from optimizer.routes.explain.explainer import Explainer, reasons_of, unassigned_of

__all__ = ["Explainer", "reasons_of", "unassigned_of"]
