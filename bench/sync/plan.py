"""What one run does, drawn from its options and its seed alone."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

HISTORY_DAYS = 20


@dataclass(frozen=True, slots=True)
class Plan:
    """The size and the shape of a run.

    Attributes
    ----------
    orders
        In both stores together, half of them in each.
    carried
        Share of orders that a carrier delivers; the others are picked up, or nothing to carry.
    live
        Share of orders that are placed while the stores are read; the others were there before.
    changed
        Changes by staff and shoppers for each order.
    workers
        Processes that run jobs.
    kill_every_s
        Machine seconds between two kills of a worker, on average; while a history is read, six times that.
    rate
        World seconds a machine second.
    trouble
        How often calls to the stores go wrong, as a multiple of what long runs have.
    patience_s
        Machine seconds that everything may take to converge after the faults stopped.
    keep
        Folder in which logs are kept; "" for none.
    """

    orders: int
    seed: int
    carried: float
    live: float
    changed: float
    workers: int
    kill_every_s: float
    rate: float
    trouble: float
    patience_s: float
    keep: str

    @property
    def past(self) -> int:
        """Orders that are there before the stores are linked."""
        return self.orders - self.coming

    @property
    def coming(self) -> int:
        """Orders that are placed while the stores are read."""
        return round(self.orders * self.live)


def read_plan(arguments: Sequence[str]) -> Plan:
    """The plan that the command line asks for."""
    parser = argparse.ArgumentParser(prog="bench sync")
    parser.add_argument("--orders", type=int, default=100_000, help="in both stores together")
    parser.add_argument("--seed", type=int, default=1, help="makes the run's plan repeatable")
    parser.add_argument("--carried", type=float, default=0.04, help="share that a carrier delivers")
    parser.add_argument("--live", type=float, default=0.4, help="share placed while the stores are read")
    parser.add_argument("--changed", type=float, default=0.3, help="changes for each order")
    parser.add_argument("--workers", type=int, default=2, help="worker processes")
    parser.add_argument("--kill-every", type=float, default=0.0, help="seconds between two kills; 0 chooses")
    parser.add_argument("--rate", type=float, default=0.0, help="world seconds a second; 0 chooses")
    parser.add_argument("--patience", type=float, default=600.0, help="seconds that convergence may take")
    parser.add_argument("--keep", default="", help="folder for the logs of the processes")
    options = parser.parse_args(arguments)
    if options.orders < 100:
        parser.error("--orders must be 100 or more, so that every fault meets something")
    is_short = options.orders <= 5000
    return Plan(
        orders=options.orders,
        seed=options.seed,
        carried=options.carried,
        live=options.live,
        changed=options.changed,
        workers=options.workers,
        kill_every_s=options.kill_every or (12.0 if is_short else 60.0),
        rate=options.rate or (20.0 if is_short else 6.0),
        # Each kind must meet one of a few hundred calls as well.
        trouble=2.0 if is_short else 1.0,
        patience_s=options.patience,
        keep=options.keep,
    )
