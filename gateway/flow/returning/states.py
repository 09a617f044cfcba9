"""The life of a failed attempt, as one table: state and step -> the next state. Pure.

What is not in the table does not happen: a decision that comes too late is refused, a report that comes too
late changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from doorstep.delivery_status import DeliveryStatus
from doorstep.failed_attempt import AttemptChoice, AttemptState


class AttemptStep(StrEnum):
    """What somebody decides, or what a carrier or van reports."""

    TRY_AGAIN = "TRY_AGAIN"
    SAFE_PLACE = "SAFE_PLACE"
    RETURN = "RETURN"
    GIVE_UP = "GIVE_UP"
    WENT_OUT = "WENT_OUT"
    FAILED_AGAIN = "FAILED_AGAIN"
    ARRIVED = "ARRIVED"
    TURNED_BACK = "TURNED_BACK"
    CAME_BACK = "CAME_BACK"
    ENDED = "ENDED"
    """The delivery was called off, or given up for lost."""


_A = AttemptState

_WITH_THE_CARRIER = {
    AttemptStep.TRY_AGAIN: _A.TRYING_AGAIN,
    AttemptStep.SAFE_PLACE: _A.LEAVING,
    AttemptStep.RETURN: _A.GOING_BACK,
    AttemptStep.GIVE_UP: _A.GIVEN_UP,
    AttemptStep.WENT_OUT: _A.TRYING_AGAIN,
    AttemptStep.FAILED_AGAIN: _A.SUPERSEDED,
    AttemptStep.ARRIVED: _A.DELIVERED,
    AttemptStep.TURNED_BACK: _A.GOING_BACK,
    AttemptStep.CAME_BACK: _A.BACK,
    AttemptStep.ENDED: _A.GIVEN_UP,
}

TABLE: Mapping[AttemptState, Mapping[AttemptStep, AttemptState]] = {
    _A.OPEN: _WITH_THE_CARRIER,
    _A.TRYING_AGAIN: _WITH_THE_CARRIER,
    _A.LEAVING: {**_WITH_THE_CARRIER, AttemptStep.WENT_OUT: _A.LEAVING},
    # A wish to try again is kept until the goods are back.
    _A.GOING_BACK: {
        AttemptStep.TRY_AGAIN: _A.GOING_BACK,
        AttemptStep.GIVE_UP: _A.GIVEN_UP,
        AttemptStep.FAILED_AGAIN: _A.SUPERSEDED,
        AttemptStep.ARRIVED: _A.DELIVERED,
        AttemptStep.TURNED_BACK: _A.GOING_BACK,
        AttemptStep.CAME_BACK: _A.BACK,
        AttemptStep.ENDED: _A.GIVEN_UP,
    },
    _A.BACK: {
        AttemptStep.TRY_AGAIN: _A.SENT_AGAIN,
        AttemptStep.GIVE_UP: _A.GIVEN_UP,
        AttemptStep.CAME_BACK: _A.BACK,
    },
    _A.SENT_AGAIN: {},
    _A.DELIVERED: {},
    _A.GIVEN_UP: {},
    _A.SUPERSEDED: {},
}

_REPORTS: Mapping[DeliveryStatus, AttemptStep] = {
    DeliveryStatus.IN_TRANSIT: AttemptStep.WENT_OUT,
    DeliveryStatus.OUT_FOR_DELIVERY: AttemptStep.WENT_OUT,
    DeliveryStatus.AT_DROPOFF: AttemptStep.WENT_OUT,
    DeliveryStatus.READY_FOR_COLLECTION: AttemptStep.WENT_OUT,
    DeliveryStatus.DELIVERED: AttemptStep.ARRIVED,
    DeliveryStatus.RETURNING: AttemptStep.TURNED_BACK,
    DeliveryStatus.RETURNED: AttemptStep.CAME_BACK,
    DeliveryStatus.CANCELLED: AttemptStep.ENDED,
    DeliveryStatus.FAILED: AttemptStep.ENDED,
}


def after(state: AttemptState, step: AttemptStep) -> AttemptState | None:
    """The next state; None where this step is none from here."""
    return TABLE[state].get(step)


def step_of_choice(choice: AttemptChoice) -> AttemptStep:
    """The step that a decision is."""
    return AttemptStep(choice.value)


def step_of_status(status: DeliveryStatus) -> AttemptStep | None:
    """What a delivery's status says of its last failed attempt; None where it says nothing."""
    return _REPORTS.get(status)
