"""Exceptions: simulated weeks with injected trouble, over the real tables and the flow's own steps.

What goes wrong is known, since the world does it on purpose; what is raised is compared with that.
Couriers, parcel carriers and vans follow timelines with a seed; the clock jumps from one thing that happens
to the next.
"""

from bench.exceptions.run import main

__all__ = ["main"]
