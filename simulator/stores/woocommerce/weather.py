"""When a simulated WooCommerce has its bad moments: on order, by chance, or for a span of time."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime, timedelta

from doorstep.clock import Clock
from simulator.stores.woocommerce.troubles import Planned, Trouble


class Weather:
    """Decides which trouble, if any, the next call meets.

    An outage comes first, then what was planned, then chance.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._planned: list[Planned] = []
        self._chances: dict[Trouble, float] = {}
        self._rng = random.Random(0)
        self._writes_only = False
        self._outage_until: datetime | None = None
        self._outage_kind = Trouble.HTML_503

    def plan(self, trouble: Planned) -> None:
        """Spoil calls to come."""
        self._planned.append(trouble)

    def by_chance(self, chances: Mapping[Trouble, float], seed: int, *, writes_only: bool = False) -> None:
        """Spoil each call with these probabilities; {} ends it.

        Parameters
        ----------
        chances
            Probability by kind; together at most 1.
        seed
            Makes a run repeatable.
        writes_only
            Let reads pass.

        Raises
        ------
        ValueError
            If the probabilities add up to more than 1.
        """
        if sum(chances.values()) > 1:
            raise ValueError("The probabilities of all troubles must add up to 1 at most")
        self._chances, self._writes_only = dict(chances), writes_only
        self._rng = random.Random(seed)

    def outage(self, seconds: float, kind: Trouble = Trouble.HTML_503) -> None:
        """Be away for so many world seconds: nothing is done, wp-cron rests too; 0 ends an outage."""
        self._outage_until = self._clock.now() + timedelta(seconds=seconds)
        self._outage_kind = kind

    @property
    def is_away(self) -> bool:
        """Whether an outage is going on."""
        return self._outage_until is not None and self._clock.now() < self._outage_until

    def next_trouble(self, method: str, endpoint: str) -> Trouble | None:
        """What happens to this call."""
        if self.is_away:
            return self._outage_kind
        for planned in self._planned:
            if planned.concerns(method, endpoint):
                planned.count -= 1
                if not planned.count:
                    self._planned.remove(planned)
                return planned.kind
        if not self._chances or (self._writes_only and method == "GET"):
            return None
        drawn = self._rng.random()
        for kind, probability in self._chances.items():
            drawn -= probability
            if drawn < 0:
                return kind
        return None
