"""How far planned routes are from the best known: `python -m bench routes --instances DIR --seconds 10`.

Files of Solomon, of Gehring and Homberger, and in VRPLIB's format (with or without time windows, prizes,
limits of length and tables of lengths) are read, others are left out and named. Each is planned on the whole
path of the product, checked by the checker and compared with the best known cost, by the convention that this
was counted by. `--peer` lets others plan the same instances for the same seconds in the same run;
`--first-plan` measures how soon there is a plan at all.
"""

from bench.routes.run import main

__all__ = ["main"]
