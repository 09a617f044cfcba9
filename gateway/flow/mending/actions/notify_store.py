"""NOTIFY_STORE: the store is asked to show how the order stands, and the merchant's systems are called."""

from __future__ import annotations

from doorstep.errors import StateConflict
from doorstep.events import ReportDue
from gateway.flow.mending.action import Foresight, Outcome, Scene
from gateway.flow.mending.actions.answers import done, possible
from gateway.flow.mending.actions.deed import Deed
from gateway.flow.mending.actions.kept import once
from gateway.flow.mending.actions.seen import Seen, look
from gateway.flow.messaging.systems.body import of_incident
from gateway.flow.messaging.systems.tell import listening, queue
from gateway.flow.ports import Means, UnitOfWork


class NotifyStore(Deed):
    """See the module; who shows or knows it already is told nothing twice. It is not taken back."""

    async def _look(self, scene: Scene, means: Means) -> Foresight:
        async with means.begin(scene.incident.merchant_id) as work:
            store, systems = await _listeners(work, await look(work, scene))
        return possible(_words(store, systems, "is asked to show how the order stands", "are called"))

    async def _act(self, scene: Scene, means: Means) -> Outcome:
        async def act(work: UnitOfWork) -> Outcome:
            seen = await look(work, scene, lock=True)
            store, _ = await _listeners(work, seen)
            if store:
                await work.emit(ReportDue(work.merchant_id, _unit_id(seen)))
            calls = await queue(work, await listening(work), of_incident(seen.incident), scene.now)
            if not store and not calls:
                raise StateConflict("The merchant's systems know it already.")
            return done(_words(store, len(calls), "was asked to show how the order stands", "are called"))

        return await once(means, scene, act)


async def _listeners(work: UnitOfWork, seen: Seen) -> tuple[bool, int]:
    """Whether a store shows the order, and how many systems want to know; raises where nobody does."""
    unit_id = _unit_id(seen)
    order = await work.orders.of_unit(unit_id) if unit_id else None
    store = await work.accounts.store(order.store_id) if order is not None else None
    topic = of_incident(seen.incident).topic
    systems = sum(endpoint.wants(topic) for endpoint in await listening(work))
    if store is None and not systems:
        raise StateConflict("It is about no order of a store, and no system of the merchant wants to know.")
    return store is not None, systems


def _unit_id(seen: Seen) -> str:
    unit_id = seen.delivery.fulfillment_order_id if seen.delivery else seen.incident.fulfillment_order_id
    return unit_id or ""


def _words(has_store: bool, systems: int, shows: str, called: str) -> str:
    parts = [f"The store {shows}"] if has_store else []
    if systems:
        parts.append(f"{systems} of the merchant's systems {called}")
    return f"{'; '.join(parts)}."
