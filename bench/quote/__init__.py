"""How much our own work adds to a quote, whatever carriers do.

`python -m bench quote`. Eight carriers listen on loopback in a process of their own and say how long they
held each answer back. Four parts, each against what a plain fan-out on aiohttp, or the clock, says:

- overhead: what a quote takes longer than the slowest carrier held it (slowest 100 ms), ours and the floor's
  in turns;
- overrun: with two of the eight hung and a budget of 200 ms, what a quote takes longer than that;
- quotes/s: as many questions at once as two cores bear, all different;
- checkouts, through the real flow and database, while 30 % of all calls hang or fail: cold, and again within
  the minute; how many were empty.
"""

from bench.quote.run import main

__all__ = ["main"]
