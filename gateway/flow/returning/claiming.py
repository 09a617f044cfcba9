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
from doorstep.events import IncidentRaised
from doorstep.ids import new_id
from doorstep.incident import Incident, IncidentKind, StepAction, StepStatus
from doorstep.loss_claim import ClaimEvidence, ClaimReason, ClaimStatus, LossClaim
from doorstep.money import Money
from doorstep.ports import ShowsProof
from doorstep.quote import DeliveryMode
from gateway.flow.ports import Means
from gateway.flow.quoting.question import unit_of
from gateway.flow.quoting.worth import goods_total, value_of
from gateway.flow.watching.incidents import add_step

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


async def draft_claim(event: IncidentRaised, means: Means) -> None:
    """Goods were lost or damaged by somebody who was paid to bring them: draft what to ask of them."""
    async with means.begin(event.merchant_id) as work:
        incident = await work.incidents.get(event.incident_id)
        reason = _CLAIMED.get(incident.kind) if incident else None
        delivery = (
            await work.deliveries.get(incident.delivery_id)
            if incident and reason and incident.delivery_id
            else None
        )
    leg = _leg(incident, delivery) if incident and delivery else None
    if incident is None or reason is None or delivery is None or leg is None:
        return
    evidence = await _evidence(means, delivery, leg)
    now = means.clock.now()
    async with means.begin(event.merchant_id) as work:
        await work.deliveries.get(delivery.id, lock=True)
        order = await work.orders.get(delivery.order_id)
        unit = await unit_of(work, delivery.fulfillment_order_id)
        if order is None:
            return
        amount = value_of(order, unit) if unit else goods_total(order)
        if leg.price.currency == amount.currency:
            amount += leg.price
        span = timedelta(seconds=(await work.accounts.merchant()).attempts.claim_within_s)
        claim = _draft(incident, reason, delivery, leg, (amount, now, now + span), evidence)
        current = await work.incidents.get(incident.id, lock=True)
        if await work.returns.add_claim(claim) and current is not None and current.is_live:
            text = f"A claim of {amount} is drafted; file it with {leg.carrier} by {claim.file_by:%d %b}."
            await add_step(work, current, StepAction.CLAIM, StepStatus.DONE, text, now)


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
