"""Anything by its id."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from doorstep import ids
from gateway.api.admission.scopes import require_scope_of_node
from gateway.api.context import Context
from gateway.api.loaders.all import Loaders
from gateway.api.reading import wrong
from gateway.api.types.boxes import Box
from gateway.api.types.carrier_accounts import CarrierAccount
from gateway.api.types.deliveries import Delivery
from gateway.api.types.drivers import Driver
from gateway.api.types.exceptions import show_exception
from gateway.api.types.node import Node
from gateway.api.types.orders import FulfillmentOrder, Location, Order
from gateway.api.types.people import Person
from gateway.api.types.plans import RoutePlan
from gateway.api.types.playbooks import Playbook
from gateway.api.types.quarantine import QuarantinedMessage
from gateway.api.types.quotes import QuoteSet
from gateway.api.types.routes import Route
from gateway.api.types.rules import Rule
from gateway.api.types.slots import SlotHold, SlotTemplate
from gateway.api.types.storefront import DeliveryChoice
from gateway.api.types.stores import Store
from gateway.api.types.webhooks import WebhookEndpoint

# Prefix -> which loader, and how to show what it finds.
NODES: dict[str, tuple[Callable[[Loaders], Any], Callable[[Any], Node]]] = {
    "ord": (lambda loaders: loaders.order, Order.of),
    "ful": (lambda loaders: loaders.fulfillment_order, FulfillmentOrder.of),
    "qst": (lambda loaders: loaders.quote_set, QuoteSet.of),
    "cho": (lambda loaders: loaders.choice, DeliveryChoice.of),
    "del": (lambda loaders: loaders.delivery, Delivery.of),
    "exc": (lambda loaders: loaders.incident, show_exception),
    "pla": (lambda loaders: loaders.route_plan, RoutePlan.of),
    "rte": (lambda loaders: loaders.route, Route.of),
    "drv": (lambda loaders: loaders.driver, Driver.of),
    "sto": (lambda loaders: loaders.store, Store.of),
    "loc": (lambda loaders: loaders.location, Location.of),
    "slt": (lambda loaders: loaders.slot_template, SlotTemplate.of),
    "hld": (lambda loaders: loaders.slot_hold, SlotHold.of),
    "acc": (lambda loaders: loaders.carrier_account, CarrierAccount.of),
    "pbk": (lambda loaders: loaders.playbook, Playbook.of),
    "rul": (lambda loaders: loaders.rule, Rule.of),
    "box": (lambda loaders: loaders.box, Box.of),
    "per": (lambda loaders: loaders.person, Person.of),
    "whe": (lambda loaders: loaders.webhook_endpoint, WebhookEndpoint.of),
    "qua": (lambda loaders: loaders.quarantined, QuarantinedMessage.of),
}


async def load_node(context: Context, id_: str, path: tuple[str, ...] = ("id",)) -> Node | None:
    """The thing, None where there is none.

    Raises
    ------
    InvalidInput
        If it is no id, or one of something that has no node.
    GraphQLError
        If the caller lacks the scope that the thing needs; see `scopes`.
    """
    prefix = ids.prefix_of(id_)
    if prefix is None:
        raise wrong(path, f"{'.'.join(path)} is no id; ids look like ord_01jdm3y5…")
    if prefix not in NODES:
        raise wrong(path, f"a {ids.PREFIXES[prefix]} is read through what it belongs to, not as a node")
    require_scope_of_node(context.caller, prefix)
    choose, show = NODES[prefix]
    found = await choose(context.loaders).load(id_)
    return None if found is None else show(found)
