"""What the flow keeps of arrivals, and who learns from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from doorstep.eta_learning import CarrierRatios, EtaTrip, EtaVersion, Spans


class Etas(Protocol):
    """Arrivals of one merchant that were foretold, and versions of what foretells them."""

    async def ask(self, trips: Sequence[EtaTrip]) -> None:
        """Keep those whose delivery has none yet in the same horizon."""
        ...

    async def arrived(self, delivery_id: str, carrier: str, moments: Sequence[datetime]) -> None:
        """What was said of a delivery turns out: each is about the first of the moments after it.

        What was asked after the last of them, or of another carrier, which did not come, is let go of.
        """
        ...

    async def not_arrived(self, delivery_id: str) -> None:
        """What turned out of a delivery did not: it was said by mistake that it had come."""
        ...

    async def finished(self, limit: int, since: datetime | None = None) -> Sequence[EtaTrip]:
        """The newest that arrived, of those asked since a moment; in the order in which they were asked."""
        ...

    async def arrived_since(self, moment: datetime | None) -> int:
        """How many turned out after a moment; None for all."""
        ...

    async def current(self) -> EtaVersion | None: ...
    async def versions(self, limit: int) -> Sequence[EtaVersion]:
        """The newest first."""
        ...

    async def body(self, number: int) -> bytes | None:
        """The model of a version; None where it has none or it was let go of."""
        ...

    async def add(self, version: EtaVersion, body: bytes | None) -> bool:
        """Keep a version; false where its number is taken. One that is current replaces the one that was."""
        ...

    async def use(self, number: int) -> EtaVersion | None:
        """Let an older one answer again; None where there is none whose model is still there."""
        ...


class Learned(Protocol):
    """What was learned from trips; figures are those of `EtaVersion`."""

    @property
    def carriers(self) -> tuple[CarrierRatios, ...]: ...
    @property
    def body(self) -> bytes | None: ...
    @property
    def error_s(self) -> float | None: ...
    @property
    def coverage(self) -> float | None: ...
    @property
    def worst_coverage(self) -> float | None: ...
    @property
    def worst_slice(self) -> str: ...
    @property
    def reckoned_error_s(self) -> float | None: ...
    @property
    def before_error_s(self) -> float | None: ...


class EtaModels(Protocol):
    """Learns from arrivals, and foretells them with models that it was handed; knows no merchant."""

    def has(self, key: str) -> bool:
        """Whether it can answer for this key."""
        ...

    def take(self, key: str, body: bytes) -> None:
        """Hold a model ready; raises ValueError where the bytes are none."""
        ...

    def spans(self, key: str, trips: Sequence[EtaTrip]) -> Sequence[Spans]:
        """What the model of a key says of each."""
        ...

    def learn(
        self, trips: Sequence[EtaTrip], before: bytes | None, before_at: datetime | None = None
    ) -> Learned:
        """Learn from trips that arrived, in order; takes seconds.

        `before` is the model that answers now, and learned at `before_at`: it is judged by later trips.
        """
        ...


@dataclass(frozen=True, slots=True)
class Figures:
    """How good what was said was, of some trips.

    Attributes
    ----------
    title
        Which they are.
    error_s
        Mean absolute error of the middle, seconds.
    late_s
        Mean of arrival less middle: above 0 where things arrive later than was said.
    """

    title: str
    trips: int
    error_s: float
    late_s: float
    coverage: float
