"""Routes of a day: which van makes which visits, in which order, and when.

`planner.PyvrpPlanner` is the way in. `checker.check` has the last word on every answer; it shares no
arithmetic with the parts that make them (`task`, `schedule`, `greedy`, `model`).
"""

from optimizer.routes.planner import PyvrpPlanner

__all__ = ["PyvrpPlanner"]
