"""What may be decided about a world before it begins."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from simulator.city.city import TIME_ZONE
from simulator.world.plan import Customs


@dataclass(frozen=True, slots=True)
class WorldSettings:
    """Everything that two runs of the same day must agree on.

    Attributes
    ----------
    start, quiet_after
        Wall clock of the city on `day`: when the clock begins, and when nobody orders any more.
    rate
        World seconds a machine second.
    is_stepped
        The clock stands and only `tick` moves it.
    parcel_pace
        1 lets parcels take their days, less shortens every step of their way alike.
    has_silence
        Whether one van loses its network for seven minutes.
    dropout_chance
        How often a courier gives a delivery up before the pickup, 0 to 1.

    Raises
    ------
    ValueError
        If `rate`, `parcel_pace` or `dropout_chance` is out of range.
    """

    seed: int
    day: date
    start: time = time(8, 30)
    quiet_after: time = time(16, 30)
    rate: float = 1.0
    is_stepped: bool = False
    clock_file: Path | None = None
    customs: Customs = field(default_factory=Customs)
    parcel_pace: float = 1.0
    has_silence: bool = True
    dropout_chance: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.rate <= 1000:
            raise ValueError(f"rate must lie in 0 to 1000 world seconds a second, got {self.rate}")
        if not 0 < self.parcel_pace <= 1:
            raise ValueError(f"parcel_pace must lie in 0 to 1, got {self.parcel_pace}")
        if not 0 <= self.dropout_chance <= 1:
            raise ValueError(f"dropout_chance must lie in 0 to 1, got {self.dropout_chance}")

    @property
    def opens_at(self) -> datetime:
        """What the clock shows first."""
        return datetime.combine(self.day, self.start, ZoneInfo(TIME_ZONE))

    @property
    def closes_at(self) -> datetime:
        """When shoppers stop."""
        return datetime.combine(self.day, self.quiet_after, ZoneInfo(TIME_ZONE))
