"""How far planned routes are from the best known: `python -m bench routes --instances DIR --seconds 10`.

Files of Solomon, of Gehring and Homberger (.txt), and in VRPLIB's format (.vrp, with or without time windows
and prizes) are read, planned on the whole path of the product, checked by the checker and compared with the
best known costs. `--peer` lets others plan the same instances for the same seconds in the same run;
`--first-plan` measures how soon there is a plan at all.
"""

from bench.routes.run import main

__all__ = ["main"]
