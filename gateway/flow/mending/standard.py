"""What Doorstep does about each exception where a merchant has said nothing.

Some remedies belong to no incident: a booking that a carrier dropped is booked again because it was dropped,
and a courier who is late is hurried each time that somebody looks. Those are taken where they belong, under
their own rules (`BY_ITSELF`); a playbook that does not name them switches them off, and the runner passes
over the ones that it names.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from doorstep.incident import IncidentKind as Kind
from doorstep.incident import StepAction as Do
from doorstep.playbook import Playbook, StepTemplate

BY_ITSELF: Mapping[Kind, frozenset[Do]] = {
    Kind.NO_COURIER: frozenset({Do.RAISE_OFFER, Do.REDISPATCH}),
    Kind.MISSED_PICKUP: frozenset({Do.RAISE_OFFER, Do.REDISPATCH}),
    Kind.ETA_PAST_PROMISE: frozenset({Do.RAISE_OFFER, Do.REDISPATCH}),
    Kind.COURIER_CANCELLED: frozenset({Do.REDISPATCH}),
    Kind.QUOTE_EXPIRED: frozenset({Do.RETRY}),
}
"""Kind -> what dispatch does about it without the runner, where its playbook names it."""

_MINUTE = 60


def _after(action: Do, after_s: int, *, needs_approval: bool = False) -> StepTemplate:
    return StepTemplate(action, after_s, needs_approval)


_STEPS: Mapping[Kind, tuple[StepTemplate, ...]] = {
    Kind.LATE_RISK: (_after(Do.REROUTE, 0),),
    Kind.ETA_PAST_PROMISE: (
        _after(Do.REROUTE, 0),
        _after(Do.RAISE_OFFER, 0),
        _after(Do.REDISPATCH, 0),
        _after(Do.REPROMISE, 10 * _MINUTE),
    ),
    Kind.NO_COURIER: (_after(Do.RAISE_OFFER, 0), _after(Do.REDISPATCH, 0)),
    Kind.COURIER_CANCELLED: (_after(Do.REDISPATCH, 0),),
    Kind.QUOTE_EXPIRED: (_after(Do.RETRY, 0),),
    # Orders go to the others as long as a breaker is open.
    Kind.CARRIER_DOWN: (),
    Kind.MISSED_PICKUP: (_after(Do.RAISE_OFFER, 0), _after(Do.REDISPATCH, 0)),
    # Whoever stands in the shop has told it, and it passes; the desk's timers say when it takes too long.
    Kind.MERCHANT_NOT_READY: (),
    Kind.STALLED: (_after(Do.PING_DRIVER, 0),),
    # Its ETA is worked out from where it is, and what is implausible is not counted.
    Kind.OFF_ROUTE: (),
    Kind.GPS_SILENT: (_after(Do.PING_DRIVER, 5 * _MINUTE),),
    Kind.GPS_IMPLAUSIBLE: (),
    # Where a courier did not find it the shopper is asked as after any failed attempt; that is known then.
    Kind.ADDRESS_PROBLEM: (_after(Do.ASK_SHOPPER, _MINUTE),),
    # The merchant's attempt rules ask the shopper, try again and bring back.
    Kind.RECIPIENT_UNAVAILABLE: (),
    Kind.SECOND_FAILED_ATTEMPT: (),
    Kind.REFUSED: (),
    Kind.DAMAGED: (_after(Do.CLAIM, 0), _after(Do.REFUND_DRAFT, 0, needs_approval=True)),
    Kind.LOST: (_after(Do.CLAIM, 0), _after(Do.REFUND_DRAFT, 0, needs_approval=True)),
    Kind.TEMPERATURE: (_after(Do.REFUND_DRAFT, 0, needs_approval=True),),
    Kind.PROOF_MISMATCH: (_after(Do.ASK_SHOPPER, 0, needs_approval=True),),
    Kind.RETURN_OVERDUE: (_after(Do.CLAIM, 0, needs_approval=True),),
}

STANDARD_KINDS = tuple(_STEPS)
"""The 21 kinds that have a playbook from the first day on; the others are left to people."""

_SINCE = datetime(2026, 1, 1, tzinfo=UTC)
_IN_ID = str.maketrans({"i": "1", "l": "1", "o": "0", "u": "v", "_": ""})


def standard_id(kind: Kind) -> str:
    """The id of the playbook of a kind: the same for all merchants, and never one that is made."""
    return f"pbk_{kind.lower().translate(_IN_ID):0>26}"


def standard_playbook(kind: Kind, merchant_id: str) -> Playbook | None:
    """What is done about a kind where the merchant has said nothing; None leaves it to people."""
    steps = _STEPS.get(kind)
    if steps is None:
        return None
    name = kind.replace("_", " ").capitalize()
    return Playbook(standard_id(kind), merchant_id, name, (kind,), steps, _SINCE, version=0)


def is_taken_by_itself(kind: Kind, step: StepTemplate) -> bool:
    """Whether somebody else than the runner takes it, because a playbook names it."""
    return not step.needs_approval and step.action in BY_ITSELF.get(kind, frozenset())
