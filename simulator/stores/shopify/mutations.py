"""The simulated shop's mutations on fulfillments and fulfillment orders: GraphQL in, payloads out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from simulator.stores.shopify import fulfilling, holding, rearranging
from simulator.stores.shopify.fulfilling import Shipping, Wanted
from simulator.stores.shopify.ledger import Refusal, number_of
from simulator.stores.shopify.plain import View
from simulator.stores.shopify.subscribing import Subscribing
from simulator.stores.shopify.unit_views import event_view, hold_view
from simulator.stores.shopify.units import FulfillmentRecord, UnitRecord
from simulator.stores.shopify.views import Views

if TYPE_CHECKING:
    from simulator.stores.shopify.shop import FakeShopify

Resolver = Callable[..., View]


class Mutations:
    """Resolves the fields of Mutation for one request; what is done is counted in `shop.writes`."""

    def __init__(self, shop: FakeShopify) -> None:
        self._shop = shop
        self._see = Views(shop)

    def fields(self) -> Mapping[str, Resolver]:
        """Their resolvers by name."""
        own: dict[str, Resolver] = {
            "fulfillmentCreate": self._create,
            "fulfillmentCancel": self._cancel,
            "fulfillmentTrackingInfoUpdate": self._track,
            "fulfillmentEventCreate": self._add_event,
            "fulfillmentOrderHold": self._hold,
            "fulfillmentOrderReleaseHold": self._release,
            "fulfillmentOrderReportProgress": self._report_progress,
            "fulfillmentOrderOpen": self._open,
            "fulfillmentOrderReschedule": self._reschedule,
            "fulfillmentOrderMove": self._move,
            "fulfillmentOrderSplit": self._split,
            "fulfillmentOrderMerge": self._merge,
        }
        refused = {name: _refusing(resolve, _EMPTY.get(name, ())) for name, resolve in own.items()}
        return {
            **refused,
            **Subscribing(self._shop, self._see).fields(),
            **self._shop.bulk.mutations(),
            **self._shop.carrier_services.mutations(),
        }

    def _create(self, _info: Any, fulfillment: View, message: str | None = None) -> View:  # noqa: ARG002 - GraphQL's argument
        shippings = [
            Shipping(
                self._find_unit(given["fulfillmentOrderId"]), _wanted(given.get("fulfillmentOrderLineItems"))
            )
            for given in fulfillment["lineItemsByFulfillmentOrder"]
        ]
        shipment = fulfilling.fulfill(
            self._shop,
            shippings,
            fulfilling.read_tracking(fulfillment.get("trackingInfo")),
            by_app=True,
            notified=bool(fulfillment.get("notifyCustomer")),
        )
        for shipping in shippings:
            self._count("fulfillmentCreate", shipping.unit.gid if shipping.unit else "")
        return {"fulfillment": self._see.fulfillment(shipment)}

    def _cancel(self, _info: Any, id: str) -> View:  # noqa: A002 - GraphQL's name
        shipment = self._shipment(id, "id")
        fulfilling.cancel_fulfillment(self._shop, shipment)
        self._count("fulfillmentCancel", shipment.gid)
        return {"fulfillment": self._see.fulfillment(shipment)}

    def _track(
        self,
        _info: Any,
        fulfillmentId: str,  # noqa: N803 - GraphQL's name
        trackingInfoInput: View,  # noqa: N803 - GraphQL's name
        notifyCustomer: bool | None = None,  # noqa: N803, ARG002 - GraphQL's name
    ) -> View:
        shipment = self._shipment(fulfillmentId, "fulfillmentId")
        fulfilling.change_tracking(self._shop, shipment, fulfilling.read_tracking(trackingInfoInput))
        self._count("fulfillmentTrackingInfoUpdate", shipment.gid)
        return {"fulfillment": self._see.fulfillment(shipment)}

    def _add_event(self, _info: Any, fulfillmentEvent: View) -> View:  # noqa: N803 - GraphQL's name
        shipment = self._shipment(fulfillmentEvent["fulfillmentId"], "fulfillmentEvent", "fulfillmentId")
        event = fulfilling.add_event(self._shop, shipment, fulfillmentEvent)
        self._count(
            "fulfillmentEventCreate", f"{shipment.gid} {event.status} {event.happened_at.isoformat()}"
        )
        return {"fulfillmentEvent": event_view(event)}

    def _hold(self, _info: Any, id: str, fulfillmentHold: View) -> View:  # noqa: A002, N803 - GraphQL's names
        unit = self._unit(id)
        record, rest = holding.hold(
            self._shop,
            unit,
            fulfillmentHold["reason"],
            notes=fulfillmentHold.get("reasonNotes") or "",
            handle=fulfillmentHold.get("handle") or "",
            external_id=fulfillmentHold.get("externalId") or "",
            by_app=True,
            wanted=_wanted(fulfillmentHold.get("fulfillmentOrderLineItems")),
        )
        self._count("fulfillmentOrderHold", f"{unit.gid} {record.handle}".strip())
        return {
            "fulfillmentHold": hold_view(record),
            "fulfillmentOrder": self._see.unit(unit),
            "remainingFulfillmentOrder": self._see.unit(rest) if rest else None,
        }

    def _release(
        self,
        _info: Any,
        id: str,  # noqa: A002 - GraphQL's name
        holdIds: Sequence[str] | None = None,  # noqa: N803 - GraphQL's name
        externalId: str | None = None,  # noqa: N803, ARG002 - GraphQL's name
    ) -> View:
        unit = self._unit(id)
        holds = None if holdIds is None else [number_of(gid, "FulfillmentHold") for gid in holdIds]
        holding.release(self._shop, unit, holds)
        self._count("fulfillmentOrderReleaseHold", unit.gid)
        return {"fulfillmentOrder": self._see.unit(unit)}

    def _report_progress(self, _info: Any, id: str, progressReport: View | None = None) -> View:  # noqa: A002, N803 - GraphQL's names
        unit = self._unit(id)
        holding.report_progress(self._shop, unit, (progressReport or {}).get("reasonNotes") or "")
        self._count("fulfillmentOrderReportProgress", unit.gid)
        return {"fulfillmentOrder": self._see.unit(unit)}

    def _open(self, _info: Any, id: str) -> View:  # noqa: A002 - GraphQL's name
        unit = self._unit(id)
        if unit.status not in {"SCHEDULED", "IN_PROGRESS"}:
            raise Refusal("The fulfillment order is not in a state to be opened.", "id")
        holding.reopen(self._shop, unit)
        self._count("fulfillmentOrderOpen", unit.gid)
        return {"fulfillmentOrder": self._see.unit(unit)}

    def _reschedule(self, _info: Any, id: str, fulfillAt: str) -> View:  # noqa: A002, N803 - GraphQL's names
        unit = self._unit(id)
        instant = fulfilling.read_instant(fulfillAt)
        if unit.status != "SCHEDULED" or instant is None:
            raise Refusal("The fulfillment order is not scheduled.", "id")
        holding.reschedule(self._shop, unit, instant)
        self._count("fulfillmentOrderReschedule", unit.gid)
        return {"fulfillmentOrder": self._see.unit(unit)}

    def _move(
        self,
        _info: Any,
        id: str,  # noqa: A002 - GraphQL's name
        newLocationId: str,  # noqa: N803 - GraphQL's name
        fulfillmentOrderLineItems: Sequence[View] | None = None,  # noqa: N803 - GraphQL's name
    ) -> View:
        unit = self._unit(id)
        place = self._shop.place_of(number_of(newLocationId, "Location"))
        if place is None:
            raise Refusal("Location not found.", "newLocationId")
        told = rearranging.move(self._shop, unit, place, _wanted(fulfillmentOrderLineItems))
        self._count("fulfillmentOrderMove", unit.gid)
        return {
            "movedFulfillmentOrder": self._see.unit(told.moved),
            "originalFulfillmentOrder": self._see.unit(told.original),
            "remainingFulfillmentOrder": None,
        }

    def _split(self, _info: Any, fulfillmentOrderSplits: Sequence[View]) -> View:  # noqa: N803 - GraphQL's name
        results = []
        for given in fulfillmentOrderSplits:
            unit = self._unit(given["fulfillmentOrderId"])
            told = rearranging.split(self._shop, unit, _wanted(given["fulfillmentOrderLineItems"]))
            self._count("fulfillmentOrderSplit", unit.gid)
            results.append(
                {
                    "fulfillmentOrder": self._see.unit(told.unit),
                    "remainingFulfillmentOrder": self._see.unit(told.rest),
                    "replacementFulfillmentOrder": None,
                }
            )
        return {"fulfillmentOrderSplits": results}

    def _merge(self, _info: Any, fulfillmentOrderMergeInputs: Sequence[View]) -> View:  # noqa: N803 - GraphQL's name
        results = []
        for given in fulfillmentOrderMergeInputs:
            sources = [
                (
                    self._unit(intent["fulfillmentOrderId"]),
                    _wanted(intent.get("fulfillmentOrderLineItems")),
                )
                for intent in given["mergeIntents"]
            ]
            told = rearranging.merge(self._shop, sources)
            self._count("fulfillmentOrderMerge", told.unit.gid)
            results.append({"fulfillmentOrder": self._see.unit(told.unit)})
        return {"fulfillmentOrderMerges": results}

    def _count(self, mutation: str, target: str) -> None:
        self._shop.writes[mutation, target] += 1

    def _find_unit(self, gid: str) -> UnitRecord | None:
        return self._shop.unit_of(number_of(gid, "FulfillmentOrder"))

    def _unit(self, gid: str) -> UnitRecord:
        unit = self._find_unit(gid)
        if unit is None:
            raise Refusal(rearranging.NO_UNIT, "id", code="FULFILLMENT_ORDER_NOT_FOUND")
        return unit

    def _shipment(self, gid: str, *field: str) -> FulfillmentRecord:
        shipment = self._shop.fulfillments.get(number_of(gid, "Fulfillment"))
        if shipment is None:
            raise Refusal(fulfilling.NO_FULFILLMENT, *field)
        return shipment


def _refusing(resolve: Resolver, empty: Sequence[str]) -> Resolver:
    def guarded(info: Any, **given: Any) -> View:
        try:
            return resolve(info, **given) | {"userErrors": []}
        except Refusal as refusal:
            error = {
                "field": list(refusal.field) or None,
                "message": refusal.message,
                "code": refusal.code,
            }
            return dict.fromkeys(empty) | {"userErrors": [error]}

    return guarded


_EMPTY = {
    "fulfillmentCreate": ("fulfillment",),
    "fulfillmentCancel": ("fulfillment",),
    "fulfillmentTrackingInfoUpdate": ("fulfillment",),
    "fulfillmentEventCreate": ("fulfillmentEvent",),
    "fulfillmentOrderHold": ("fulfillmentHold", "fulfillmentOrder", "remainingFulfillmentOrder"),
    "fulfillmentOrderReleaseHold": ("fulfillmentOrder",),
    "fulfillmentOrderReportProgress": ("fulfillmentOrder",),
    "fulfillmentOrderOpen": ("fulfillmentOrder",),
    "fulfillmentOrderReschedule": ("fulfillmentOrder",),
    "fulfillmentOrderMove": (
        "movedFulfillmentOrder",
        "originalFulfillmentOrder",
        "remainingFulfillmentOrder",
    ),
    "fulfillmentOrderSplit": ("fulfillmentOrderSplits",),
    "fulfillmentOrderMerge": ("fulfillmentOrderMerges",),
}


def _wanted(given: Sequence[View] | None) -> Wanted:
    return [(number_of(item["id"], "FulfillmentOrderLineItem"), item["quantity"]) for item in given or ()]
