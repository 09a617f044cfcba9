"""Routes of a day: which van makes which visits, in which order, and when.

`planner.PyvrpPlanner` is the way in, `solving.solve` the algorithm.

    numbered    the problem in whole seconds and numbered places
    timetable   when a van arrives, waits, serves, rests and leaves
    insertion   where a visit fits at the least cost; the first plan
    part_model  a part of the day as PyVRP reads it
    search      the search over such a model
    or_tools    small days with rules that PyVRP does not know
    mending     searches that know every rule
    checker     the last word; shares no arithmetic with the parts above
    explain     why a stop is where it is, or nowhere
"""

from optimizer.routes.planner import PyvrpPlanner

__all__ = ["PyvrpPlanner"]
