"""What carriers are asked with: the seam between the question and how it is put to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from doorstep.deadline import Deadline
from doorstep.limits import CarrierLimits
from doorstep.merchant import CarrierAccount
from doorstep.ports import CancelPolicy, CarrierConnector, PollPolicy, QuotePolicy
from doorstep.quote import CarrierAnswer, QuoteRequest
from doorstep.scorecard import CarrierCounts


@dataclass(frozen=True, slots=True)
class LinkedCarrier:
    """An account with the connector that speaks for it, and what its plug-in says of all such accounts."""

    account: CarrierAccount
    connector: CarrierConnector
    limits: CarrierLimits = field(default_factory=CarrierLimits)
    quoting: QuotePolicy = field(default_factory=QuotePolicy)
    cancelling: CancelPolicy = field(default_factory=CancelPolicy)
    most_stops: int = 1
    polling: PollPolicy = field(default_factory=PollPolicy)


class Reuse(StrEnum):
    """How much of what is remembered may stand for an answer."""

    NOTHING = "NOTHING"
    """A person wants to know."""
    REFUSALS = "REFUSALS"
    """Somebody is to be booked: a price has to stand, but what was refused lately is not asked again."""
    ALL = "ALL"
    """A checkout, which is drawn again and again and must not be empty."""
    ONLY = "ONLY"
    """A checkout that nobody has time for: what is remembered is all, and no carrier is asked."""

    @property
    def is_for_checkout(self) -> bool:
        """Whether prices of the last minutes and of the merchant's table may stand in for a carrier's."""
        return self in {Reuse.ALL, Reuse.ONLY}


@dataclass(frozen=True, slots=True)
class Heard:
    """What one carrier came to.

    Attributes
    ----------
    answer
        Its own, or what stands in for it.
    response_ms
        How long it took; 0 where it was not asked.
    was_asked, was_in_time
        For counting: whether it was asked, and whether it answered within the time.
    is_remembered
        It answered the same question within the last minute.
    """

    carrier: LinkedCarrier
    answer: CarrierAnswer
    response_ms: int = 0
    was_asked: bool = False
    was_in_time: bool = True
    is_remembered: bool = False


class Rates(Protocol):
    """Asks carriers."""

    def take_counts(self) -> Mapping[str, Sequence[CarrierCounts]]:
        """What was asked and answered since the last call, by merchant; it is kept here no longer."""
        ...

    async def shop(
        self,
        carriers: Sequence[LinkedCarrier],
        request: QuoteRequest,
        deadline: Deadline,
        *,
        reuse: Reuse = Reuse.NOTHING,
        settle_s: float | None = None,
        is_counted: bool = True,
    ) -> Sequence[Heard]:
        """Ask all of them; one result for each, in their order, when the deadline is over at the latest.

        Parameters
        ----------
        settle_s
            After so long the caller goes with what there is, if there is anything; None waits for all.
        is_counted
            Whether it tells how carriers do; not, where they were asked before and counted then.
        """
        ...
