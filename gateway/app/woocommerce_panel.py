"""The order panel of a shop's plugin, over the merchant's own reads and commands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.routing import Route

from doorstep.order import FulfillmentOrder, Order, StorePlatform
from doorstep.visibility import TrackingAudience, as_seen
from gateway.api.ports import records as r
from gateway.bootstrap.commands import FlowCommands
from gateway.bootstrap.house import House
from gateway.bootstrap.plugin_keys import signing_secrets
from gateway.bootstrap.relinking import unlink_store
from gateway.checkout.woocommerce.panel import Part, panel_of, unknown_panel, why_not
from gateway.checkout.woocommerce.signed import Opened, signed_routes
from gateway.flow.ports import UnitOfWork
from gateway.flow.watching.incidents import name_of
from gateway.store.accounts import store_behind_door


def panel_routes(house: House) -> list[Route]:
    """`/woocommerce/…`, signed by the plugin."""

    async def open_site(site: str) -> Opened | None:
        async with house.database.doors() as connection:
            found = await store_behind_door(connection, site)
        if found is None or found[1] != StorePlatform.WOOCOMMERCE:
            return None
        secrets = signing_secrets(house.vault.open(found[2]))
        return Opened(secrets, _Desk(house, site, found[0])) if secrets else None

    return signed_routes(open_site, house.clock, house.means.passes_by_itself)


@dataclass(frozen=True, slots=True)
class _Desk:
    """See `gateway.checkout.woocommerce.signed.Desk`."""

    house: House
    site: str
    merchant_id: str

    async def show(self, order_id: str) -> Mapping[str, object]:
        found = await self._find(order_id)
        return panel_of(*found) if found else unknown_panel()

    async def book(self, order_id: str, key: str) -> Mapping[str, object]:
        found = await self._find(order_id)
        if found is None:
            return {"booked": [], "problems": [{"message": unknown_panel()["why_not"]}]}
        order, parts = found
        # One that is booked is asked again as well: a press whose answer was lost hears what came of it.
        wanted = [part.unit.id for part in parts if part.is_booked or not why_not(order, part)]
        outcomes = [await self._book_one(unit_id, key) for unit_id in wanted]
        booked = [
            {"delivery": one.delivery.id, "carrier": await self._carrier(one)}
            for one in outcomes
            if one.delivery is not None and one.error is None
        ]
        problems = [{"message": _told(one)} for one in outcomes if one.error is not None]
        standstill = "" if wanted else panel_of(order, parts)["why_not"]
        if standstill:
            problems = [{"message": str(standstill)}]
        return {"booked": booked, "problems": problems}

    async def disconnect(self) -> None:
        async with self.house.means.begin(self.merchant_id) as work:
            store = await work.accounts.store(self.site)
        if store is not None:
            await unlink_store(self.house, store)

    async def _book_one(self, unit_id: str, key: str) -> r.DispatchOutcome:
        """Each by a key of its own, so that the same press is the same call whatever else has changed."""
        commands = FlowCommands(self.house, self.merchant_id)
        (outcome,) = await commands.dispatch(
            idempotency_key=f"woocommerce/{self.site}/{unit_id}/{key}", orders=[r.DispatchOrder(unit_id)]
        )
        return outcome

    async def _carrier(self, outcome: r.DispatchOutcome) -> str:
        leg = outcome.delivery.active_leg if outcome.delivery else None
        async with self.house.means.begin(self.merchant_id) as work:
            return await name_of(work, leg) if leg else ""

    async def _find(self, order_id: str) -> tuple[Order, list[Part]] | None:
        async with self.house.means.begin(self.merchant_id) as work:
            order = await work.orders.by_external_id(self.site, order_id)
            if order is None:
                return None
            return order, [await self._part(work, unit) for unit in order.fulfillment_orders]

    async def _part(self, work: UnitOfWork, unit: FulfillmentOrder) -> Part:
        latest = await work.deliveries.latest_of(unit.id)
        rules = (await work.accounts.merchant()).visibility
        if latest is not None:
            latest = as_seen(latest, TrackingAudience.STORE, rules, self.house.clock.now())
        leg = latest.active_leg if latest else None
        about = [unit.id, latest.id] if latest else [unit.id]
        return Part(
            unit,
            latest,
            await work.deliveries.live_of(unit.id),
            await name_of(work, leg) if leg else "",
            self.house.means.tracking_link(latest) if latest else "",
            [incident for subject in about for incident in await work.incidents.live_of(subject)],
        )


def _told(outcome: r.DispatchOutcome) -> str:
    """What went wrong, in words without ids of ours, and what each carrier said that was asked."""
    said = "; ".join(f"{no.carrier}: {no.text}" for no in (*outcome.attempts, *outcome.left_out))
    text = outcome.error.message if outcome.error else ""
    text = text.replace(outcome.fulfillment_order_id, "this order")
    message = text[:1].upper() + text[1:]
    return f"{message} ({said})" if said else message
