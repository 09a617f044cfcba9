"""Remedies: what a machine does about a courier who comes too late, and whom it would rather send. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from doorstep.delivery import Delivery, Leg
from doorstep.delivery_status import RANK, DeliveryStatus
from doorstep.dispatch_rules import Spending
from doorstep.incident import Incident, StepAction, StepStatus
from doorstep.merchant import Merchant
from doorstep.money import Money
from doorstep.ports import CancelPolicy
from doorstep.quote import DeliveryMode, Quote, QuoteSet
from gateway.flow.dispatching.allowed import lower

LOOKS = 3
"""How often others are looked for about the same incident before that is left to a person."""

SOONER_BY = timedelta(minutes=5)
"""So much sooner than a courier who is known to be coming must another be, to be worth the change."""

FRESH = timedelta(minutes=3)
"""A booking as young as this has had no time to find a courier."""

ASK_AGAIN = timedelta(minutes=1)
"""A carrier whose answer to our calling off was lost is asked again after this."""


_OF_HURRY = frozenset({StepAction.RAISE_OFFER, StepAction.REDISPATCH, StepAction.NEXT_QUOTE})
"""What is given its time to work before the next of these."""


class Remedy(StrEnum):
    """What is to be tried next."""

    NOTHING = "NOTHING"
    RAISE = "RAISE"
    REPLACE = "REPLACE"
    FINISH = "FINISH"
    """It was begun to call the booking off: that has to come to an end first."""


@dataclass(frozen=True, slots=True)
class Late:
    """A booking whose courier comes too late, and what has been tried about it.

    Attributes
    ----------
    incident
        None where nothing is known to be wrong.
    left
        What its playbook leaves to spend beside what is to be paid now; None where that says nothing.
    """

    merchant: Merchant
    delivery: Delivery
    leg: Leg
    incident: Incident | None
    now: datetime
    left: Money | None = None

    @property
    def spending(self) -> Spending:
        """What the merchant allows."""
        return self.merchant.spending

    @property
    def is_untaken(self) -> bool:
        """Whether no courier has the job."""
        return RANK.get(self.leg.status, 0) < RANK[DeliveryStatus.COURIER_ASSIGNED]

    @property
    def promised_by(self) -> datetime | None:
        """What the shopper was told."""
        return self.delivery.promise.window.end if self.delivery.promise else None

    @property
    def limit(self) -> datetime | None:
        """When it must be there."""
        grace = timedelta(seconds=self.merchant.watch.late_grace_s)
        return self.promised_by + grace if self.promised_by else None

    @property
    def cap(self) -> Money | None:
        """The most that another may cost: a share of the first price; None for anything."""
        return lower(self._most_by_playbook, cap_of(self.merchant, self.delivery))

    @property
    def _most_by_playbook(self) -> Money | None:
        left, price = self.left, self.leg.price
        if left is None:
            return None
        # What cannot be compared is not spent.
        return price + left if left.currency == price.currency else price


def cap_of(merchant: Merchant, delivery: Delivery) -> Money | None:
    """The most that a machine may book again for: a share of the first price; None for anything.

    Of the first, since a share of the last would grow with each that drops it. And never more than whoever
    dispatched it allowed.
    """
    first = next((leg.price for leg in delivery.legs if leg.external_id), None)
    if first is None and delivery.legs:
        first = delivery.legs[0].price
    minor = first.minor * merchant.watch.redispatch_cap_percent // 100 if first else 0
    share = Money(minor, first.currency) if first and minor else None
    return lower(share, delivery.limits.max_price)


def concerns_machines(late: Late) -> bool:
    """Whether it is a courier's booking that stands and whose goods are still here."""
    leg, delivery = late.leg, late.delivery
    is_courier = leg.mode is DeliveryMode.COURIER and leg.is_live and bool(leg.external_id)
    has_goods = RANK.get(leg.status, 0) >= RANK[DeliveryStatus.PICKED_UP]
    return is_courier and not has_goods and not delivery.is_over and not delivery.is_cancel_requested


def is_due(late: Late) -> bool:
    """Whether something is left to try, and the step before has had its time."""
    if not concerns_machines(late):
        return False
    if late.leg.giving_up is not None:
        return late.leg.giving_up.since + ASK_AGAIN <= late.now
    is_fresh = late.leg.booked_at is not None and late.now < late.leg.booked_at + FRESH
    if late.incident is None or is_fresh or not (next_offer(late) or may_look(late)):
        return False
    steps = [step for step in late.incident.steps if step.action in _OF_HURRY]
    return not steps or steps[-1].at + timedelta(seconds=late.spending.patience_s) <= late.now


def next_remedy(late: Late, policy: CancelPolicy, *, can_raise: bool) -> Remedy:
    """What to do at this moment: more for the courier first, another courier then.

    Where calling off stops being free before a higher offer could work, that is not waited for.
    """
    if not is_due(late):
        return Remedy.FINISH if concerns_machines(late) and late.leg.giving_up else Remedy.NOTHING
    if late.leg.giving_up is not None:
        return Remedy.FINISH
    may_replace = may_look(late) and policy.is_free(late.leg, late.now)
    after = late.now + timedelta(seconds=late.spending.patience_s)
    is_last_moment = may_replace and not policy.is_free(late.leg, after)
    if can_raise and next_offer(late) is not None and not is_last_moment:
        return Remedy.RAISE
    return Remedy.REPLACE if may_replace else Remedy.NOTHING


def next_offer(late: Late) -> Money | None:
    """What to offer beside the price in all; None where that is used up or brings nobody."""
    cap, step = late.spending.tip_cap, late.spending.tip_step
    if cap is None or not late.is_untaken or _count(late, StepAction.RAISE_OFFER, StepStatus.FAILED):
        return None
    before = late.leg.extra
    if cap.currency != late.leg.price.currency or (before is not None and before >= cap):
        return None
    wanted = (before.minor if before else 0) + (step or cap).minor
    return Money(min(wanted, cap.minor), cap.currency)


def may_look(late: Late) -> bool:
    """Whether another may be looked for."""
    spending = late.spending
    if not spending.hedges or not late.merchant.books_again or not late.delivery.limits.allow_fallback:
        return False
    given_up = sum(1 for leg in late.delivery.legs if leg.giving_up and not leg.is_live)
    is_refused = _count(late, StepAction.REDISPATCH, StepStatus.FAILED) > 0
    looked = sum(_count(late, StepAction.REDISPATCH, how) for how in (StepStatus.SKIPPED, StepStatus.RUNNING))
    return given_up < spending.max_hedges and not is_refused and looked < LOOKS


def best_instead(late: Late, quote_set: QuoteSet, line: Sequence[Quote], most: Money | None) -> Quote | None:
    """The first in line who comes sooner and costs no more than it may.

    Parameters
    ----------
    line
        Those of the set who may be asked, in the order that the merchant wants.
    most
        The price may be so much; None for any.
    """
    expected = expected_at(late, quote_set)
    fitting = (
        quote
        for quote in line
        if quote.account_id != late.leg.account_id
        and quote.offer.expires_at > late.now
        and _is_affordable(quote, most)
        and _is_sooner(late, quote, expected)
    )
    return next(fitting, None)


def expected_at(late: Late, quote_set: QuoteSet) -> datetime | None:
    """When the courier of today would come; None where not even the same carrier offers to.

    Somebody on the way comes as told. A job that nobody took is worth what the same carrier would promise
    anew, and may well wait once more for as long as it has waited.
    """
    told = late.delivery.eta.at if late.delivery.eta is not None else None
    if told is not None and not late.is_untaken:
        return told
    anew = [
        quote.offer.promise.window.end
        for quote in quote_set.quotes
        if quote.account_id == late.leg.account_id
    ]
    if not anew:
        return told
    waited = late.now - late.leg.booked_at if late.leg.booked_at is not None else timedelta(0)
    return max(told or late.now, min(anew) + waited)


def _is_sooner(late: Late, quote: Quote, expected: datetime | None) -> bool:
    arrives_at = quote.offer.promise.window.end
    if late.is_untaken and _keeps_promise(late, quote):
        return True  # that nobody took it may go on; this one says by when
    if expected is None:
        return late.is_untaken
    return arrives_at + (timedelta(0) if late.is_untaken else SOONER_BY) < expected


def _keeps_promise(late: Late, quote: Quote) -> bool:
    return late.limit is not None and quote.offer.promise.window.end <= late.limit


def _is_affordable(quote: Quote, most: Money | None) -> bool:
    price = quote.offer.price
    return most is None or (price.currency == most.currency and price <= most)


def _count(late: Late, action: StepAction, status: StepStatus) -> int:
    steps = late.incident.steps if late.incident else ()
    return sum(1 for step in steps if step.action is action and step.status is status)
