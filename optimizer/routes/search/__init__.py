"""Search over a PyVRP model: annealed local search on two threads, in parts where the model is large."""

from optimizer.routes.search.improving import improve_solution

__all__ = ["improve_solution"]
