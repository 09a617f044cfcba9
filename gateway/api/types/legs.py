"""Legs of deliveries, and what happened to them."""

from __future__ import annotations

from datetime import datetime

import strawberry

from doorstep import delivery as ground
from doorstep.delivery import EventSource, LegDirection
from doorstep.delivery_status import DeliveryStatus
from doorstep.quote import DeliveryMode
from doorstep.visibility import TrackingAudience, TrackingField, seen_courier
from gateway.api.context import Info
from gateway.api.marks import part, resolved, shape
from gateway.api.scalars import Url
from gateway.api.types.attachments import Attachment
from gateway.api.types.carriers import Carrier, load_carrier
from gateway.api.types.money import Money
from gateway.api.types.places import LatLng, Position
from gateway.api.types.stacks import Stack
from gateway.api.types.tracking import Courier
from gateway.flow.documents.document import DocumentKind, is_data


@shape()
class Leg:
    """One booking with one carrier, or one van."""

    id: strawberry.ID
    direction: LegDirection
    status: DeliveryStatus
    raw_status: str | None = part("The carrier's own word.")
    mode: DeliveryMode
    service: str
    price: Money
    account_id: strawberry.ID
    external_id: str | None
    tracking_number: str | None
    carrier_tracking_url: Url | None
    booked_at: datetime | None
    picked_up_at: datetime | None
    ended_at: datetime | None
    pickup_by: datetime | None
    extra: Money | None = part("Offered to the courier beside the price, in all.")
    free_cancel_until: datetime | None = part("Calling it off costs nothing before.")
    pickup_eta: datetime | None = part("When the courier says that it reaches the shop.")
    why: str | None = part("Why this carrier was asked: the strategy, and beside whom it stood.")
    kept: strawberry.Private[ground.Leg]

    @staticmethod
    def of(kept: ground.Leg) -> Leg:
        return Leg(
            id=strawberry.ID(kept.id),
            direction=kept.direction,
            status=kept.status,
            raw_status=kept.raw_status or None,
            mode=kept.mode,
            service=kept.service,
            price=Money.of(kept.price),
            account_id=strawberry.ID(kept.account_id),
            external_id=kept.external_id or None,
            tracking_number=kept.tracking_number or None,
            carrier_tracking_url=Url(kept.tracking_url) if kept.tracking_url else None,
            booked_at=kept.booked_at,
            picked_up_at=kept.picked_up_at,
            ended_at=kept.ended_at,
            pickup_by=kept.pickup_by,
            extra=Money.maybe(kept.extra),
            free_cancel_until=kept.free_cancel_until,
            pickup_eta=kept.pickup_eta,
            why=kept.why or None,
            kept=kept,
        )

    @resolved()
    async def carrier(self, info: Info) -> Carrier:
        """Who was booked."""
        return await load_carrier(info.context, self.kept.carrier)

    @resolved()
    async def stack(self, info: Info) -> Stack | None:
        """The tour that it goes on with others; null where it goes alone."""
        if not self.kept.stack_id:
            return None
        found = await info.context.loaders.stack.load(self.kept.stack_id)
        return None if found is None else Stack.of(found, self.kept.id)

    @resolved(most=20, usual=1)
    async def labels(self, info: Info) -> list[Attachment]:
        """What is to be stuck on the parcels, as we keep it."""
        found = await info.context.loaders.documents_of_leg.load(self.kept.id)
        return [Attachment.of(one) for one in found if one.card.kind is DocumentKind.LABEL]

    @resolved()
    async def label_url(self, info: Info) -> Url | None:
        """The first label: a signed link of ours; the carrier's own, which may end, where we keep none."""
        found = await info.context.loaders.documents_of_leg.load(self.kept.id)
        ours = [one.url for one in found if one.card.kind is DocumentKind.LABEL]
        url = ours[0] if ours else self.kept.label_url
        return Url(url) if url and not is_data(url) else None

    @resolved()
    async def courier(self, info: Info) -> Courier | None:
        """Who is at the wheel, as far as the merchant lets the desk see it."""
        rules = (await info.context.loaders.merchant.load("")).visibility
        return Courier.maybe(seen_courier(self.kept.courier, rules, TrackingAudience.DESK))

    @resolved()
    async def position(self, info: Info) -> Position | None:
        """Where the carrier says that it is, as far as the merchant lets the desk see it."""
        rules = (await info.context.loaders.merchant.load("")).visibility
        if not rules.shows(TrackingAudience.DESK, TrackingField.LIVE_PLACE):
            return None
        return Position.maybe(self.kept.position, info.context.clock.now())


@shape()
class DeliveryEvent:
    """Something that happened. Never changed; corrections are events."""

    id: strawberry.ID
    leg_id: strawberry.ID | None
    status: DeliveryStatus
    raw_status: str | None
    occurred_at: datetime
    received_at: datetime
    source: EventSource
    text: str
    is_correction: bool
    corrects: list[strawberry.ID] = part("Events that were no such thing.", most=100, usual=1)
    corrected_by: strawberry.ID | None = part("The key of whoever said so.")
    kept: strawberry.Private[ground.DeliveryEvent]

    @resolved()
    async def location(self, info: Info) -> LatLng | None:
        """Where it was, as far as the merchant lets the desk see places."""
        rules = (await info.context.loaders.merchant.load("")).visibility
        if self.kept.position is None or not rules.shows(TrackingAudience.DESK, TrackingField.LIVE_PLACE):
            return None
        return LatLng.of(self.kept.position.location)

    @staticmethod
    def of(event: ground.DeliveryEvent) -> DeliveryEvent:
        return DeliveryEvent(
            id=strawberry.ID(event.id),
            leg_id=strawberry.ID(event.leg_id) if event.leg_id else None,
            status=event.status,
            raw_status=event.raw_status or None,
            occurred_at=event.occurred_at,
            received_at=event.received_at,
            source=event.source,
            text=event.text,
            is_correction=event.is_correction,
            corrects=[strawberry.ID(one) for one in event.corrects[:100]],
            corrected_by=strawberry.ID(event.by) if event.by else None,
            kept=event,
        )
