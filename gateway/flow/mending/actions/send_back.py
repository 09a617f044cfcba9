"""RETURN: the goods come back to the shop: what nobody took in, or what was delivered and should not stay."""

from __future__ import annotations

from collections.abc import Mapping

from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import StateConflict
from doorstep.failed_attempt import AttemptChoice
from doorstep.incident import IncidentKind as Kind
from doorstep.order import FulfillmentOrder
from doorstep.return_request import ReturnReason
from gateway.flow.mending.action import Foresight, Outcome, Scene
from gateway.flow.mending.actions.answers import done, possible, undone
from gateway.flow.mending.actions.attempt import open_to
from gateway.flow.mending.actions.deed import Deed
from gateway.flow.mending.actions.kept import keep, once
from gateway.flow.mending.actions.seen import Seen, look
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.returning.deciding import Decision, decide_within
from gateway.flow.returning.fetching import call_off_return
from gateway.flow.returning.requesting import Wish, request_return

_REASONS: Mapping[Kind, ReturnReason] = {
    Kind.DAMAGED: ReturnReason.DAMAGED,
    Kind.TEMPERATURE: ReturnReason.DAMAGED,
    Kind.ITEM_MISMATCH: ReturnReason.WRONG_ITEM,
    Kind.REFUSED: ReturnReason.REFUSED,
}


class SendBack(Deed):
    """See the module; a return that was asked for is called off like any delivery, as long as that goes."""

    async def _look(self, scene: Scene, means: Means) -> Foresight:
        async with means.begin(scene.incident.merchant_id) as work:
            seen = await look(work, scene)
            if await open_to(work, seen, AttemptChoice.RETURN) is not None:
                return possible("Whoever has the goods brings them back to the shop.")
            await _delivered_unit(work, scene, seen)
        effect = (
            "The goods are fetched at the door, by whoever asks least; the price is known once all have said."
        )
        return possible(effect, can_undo=True)

    async def _act(self, scene: Scene, means: Means) -> Outcome:
        async with means.begin(scene.incident.merchant_id) as work:
            seen = await look(work, scene)
            attempt = await open_to(work, seen, AttemptChoice.RETURN)
        if attempt is None:
            return await _fetch(scene, means)

        async def act(work: UnitOfWork) -> Outcome:
            await decide_within(work, means, attempt.id, Decision(AttemptChoice.RETURN, scene.by))
            return done("It comes back to the shop.")

        return await once(means, scene, act)

    async def _take_back(self, scene: Scene, undo: Mapping[str, str], means: Means) -> Outcome:
        await call_off_return(means, scene.incident.merchant_id, undo["return"])
        return undone("The return is called off.")


async def _fetch(scene: Scene, means: Means) -> Outcome:
    merchant_id = scene.incident.merchant_id
    async with means.begin(merchant_id) as work:
        seen = await look(work, scene)
        unit = await _delivered_unit(work, scene, seen)
    reason = _REASONS.get(seen.incident.kind, ReturnReason.OTHER)
    wish = Wish(seen.about.order_id, unit.lines, reason, max_price=scene.max_cost)
    request = await request_return(means, merchant_id, wish, key=scene.step_id)
    async with means.begin(merchant_id) as work:
        text = "It is fetched at the door and brought back."
        return await keep(work, scene, done(text, undo={"return": request.id}))


async def _delivered_unit(work: UnitOfWork, scene: Scene, seen: Seen) -> FulfillmentOrder:
    """What was delivered; raises `StateConflict` where nothing was, or a machine would pay to get it back."""
    if seen.about.status is not DeliveryStatus.DELIVERED:
        raise StateConflict("Nobody has failed to hand it over, and it was not delivered either.")
    if scene.is_by_machine:
        raise StateConflict("What the way back costs is not known before it is booked; a person decides.")
    unit = await work.orders.fulfillment_order(seen.about.fulfillment_order_id)
    if unit is None:
        raise StateConflict("What was delivered is not known any more.")
    return unit
