"""Settings of dispatch: who is booked, what a machine may do by itself, and when orders go together."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from doorstep.money import Money

MOST_STOPS = 8
"""In one tour: what the carriers that stack take at most."""


class DispatchStrategy(StrEnum):
    """Who is asked first when an order is to be booked.

    BEST_VALUE goes by the score, or by the expected cost where a merchant says what a miss costs.
    PREFERRED_ORDER asks the merchant's preferred carriers in their order and the others after them,
    SEQUENTIAL the preferred ones alone. MANUAL leaves booking to people.
    """

    BEST_VALUE = "BEST_VALUE"
    CHEAPEST = "CHEAPEST"
    FASTEST = "FASTEST"
    MOST_RELIABLE = "MOST_RELIABLE"
    OWN_FLEET_FIRST = "OWN_FLEET_FIRST"
    PREFERRED_ORDER = "PREFERRED_ORDER"
    SEQUENTIAL = "SEQUENTIAL"
    MANUAL = "MANUAL"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class DispatchRules:
    """How a merchant's orders are booked.

    What the shopper chose goes first whatever stands here, and neither it nor an offer that somebody names
    is held to the three limits.

    Attributes
    ----------
    preferred
        Ids of accounts or codes of carriers, first to last; every strategy but the two that are named for
        it passes them over.
    reassign
        A machine books again what a carrier dropped; else that is left to a person.
    miss_cost
        What a booking that is dropped, late or fails costs beside its price: refund, second trip, support.
        With it BEST_VALUE asks the least price + (1 - reliability) * miss_cost first; None goes by the score,
        and so by the weights of the merchant or of a rule.
    latest_promise_s
        Nothing is booked that is promised for later than this after the goods are ready, seconds.
    min_reliability
        Nobody is booked who is less reliable, 0 to 1; a carrier without a record is not held to it.
    max_premium
        Nothing is booked that costs more than this above what the shopper paid for delivery; where the store
        does not say what that was, this limits nothing.

    Raises
    ------
    ValueError
        If a number is out of its range, somebody is preferred twice, or SEQUENTIAL names nobody.
    """

    strategy: DispatchStrategy = DispatchStrategy.BEST_VALUE
    preferred: tuple[str, ...] = ()
    reassign: bool = True
    miss_cost: Money | None = None
    latest_promise_s: int | None = None
    min_reliability: float | None = None
    max_premium: Money | None = None

    def __post_init__(self) -> None:
        if self.strategy is DispatchStrategy.SEQUENTIAL and not self.preferred:
            raise ValueError("SEQUENTIAL needs somebody in preferred, else nobody would be asked")
        if len(set(self.preferred)) < len(self.preferred):
            raise ValueError("preferred names somebody twice")
        for name, amount in (("miss_cost", self.miss_cost), ("max_premium", self.max_premium)):
            if amount is not None and amount.minor < 0:
                raise ValueError(f"{name} must not be negative, got {amount}")
        if self.latest_promise_s is not None and self.latest_promise_s <= 0:
            raise ValueError(f"latest_promise_s must be positive, got {self.latest_promise_s}")
        if self.min_reliability is not None and not 0 <= self.min_reliability <= 1:
            raise ValueError(f"min_reliability must be 0 to 1, got {self.min_reliability}")


@dataclass(frozen=True, slots=True)
class DispatchLimits:
    """What somebody who dispatched a delivery allowed; machines that go on with it keep to that.

    Attributes
    ----------
    max_price
        Nothing dearer is booked; None for anything.
    allow_fallback
        Whether anybody else may be asked than the one who was.
    """

    max_price: Money | None = None
    allow_fallback: bool = True


@dataclass(frozen=True, slots=True)
class Spending:
    """What a machine may do by itself, and spend, for a courier who comes too late.

    Attributes
    ----------
    tip_cap
        The most that is offered to a courier beside the price, in all; None offers nothing.
    tip_step
        By so much at a time; None offers all of it at once.
    hedges
        Whether a booking that costs nothing to call off is replaced by one that comes sooner.
    max_hedges
        So often for one delivery.
    patience_s
        How long a step is given to work before the next one.
    """

    tip_cap: Money | None = None
    tip_step: Money | None = None
    hedges: bool = True
    max_hedges: int = 2
    patience_s: int = 120

    def __post_init__(self) -> None:
        if self.tip_cap is not None and self.tip_cap.minor <= 0:
            raise ValueError("tip_cap must be positive; leave it out to offer nothing")
        if self.tip_step is not None and self.tip_step.minor <= 0:
            raise ValueError("tip_step must be positive; leave it out to offer all at once")
        if self.tip_cap and self.tip_step and self.tip_cap.currency != self.tip_step.currency:
            raise ValueError("tip_step must be in the currency of tip_cap")
        if self.max_hedges < 0 or self.patience_s < 0:
            raise ValueError("max_hedges and patience_s must not be negative")


@dataclass(frozen=True, slots=True)
class StackRules:
    """When orders wait for company, to go with one courier who brings them all.

    Only what a courier fetches from the same place waits, only under BEST_VALUE and CHEAPEST, and never so
    long that the shopper's promise would be at risk.

    Attributes
    ----------
    most_stops
        So many doors in one tour; 1 lets nobody wait.
    longest_wait_s
        Nobody waits longer than this for company, seconds.
    spare_s
        Between the expected arrival and the end of the promise so much must be left, seconds; for one that
        waits twice as much, since company is a way round.
    handover_s
        What a stop at a door takes, seconds.
    least_saving
        Less than this is not worth it; None takes every saving.

    Raises
    ------
    ValueError
        If a number is out of its range.
    """

    most_stops: int = 1
    longest_wait_s: int = 1800
    spare_s: int = 600
    handover_s: int = 240
    least_saving: Money | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.most_stops <= MOST_STOPS:
            raise ValueError(f"most_stops must be 1 to {MOST_STOPS}, got {self.most_stops}")
        if min(self.longest_wait_s, self.spare_s, self.handover_s) < 0:
            raise ValueError("longest_wait_s, spare_s and handover_s must not be negative")
        if self.least_saving is not None and self.least_saving.minor < 0:
            raise ValueError(f"least_saving must not be negative, got {self.least_saving}")

    @property
    def is_on(self) -> bool:
        """Whether anybody waits."""
        return self.most_stops > 1 and self.longest_wait_s > 0
