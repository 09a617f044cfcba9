"""What a storefront sees: options for a cart, and the shopper's choice."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import strawberry

from doorstep import quote as ground
from doorstep.address import Address
from doorstep.order import HandoverRequirement
from doorstep.quote import DeliveryMode, PriceBasis
from gateway.api.context import Info
from gateway.api.marks import SHOP, entry, part, resolved, shape
from gateway.api.problems import (
    IdempotencyConflict,
    InvalidInput,
    NotFound,
    NotServiceable,
    OptionChanged,
    SlotUnavailable,
    StateConflict,
)
from gateway.api.scalars import CurrencyCode, TimeZone
from gateway.api.types.carriers import Carrier, load_carrier
from gateway.api.types.enums import DestinationPrecision, OptionHighlight
from gateway.api.types.money import Money, MoneyInput
from gateway.api.types.node import Node
from gateway.api.types.offered_slots import show_slots
from gateway.api.types.places import DestinationInput, LatLng
from gateway.api.types.quotes import Emissions, Quote, QuoteSet, RankReason
from gateway.api.types.slots import SlotConnection, SlotHold
from gateway.api.types.times import Promise, TimeWindowInput
from gateway.flow.quoting.options import LATE_S

if TYPE_CHECKING:
    from gateway.api.types.orders import Order

OrderRef = Annotated["Order", strawberry.lazy("gateway.api.types.orders")]

REFRESH_AFTER_S = 2
_MISSING = {"line1": "address1", "city": "city", "country": "countryCode"}


@shape(to=SHOP)
class ResolvedDestination:
    """What was understood of the destination."""

    precision: DestinationPrecision
    location: LatLng | None
    time_zone: TimeZone
    missing: list[str] = part("Input fields still needed before an option can be booked.", most=10)

    @staticmethod
    def of(address: Address, time_zone: str) -> ResolvedDestination:
        return ResolvedDestination(
            precision=_precision(address),
            location=LatLng.maybe(address.location),
            time_zone=TimeZone(time_zone),
            missing=[_MISSING[name] for name in address.missing],
        )


@shape(to=SHOP)
class DeliveryOption:
    """One way to deliver a group."""

    id: strawberry.ID
    code: str = part("Stable, the same in every answer: carrier and service.")
    title: str
    mode: DeliveryMode
    price: Money = part("What the shopper pays.")
    price_basis: PriceBasis
    promise: Promise
    emissions: Emissions | None
    requirements: list[HandoverRequirement] = part(most=10)
    highlights: list[OptionHighlight] = part(most=5)
    rank: int = part("1 is best.")
    rank_reasons: list[RankReason] = part(most=10, usual=4)
    is_bookable: bool = part("False while destination.missing is not empty.")
    expires_at: datetime = part("Price and promise hold until then.")
    quote: Quote = part("The offer behind it.", to=())
    carrier_code: strawberry.Private[str]
    options_id: strawberry.Private[str]

    @staticmethod
    def of(ranked: ground.Quote, answers: ground.QuoteSet) -> DeliveryOption:
        offer = ranked.offer
        return DeliveryOption(
            id=strawberry.ID(ranked.id),
            code=f"{offer.carrier}:{offer.service}",
            title=offer.title,
            mode=offer.mode,
            price=Money.of(ranked.price),
            price_basis=offer.price_basis,
            promise=Promise.of(offer.promise),
            emissions=Emissions.maybe(offer.co2e_g),
            requirements=list(answers.request.requirements[:10]),
            highlights=_highlights(ranked, answers.quotes),
            rank=ranked.rank,
            rank_reasons=[RankReason.of(reason) for reason in ranked.reasons[:10]],
            is_bookable=not answers.request.dropoff.missing,
            expires_at=answers.stands_until(ranked),
            quote=Quote.of(ranked),
            carrier_code=offer.carrier,
            options_id=answers.id,
        )

    @resolved()
    async def carrier(self, info: Info) -> Carrier:
        """Who brings it."""
        return await load_carrier(info.context, self.carrier_code)

    @resolved(points=5)
    async def slots(
        self,
        info: Info,
        first: int = 20,
        after: str | None = None,
        within: TimeWindowInput | None = None,
    ) -> SlotConnection:
        """Windows to choose from, of the next 14 days unless asked otherwise; none but of own vans."""
        return await show_slots(info.context, (self.options_id, str(self.id)), first, after, within)


@shape(to=SHOP)
class DeliveryGroup:
    """What ships together, and the ways it can."""

    id: strawberry.ID
    options: list[DeliveryOption] = part("Best first.", most=30, usual=8)

    @staticmethod
    def of(answers: ground.QuoteSet) -> DeliveryGroup:
        options = [DeliveryOption.of(ranked, answers) for ranked in answers.quotes[:30]]
        return DeliveryGroup(id=strawberry.ID(answers.id), options=options)


@shape(to=SHOP)
class DeliveryOptions:
    """Answer for one cart and one destination."""

    id: strawberry.ID
    groups: list[DeliveryGroup] = part("Nearly always one.", most=10, usual=1)
    destination: ResolvedDestination
    is_complete: bool = part(
        "False if some carrier had not answered within the time budget; "
        "read deliveryOptionsById after refreshAfterSeconds."
    )
    refresh_after_seconds: int | None
    server_time: datetime = part("The server's clock: count down against this, not the browser's.")
    took_milliseconds: int
    quote_sets: list[QuoteSet] = part("The questions behind it.", to=(), most=10, usual=1)

    @staticmethod
    def of(answers: ground.QuoteSet, now: datetime) -> DeliveryOptions:
        return DeliveryOptions(
            id=strawberry.ID(answers.id),
            groups=[DeliveryGroup.of(answers)],
            destination=ResolvedDestination.of(answers.request.dropoff, answers.request.time_zone),
            is_complete=answers.is_complete,
            refresh_after_seconds=REFRESH_AFTER_S if _may_grow(answers, now) else None,
            server_time=now,
            took_milliseconds=answers.took_ms,
            quote_sets=[QuoteSet.of(answers)],
        )


@shape(to=SHOP)
class DeliverySelection:
    """The choice for one group."""

    group: DeliveryGroup
    option: DeliveryOption
    slot_hold: SlotHold | None = part("The place in the slot that was chosen.")


@shape(to=SHOP)
class DeliveryChoice(Node):
    """What the shopper chose, locked."""

    total: Money
    promise: Promise
    price_locked_until: datetime
    reference: str = part("Put this into the cart's attributes or order meta: the order is booked by it.")
    chosen: strawberry.Private[ground.Choice]

    @staticmethod
    def of(choice: ground.Choice) -> DeliveryChoice:
        return DeliveryChoice(
            id=strawberry.ID(choice.id),
            total=Money.of(choice.price),
            promise=Promise.of(choice.promise),
            price_locked_until=choice.price_locked_until,
            reference=choice.id,
            chosen=choice,
        )

    @resolved(most=10, usual=1)
    async def selections(self, info: Info) -> list[DeliverySelection]:
        """Group by group; empty once the question has been forgotten."""
        answers = await info.context.loaders.quote_set.load(self.chosen.quote_set_id)
        ranked = None if answers is None else answers.quote(self.chosen.quote_id)
        if answers is None or ranked is None:
            return []
        held = await info.context.loaders.slot_hold_of_choice.load(self.chosen.id)
        return [
            DeliverySelection(
                group=DeliveryGroup.of(answers),
                option=DeliveryOption.of(ranked, answers),
                slot_hold=None if held is None else SlotHold.of(held),
            )
        ]

    @resolved(to=())
    async def order(self, info: Info) -> OrderRef | None:
        """The order that came of it, if one has."""
        from gateway.api.types.orders import Order

        if self.chosen.order_id is None:
            return None
        kept = await info.context.loaders.order.load(self.chosen.order_id)
        return None if kept is None else Order.of(kept)


@entry
class CartItemInput:
    """One line of the cart."""

    quantity: int
    line_id: str | None = None
    sku: str | None = None
    unit_price: MoneyInput | None = None
    weight_grams: int | None = part("Of one piece.", default=None)
    requires_shipping: bool = True


@entry
class CartContextInput:
    """What is known of the cart beside its lines."""

    cart_id: str | None = None
    currency_code: CurrencyCode | None = None
    store_id: strawberry.ID | None = None


@entry
class DeliverySelectionInput:
    """The option for one group."""

    group_id: strawberry.ID
    option_id: strawberry.ID
    slot_id: strawberry.ID | None = part("Its place is held with the choice.", default=None)
    replaces_hold_id: strawberry.ID | None = part(
        "A hold of the shopper's, made with holdSlot, that is released for the choice's own.", default=None
    )


@entry
class ChooseDeliveryOptionInput:
    """The shopper's choice."""

    idempotency_key: str = part("Same key, same answer, for 24 hours.")
    delivery_options_id: strawberry.ID
    selections: list[DeliverySelectionInput] = part(most=10)
    destination: DestinationInput | None = None
    cart_id: str | None = None


@shape(to=SHOP)
class ChooseDeliveryOptionSuccess:
    """The choice stands."""

    choice: DeliveryChoice


DeliveryOptionsResult = Annotated[
    DeliveryOptions | InvalidInput | NotServiceable,
    strawberry.union("DeliveryOptionsResult", description="Ways to deliver, or why there are none."),
]
ChooseDeliveryOptionResult = Annotated[
    ChooseDeliveryOptionSuccess
    | InvalidInput
    | NotFound
    | OptionChanged
    | SlotUnavailable
    | StateConflict
    | IdempotencyConflict,
    strawberry.union("ChooseDeliveryOptionResult", description="What choosing led to."),
]


def _may_grow(answers: ground.QuoteSet, now: datetime) -> bool:
    """Late carriers are added to a checkout's list for some seconds."""
    is_young = now - answers.request.asked_at < timedelta(seconds=LATE_S + REFRESH_AFTER_S)
    return not answers.is_complete and is_young


def _precision(address: Address) -> DestinationPrecision:
    if address.line1 and address.location is not None:
        return DestinationPrecision.ROOFTOP
    if address.line1:
        return DestinationPrecision.STREET
    if address.postal_code:
        return DestinationPrecision.POSTAL_CODE
    if address.city or address.province:
        return DestinationPrecision.REGION
    return DestinationPrecision.COUNTRY


def _highlights(ranked: ground.Quote, all_quotes: tuple[ground.Quote, ...]) -> list[OptionHighlight]:
    offer, offers = ranked.offer, [other.offer for other in all_quotes]
    prices = [other.price.minor for other in all_quotes if other.price.currency == ranked.price.currency]
    grams = [other.co2e_g for other in offers if other.co2e_g is not None]
    found: list[OptionHighlight] = []
    if ranked.rank == 1:
        found.append(OptionHighlight.RECOMMENDED)
    if len(offers) > 1 and min(prices) == ranked.price.minor < max(prices):
        found.append(OptionHighlight.CHEAPEST)
    if len(offers) > 1 and offer.promise.window.end == min(other.promise.window.end for other in offers):
        found.append(OptionHighlight.FASTEST)
    if len(grams) > 1 and offer.co2e_g == min(grams):
        found.append(OptionHighlight.GREENEST)
    return found
