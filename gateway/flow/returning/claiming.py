"""Claim: what a carrier lost or damaged is drafted with its evidence; a person files and settles it.

No connector speaks to a carrier's claims desk, EasyPost's for parcels insured through it included: a claim is
a merchant's own statement, which no machine makes in its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from doorstep.delivery import Delivery, Leg
from doorstep.errors import InvalidInput, NotFound, RemoteError, StateConflict
from doorstep.ids import new_id
from doorstep.incident import Incident, IncidentKind
from doorstep.loss_claim import ClaimEvidence, ClaimReason, ClaimStatus, LossClaim
from doorstep.money import Money
from doorstep.ports import ShowsProof
from doorstep.quote import DeliveryMode
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.quoting.question import unit_of
from gateway.flow.quoting.worth import goods_total, value_of

_CLAIMED: Mapping[IncidentKind, ClaimReason] = {
    IncidentKind.LOST: ClaimReason.LOST,
    IncidentKind.DAMAGED: ClaimReason.DAMAGED,
}

NEXT: Mapping[ClaimStatus, frozenset[ClaimStatus]] = {
    ClaimStatus.DRAFT: frozenset({ClaimStatus.FILED}),
    ClaimStatus.FILED: frozenset({ClaimStatus.PAID, ClaimStatus.REFUSED}),
    # A carrier that refused may be asked to look again.
    ClaimStatus.REFUSED: frozenset({ClaimStatus.FILED, ClaimStatus.PAID}),
    ClaimStatus.PAID: frozenset(),
}
"""Where a claim stands -> where a person may put it."""


async def claim_for(means: Means, incident: Incident, *, with_evidence: bool = True) -> LossClaim:
    """What there is to ask of a carrier for an incident, drafted and not kept yet.

    Parameters
    ----------
    with_evidence
        The carrier is asked for what it has of the pickup and the door.

    Raises
    ------
    StateConflict
        If nobody who was paid for it had the goods.
    """
    merchant_id, now = incident.merchant_id, means.clock.now()
    async with means.begin(merchant_id) as work:
        delivery = await work.deliveries.get(incident.delivery_id) if incident.delivery_id else None
        order = await work.orders.get(delivery.order_id) if delivery else None
        unit = await unit_of(work, delivery.fulfillment_order_id) if delivery else None
        span = timedelta(seconds=(await work.accounts.merchant()).attempts.claim_within_s)
    leg = _leg(incident, delivery) if delivery is not None else None
    if delivery is None or order is None or leg is None:
        raise StateConflict("No carrier had the goods, so that nobody owes anything for them.")
    amount = value_of(order, unit) if unit else goods_total(order)
    if leg.price.currency == amount.currency:
        amount += leg.price
    reason = _CLAIMED.get(incident.kind, ClaimReason.OTHER)
    evidence = await _evidence(means, delivery, leg) if with_evidence else ()
    return _draft(incident, reason, delivery, leg, (amount, now, now + span), evidence)


def said_of_claim(claim: LossClaim) -> str:
    """What is drafted, for dispatchers."""
    return f"A claim of {claim.amount} is drafted; file it with {claim.carrier} by {claim.file_by:%d %b}."


async def drop_draft(work: UnitOfWork, claim_id: str) -> None:
    """Throw a draft away, so that another may be drafted.

    Raises
    ------
    StateConflict
        If a person has filed it.
    """
    claim = await work.returns.claim(claim_id, lock=True)
    if claim is not None and claim.status is not ClaimStatus.DRAFT:
        raise StateConflict(f"The claim is {claim.status} already.", current_id=claim.id)
    await work.returns.drop_claim(claim_id)


def _leg(incident: Incident, delivery: Delivery) -> Leg | None:
    """Who had the goods: nobody else than a carrier owes anything."""
    named = next((leg for leg in delivery.legs if leg.id == incident.leg_id), None)
    leg = named or delivery.active_leg
    is_ours = leg is None or leg.mode is DeliveryMode.OWN_FLEET
    return None if is_ours or leg is None or not leg.external_id else leg


def _draft(
    incident: Incident,
    reason: ClaimReason,
    delivery: Delivery,
    leg: Leg,
    terms: tuple[Money, datetime, datetime],
    evidence: tuple[ClaimEvidence, ...],
) -> LossClaim:
    amount, opened_at, file_by = terms
    return LossClaim(
        id=new_id("clm"),
        merchant_id=delivery.merchant_id,
        order_id=delivery.order_id,
        delivery_id=delivery.id,
        leg_id=leg.id,
        carrier=leg.carrier,
        incident_id=incident.id,
        reason=reason,
        status=ClaimStatus.DRAFT,
        amount=amount,
        opened_at=opened_at,
        file_by=file_by,
        tracking_number=leg.tracking_number,
        evidence=evidence,
    )


async def _evidence(means: Means, delivery: Delivery, leg: Leg) -> tuple[ClaimEvidence, ...]:
    """What the carrier itself has of the pickup and the door."""
    carrier = await means.links.carrier(delivery.merchant_id, leg.account_id)
    if carrier is None or not isinstance(carrier.connector, ShowsProof):
        return ()
    try:
        proofs = await carrier.connector.proofs(leg.external_id, means.booking_budget_s)
    except RemoteError:
        return ()  # a person finds it in the carrier's own pages
    return tuple(ClaimEvidence(one.kind, one.url, one.taken_at, one.is_pickup) for one in proofs)


async def record_claim(
    means: Means,
    merchant_id: str,
    claim_id: str,
    status: ClaimStatus,
    *,
    reference: str = "",
    amount: Money | None = None,
) -> LossClaim:
    """A person says what became of a claim; the same again changes nothing.

    Parameters
    ----------
    amount
        What is asked for, where it is filed; what was paid, where it was. None for what was drafted.

    Raises
    ------
    NotFound
        If there is no such claim.
    StateConflict
        If it cannot come to that from where it stands.
    InvalidInput
        If the amount is in another currency.
    """
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        claim = await work.returns.claim(claim_id, lock=True)
        if claim is None:
            raise NotFound(claim_id, path=("input", "claimId"))
        if amount is not None and amount.currency != claim.amount.currency:
            text = f"amount is in {amount.currency}, but the claim is in {claim.amount.currency}."
            raise InvalidInput(text, path=("input", "amount"))
        if status is claim.status:
            return claim
        if status not in NEXT.get(claim.status, frozenset()):
            raise StateConflict(
                f"A claim that is {claim.status} does not become {status}.", current_version=claim.version
            )
        changed = replace(
            claim,
            status=status,
            reference=reference or claim.reference,
            version=claim.version + 1,
        )
        if status is ClaimStatus.FILED:
            changed = replace(changed, filed_at=now, amount=amount or claim.amount)
        else:
            paid = (amount or claim.amount) if status is ClaimStatus.PAID else None
            changed = replace(changed, settled_at=now, paid=paid)
        await work.returns.put_claim(changed)
        return changed
