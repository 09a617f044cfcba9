"""What can be done after an attempt failed: by goods, failure, carrier, mode and the merchant's rules. Pure.

Which ways a carrier leaves open is what its connector can do: one that takes changes of a booking can be
asked to come again or to leave the goods; no parcel carrier's published API that we speak takes either, so
that theirs go again, or come back, by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from doorstep.delivery import DeliveryEvent, as_it_was
from doorstep.delivery_status import DeliveryStatus
from doorstep.failed_attempt import AttemptChoice, AttemptFailure, AttemptState
from doorstep.goods import AGE_CHECKED, COOLED, Goods, GoodsTrait, all_needs
from doorstep.merchant import AttemptRules
from doorstep.order import HandoverRequirement
from doorstep.quote import DeliveryMode

SAME_ATTEMPT = timedelta(hours=6)
"""A carrier that says "failed" again so soon, and was nowhere in between, says the same thing twice."""

_INTO_A_HAND = frozenset(
    {
        HandoverRequirement.SIGNATURE,
        HandoverRequirement.ADULT_SIGNATURE,
        HandoverRequirement.ID_CHECK,
        HandoverRequirement.PIN,
        HandoverRequirement.COLD_CHAIN,
        HandoverRequirement.NO_SAFE_PLACE,
    }
)
_NEVER_LEFT = (
    AGE_CHECKED
    | COOLED
    | {
        GoodsTrait.PHARMACY,
        GoodsTrait.HAZARDOUS,
        GoodsTrait.LIVE_ANIMALS,
    }
)
_COMES_BACK = frozenset(
    {
        AttemptFailure.REFUSED,
        AttemptFailure.DAMAGED,
        AttemptFailure.MISSING_ITEM,
        AttemptFailure.AGE_CHECK_FAILED,
        AttemptFailure.ID_CHECK_FAILED,
    }
)
"""Nobody goes again with these: the shopper does not want the goods, or may not have them."""


@dataclass(frozen=True, slots=True)
class Situation:
    """All that decides what is open.

    Attributes
    ----------
    takes_changes
        The carrier can be asked to change a booking.
    number
        Of this attempt, 1 for the first.
    """

    state: AttemptState
    failure: AttemptFailure
    mode: DeliveryMode
    takes_changes: bool
    number: int
    goods: Goods
    requirements: Sequence[HandoverRequirement]


def may_be_left(goods: Goods, requirements: Sequence[HandoverRequirement]) -> bool:
    """Whether goods may stand where nobody takes them in."""
    return not _INTO_A_HAND & set(all_needs(goods, requirements)) and not _NEVER_LEFT & goods.traits


def open_choices(now: Situation, rules: AttemptRules) -> tuple[AttemptChoice, ...]:
    """What is open, best first; giving up always is, as long as anything is."""
    with_carrier = now.state in {AttemptState.OPEN, AttemptState.TRYING_AGAIN, AttemptState.LEAVING}
    if not with_carrier and now.state not in {AttemptState.GOING_BACK, AttemptState.BACK}:
        return ()
    is_own = now.mode is DeliveryMode.OWN_FLEET
    is_wanted = now.failure not in _COMES_BACK and now.number < rules.max_attempts
    can_be_told = is_own or now.takes_changes
    # A courier's goods come back by themselves and can then be sent again; a parcel carrier's may be weeks.
    goes_again = is_wanted and (can_be_told or now.mode is DeliveryMode.COURIER or not with_carrier)
    is_left = is_wanted and can_be_told and with_carrier and may_be_left(now.goods, now.requirements)
    found = {
        AttemptChoice.TRY_AGAIN: goes_again,
        AttemptChoice.SAFE_PLACE: is_left,
        AttemptChoice.RETURN: with_carrier and now.mode is not DeliveryMode.PARCEL,
        AttemptChoice.GIVE_UP: True,
    }
    return tuple(choice for choice, is_open in found.items() if is_open)


def by_rule(choices: Sequence[AttemptChoice], rules: AttemptRules) -> AttemptChoice | None:
    """What follows if nobody chooses: the merchant's wish, else the way back; None leaves it to a person."""
    for choice in (rules.default_action, AttemptChoice.RETURN):
        if choice in choices:
            return choice
    return None


def failures_in(events: Sequence[DeliveryEvent]) -> list[DeliveryEvent]:
    """The events of a delivery, as they happened, that each tell of another failed attempt.

    Goods that turn back without anybody saying that an attempt failed tell of one as well.
    """
    found: list[DeliveryEvent] = []
    moved_since = True
    for event in as_it_was(events):
        if not event.tells_a_step:
            continue
        if event.status is DeliveryStatus.ATTEMPT_FAILED:
            if moved_since or event.occurred_at - found[-1].occurred_at >= SAME_ATTEMPT:
                found.append(event)
            moved_since = False
        elif event.status in {DeliveryStatus.RETURNING, DeliveryStatus.RETURNED}:
            if moved_since:
                found.append(event)
            moved_since = False
        elif event.status is not DeliveryStatus.UNKNOWN:
            moved_since = True
    return found
