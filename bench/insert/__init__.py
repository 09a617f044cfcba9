"""Orders that arrive while a day is planned: how fast each gets its answer, and how good the day ends.

`python -m bench insert`: a thousand stops in a made-up city, a tenth of which arrive one by one. Each is put
in and answered, then the few routes around it are polished; in the end the routes are compared with a plan of
all orders that had the same seconds in one piece. Both are checked by the checker. Searches differ from seed
to seed by about as much as the two ways do: `--days` runs several.
"""

from bench.insert.run import main

__all__ = ["main"]
