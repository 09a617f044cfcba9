"""The API's use cases, bound to one merchant: words of the API to calls of the flow."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from doorstep.address import Address
from doorstep.delivery import Delivery
from doorstep.errors import DoorstepError, NotFound, NotServiceable, StateConflict
from doorstep.quote import Choice, QuoteSet
from doorstep.secret import Secret
from gateway.api.ports import records as r
from gateway.bootstrap.carrier_commands import CarrierCommands
from gateway.bootstrap.desk_commands import DeskCommands
from gateway.bootstrap.dispatch_commands import DispatchCommands
from gateway.bootstrap.eta_commands import EtaCommands
from gateway.bootstrap.fleet_commands import FleetCommands
from gateway.bootstrap.goods_commands import GoodsCommands
from gateway.bootstrap.keys import end_driver_sessions, make_driver_session, make_key
from gateway.bootstrap.notice_commands import NoticeCommands
from gateway.bootstrap.playbook_commands import PlaybookCommands
from gateway.bootstrap.return_commands import ReturnCommands
from gateway.bootstrap.route_commands import RouteCommands
from gateway.bootstrap.rule_commands import RuleCommands, cart_of
from gateway.bootstrap.sourcing_commands import SourcingCommands
from gateway.bootstrap.thread_commands import ThreadCommands
from gateway.bootstrap.tracking_commands import TrackingCommands
from gateway.bootstrap.watch_commands import WatchCommands
from gateway.bootstrap.webhook_commands import WebhookCommands
from gateway.flow.dispatching.cancel import cancel_delivery
from gateway.flow.dispatching.dispatch import Wish, dispatch_unit
from gateway.flow.idempotency import once
from gateway.flow.quoting import options
from gateway.flow.quoting.question import find_place
from gateway.flow.quoting.quote import quote_unit
from gateway.flow.slots import chosen
from gateway.flow.slots.hold import Holder


@dataclass(frozen=True, slots=True)
class FlowCommands(
    DispatchCommands,
    ReturnCommands,
    SourcingCommands,
    GoodsCommands,
    RuleCommands,
    CarrierCommands,
    FleetCommands,
    RouteCommands,
    WebhookCommands,
    NoticeCommands,
    ThreadCommands,
    EtaCommands,
    WatchCommands,
    TrackingCommands,
    DeskCommands,
    PlaybookCommands,
):
    """See `gateway.api.ports.session.Commands`."""

    async def delivery_options(
        self, *, destination: Address, items: Sequence[r.CartItem], cart: r.Cart, budget_ms: int
    ) -> QuoteSet:
        quote_set = await options.delivery_options(
            self.means, self.merchant_id, destination, cart_of(items, cart), budget_ms / 1000
        )
        if not quote_set.quotes and quote_set.is_complete:
            raise NotServiceable(options.why_nobody(destination), quote_set_id=quote_set.id)
        return quote_set

    async def choose_option(
        self,
        *,
        idempotency_key: str,
        quote_set_id: str,
        quote_id: str,
        destination: Address | None,  # noqa: ARG002 - the order brings the full address itself
        cart_id: str,
        slot_id: str = "",
        replaces_hold_id: str = "",
        held_by: str = "",
        cart_part: str = "",
    ) -> Choice:
        zones = await self._zones_of(quote_set_id, quote_id) if slot_id else None
        holder = Holder(held_by, quote_set_id) if held_by else None
        selection = chosen.Selection(
            quote_set_id, quote_id, cart_id, slot_id, replaces_hold_id, zones, holder, cart_part
        )
        return await chosen.choose_with_slot(self.means, self.merchant_id, idempotency_key, selection)

    async def request_quotes(
        self,
        *,
        idempotency_key: str,
        fulfillment_order_id: str,
        budget_ms: int,
        account_ids: Sequence[str],
    ) -> QuoteSet:
        async def ask() -> str:
            await self._place(fulfillment_order_id)
            quote_set = await quote_unit(
                self.means, self.merchant_id, fulfillment_order_id, budget_ms / 1000, account_ids=account_ids
            )
            if quote_set is None:
                text = f"{fulfillment_order_id} has no address that the map knows."
                raise StateConflict(text, current_id=fulfillment_order_id)
            return quote_set.id

        question = (fulfillment_order_id, budget_ms, tuple(account_ids))
        quote_set_id = await self._once("requestQuotes", idempotency_key, question, ask)
        async with self.means.begin(self.merchant_id) as work:
            quote_set = await work.quotes.get(quote_set_id)
        if quote_set is None:
            raise NotFound(quote_set_id)
        return quote_set

    async def dispatch(
        self, *, idempotency_key: str, orders: Sequence[r.DispatchOrder]
    ) -> Sequence[r.DispatchOutcome]:
        outcomes: list[r.DispatchOutcome] = []

        async def book() -> str:
            outcomes.extend([await self._dispatch_one(order) for order in orders])
            return json.dumps([outcome.delivery.id if outcome.delivery else "" for outcome in outcomes])

        answer = await self._once("dispatch", idempotency_key, tuple(orders), book)
        if outcomes:
            return outcomes
        # The same call again: what was booked then is the answer, whatever became of it since.
        return [
            await self._dispatched_before(order, delivery_id)
            for order, delivery_id in zip(orders, json.loads(answer), strict=True)
        ]

    async def cancel_delivery(
        self, *, idempotency_key: str, delivery_id: str, reason: r.CancelReason, note: str
    ) -> Delivery:
        async def call_off() -> str:
            words = reason.replace("_", " ").lower() + (f": {note}" if note else "")
            done = await cancel_delivery(self.means, self.merchant_id, delivery_id, words, by_person=True)
            return done.id

        await self._once("cancelDelivery", idempotency_key, (delivery_id, reason, note), call_off)
        async with self.means.begin(self.merchant_id) as work:
            delivery = await work.deliveries.get(delivery_id)
        if delivery is None:
            raise NotFound(delivery_id)
        return delivery

    async def create_tracking_token(self, *, delivery_id: str, lifetime_s: int) -> r.TrackingLink:
        async with self.means.begin(self.merchant_id) as work:
            if await work.deliveries.get(delivery_id) is None:
                raise NotFound(delivery_id, path=("input", "deliveryId"))
        token, expires_at = self.house.tokens.issue(self.merchant_id, delivery_id, lifetime_s)
        return r.TrackingLink(Secret(token), f"{self.house.settings.base_url}/track/{token}", expires_at)

    async def create_api_key(self, *, order: r.KeyOrder) -> r.NewKey:
        return await make_key(self.house, self.merchant_id, order)

    async def create_driver_session(self, *, driver_id: str, lifetime_s: int) -> r.NewDriverSession:
        return await make_driver_session(self.house, self.merchant_id, driver_id, lifetime_s)

    async def end_driver_sessions(self, *, driver_id: str) -> int:
        return await end_driver_sessions(self.house, self.merchant_id, driver_id)

    async def _dispatched_before(self, order: r.DispatchOrder, delivery_id: str) -> r.DispatchOutcome:
        if not delivery_id:
            return await self._dispatch_one(order)
        async with self.means.begin(self.merchant_id) as work:
            delivery = await work.deliveries.get(delivery_id)
        return r.DispatchOutcome(order.fulfillment_order_id, delivery)

    async def _dispatch_one(self, order: r.DispatchOrder) -> r.DispatchOutcome:
        wish = Wish(order.quote_id, order.max_price, order.allow_fallback, strategy=order.strategy)
        unit_id = order.fulfillment_order_id
        try:
            await self._place(unit_id)
            quote_set_id = await self._set_of(order.quote_id, unit_id)
            done = await dispatch_unit(self.means, self.merchant_id, unit_id, quote_set_id, wish)
        except DoorstepError as error:
            return r.DispatchOutcome(unit_id, error=error)
        return r.DispatchOutcome(unit_id, done.delivery, done.problem, done.attempts, done.left_out)

    async def _set_of(self, quote_id: str | None, unit_id: str) -> str | None:
        """The quote set that a quote of this fulfillment order came with; None takes the latest."""
        if quote_id is None:
            return None
        async with self.means.begin(self.merchant_id) as work:
            latest = await work.quotes.latest_for(unit_id)
        if latest is None or latest.quote(quote_id) is None:
            raise NotFound(quote_id)
        return latest.id

    async def _place(self, unit_id: str) -> None:
        async with self.means.begin(self.merchant_id) as work:
            unit = await work.orders.fulfillment_order(unit_id)
            order = await work.orders.get(unit.order_id) if unit else None
        if order is None:
            raise NotFound(unit_id)
        await find_place(order, self.means)

    async def _once(
        self, operation: str, key: str, question: object, act: Callable[[], Awaitable[str]]
    ) -> str:
        return await once(self.means, self.merchant_id, operation, key, question, act)
