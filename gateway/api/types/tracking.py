"""The shopper's view of a delivery. A type of its own, so that nothing leaks by a forgotten rule."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from doorstep import delivery as ground
from doorstep.delivery_status import DeliveryStage, DeliveryStatus
from doorstep.position import Position as GroundPosition
from doorstep.quote import VehicleKind
from doorstep.visibility import TrackingAudience, VisibilityRules, as_seen
from gateway.api import shopper_view
from gateway.api.context import Context, Info
from gateway.api.marks import SHOPPER, entry, part, resolved, shape
from gateway.api.ports.records import TrackingLink
from gateway.api.problems import InvalidInput, NotFound, TokenRejected
from gateway.api.scalars import PhoneNumber, TrackingToken, Url
from gateway.api.types.accounts import Merchant
from gateway.api.types.carriers import load_carrier
from gateway.api.types.enums import PositionHidden, TrackingAction
from gateway.api.types.offered_slots import show_slots
from gateway.api.types.places import LatLng, Position
from gateway.api.types.threads import Thread
from gateway.api.types.times import Eta, Promise
from gateway.flow.messaging.hand.pin import may_correct
from gateway.flow.messaging.threads.write import is_open

if TYPE_CHECKING:
    from gateway.api.types.slots import SlotConnection


@shape(to=SHOPPER)
class Courier:
    """The person at the wheel; the number is masked."""

    display_name: str | None
    vehicle: VehicleKind
    proxy_phone: PhoneNumber | None

    @staticmethod
    def maybe(courier: ground.Courier | None) -> Courier | None:
        if courier is None:
            return None
        return Courier(
            display_name=courier.display_name or None,
            vehicle=courier.vehicle,
            proxy_phone=PhoneNumber(courier.proxy_phone) if courier.proxy_phone else None,
        )


@shape(to=SHOPPER)
class TrackingStep:
    """One row of the timeline, done or to come."""

    stage: DeliveryStage
    text: str
    at: datetime | None
    is_done: bool


@shape(to=SHOPPER)
class Tracking:
    """A delivery as its shopper may see it. Reached only through a token, or by the merchant."""

    id: strawberry.ID
    reference: str
    stage: DeliveryStage
    status: DeliveryStatus
    headline: str
    promise: Promise | None
    eta: Eta | None = part("Null once the delivery is over.")
    courier: Courier | None = part("Null once the delivery is over.")
    destination: LatLng | None = part("Rounded to about 100 m.")
    expires_at: datetime | None = part("The token ends then; null where the merchant looks.")
    kept: strawberry.Private[ground.Delivery]
    rules: strawberry.Private[VisibilityRules]

    @staticmethod
    def of(
        kept: ground.Delivery, rules: VisibilityRules, expires_at: datetime | None, now: datetime
    ) -> Tracking:
        place, seen = kept.destination.location, as_seen(kept, TrackingAudience.SHOPPER, rules, now)
        leg = seen.active_leg
        return Tracking(
            id=strawberry.ID(kept.id),
            reference=kept.reference,
            stage=kept.stage,
            status=kept.status,
            headline=shopper_view.headline(kept),
            promise=Promise.maybe(kept.promise),
            eta=Eta.maybe(seen.eta),
            courier=None if leg is None else Courier.maybe(leg.courier),
            destination=None if place is None else LatLng.of(place.rounded(shopper_view.PLACE_DIGITS)),
            expires_at=expires_at,
            kept=kept,
            rules=rules,
        )

    @resolved(most=10, usual=5)
    async def timeline(self, info: Info) -> list[TrackingStep]:
        """From the shop to the door."""
        events = await info.context.loaders.events_of.load(self.kept.id)
        return [
            TrackingStep(stage=row.stage, text=row.text, at=row.at, is_done=row.is_done)
            for row in shopper_view.timeline(self.kept, events)
        ]

    @resolved()
    async def position(self, info: Info) -> Position | None:
        """Where the goods are; null where positionHidden says why not."""
        now = info.context.clock.now()
        fix = await _fix(info.context, self.kept)
        hidden = shopper_view.position_hidden(self.kept, fix, self.rules, now)
        return None if hidden is not None else Position.maybe(fix, now)

    @resolved()
    async def position_hidden(self, info: Info) -> PositionHidden | None:
        """Why no place is shown."""
        fix = await _fix(info.context, self.kept)
        return shopper_view.position_hidden(self.kept, fix, self.rules, info.context.clock.now())

    @resolved()
    async def carrier_name(self, info: Info) -> str | None:
        """Who brings it."""
        leg = self.kept.active_leg
        return None if leg is None else (await load_carrier(info.context, leg.carrier)).name

    @resolved(most=10, usual=2)
    async def actions(self, info: Info) -> list[TrackingAction]:
        """What the shopper may do now."""
        last = await info.context.loaders.last_attempt_of.load(self.kept.id)
        merchant = await info.context.loaders.merchant.load("")
        open_now = list(shopper_view.actions(last, merchant.attempts))
        if may_correct(self.kept):
            open_now.append(TrackingAction.CORRECT_PIN)
        if is_open(self.kept, info.context.clock.now()):
            open_now.append(TrackingAction.SEND_MESSAGE)
        return open_now

    @resolved()
    def thread(self) -> Thread:
        """What shopper, driver and desk write to one another."""
        return Thread.of(self.kept)

    @resolved()
    async def slots(
        self, info: Info, first: int = 20, after: str | None = None
    ) -> Annotated[SlotConnection, strawberry.lazy("gateway.api.types.slots")]:
        """Windows that it can be moved to; none but of own vans."""
        leg = self.kept.active_leg
        option = (self.kept.quote_set_id, "" if leg is None else leg.quote_id)
        return await show_slots(info.context, option, first, after, None)

    @resolved()
    async def merchant(self, info: Info) -> Merchant:
        """Who sent it, and where to ask for help."""
        return Merchant.of(await info.context.loaders.merchant.load(""))


async def show_tracking(context: Context, kept: ground.Delivery, expires_at: datetime | None) -> Tracking:
    """The delivery as its shopper may see it now, by the merchant's rules."""
    merchant = await context.loaders.merchant.load("")
    return Tracking.of(kept, merchant.visibility, expires_at, context.clock.now())


async def _fix(context: Context, kept: ground.Delivery) -> GroundPosition | None:
    if kept.driver_id is not None:
        state = await context.loaders.driver_state.load(kept.driver_id)
        return None if state is None else state.position
    leg = kept.active_leg
    return None if leg is None else leg.position


TrackingResult = Annotated[
    Tracking | TokenRejected,
    strawberry.union("TrackingResult", description="The delivery, or why the token does not open it."),
]


@entry
class CreateTrackingTokenInput:
    """A token for one delivery; ends after its lifetime, and after completion."""

    delivery_id: strawberry.ID
    lifetime_seconds: int = 172_800


@shape()
class CreateTrackingTokenSuccess:
    """The token and the page that it opens."""

    token: TrackingToken
    url: Url
    expires_at: datetime

    @staticmethod
    def of(link: TrackingLink) -> CreateTrackingTokenSuccess:
        return CreateTrackingTokenSuccess(
            token=TrackingToken(link.token), url=Url(link.url), expires_at=link.expires_at
        )


CreateTrackingTokenResult = Annotated[
    CreateTrackingTokenSuccess | InvalidInput | NotFound,
    strawberry.union("CreateTrackingTokenResult", description="What asking for a token led to."),
]
