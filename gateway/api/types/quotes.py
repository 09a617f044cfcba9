"""Questions to carriers and their answers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from doorstep import quote as ground
from doorstep.quote import DeclineReason, DeliveryMode, PriceBasis, RankFactor, VehicleKind
from gateway.api.context import Info
from gateway.api.marks import SHOP, entry, part, resolved, shape
from gateway.api.problems import IdempotencyConflict, InvalidInput, NotFound, NotServiceable, StateConflict
from gateway.api.types.carriers import Carrier, load_carrier
from gateway.api.types.money import Money
from gateway.api.types.node import Node
from gateway.api.types.packing import PackedParcel
from gateway.api.types.rules import Rule, load_rule
from gateway.api.types.times import Promise

if TYPE_CHECKING:
    from gateway.api.types.orders import FulfillmentOrder

FulfillmentOrderRef = Annotated["FulfillmentOrder", strawberry.lazy("gateway.api.types.orders")]


@shape(to=SHOP)
class Emissions:
    """Greenhouse gas, well to wheel."""

    co2e_grams: int = part()

    @staticmethod
    def maybe(grams: int | None) -> Emissions | None:
        return None if grams is None else Emissions(co2e_grams=grams)


@shape(to=SHOP)
class RankReason:
    """Why it ranks where it does."""

    factor: RankFactor
    text: str
    contribution: float | None = part("Share of the score, -1 to 1.", to=())
    rule_id: strawberry.Private[str]

    @staticmethod
    def of(reason: ground.RankReason) -> RankReason:
        return RankReason(
            factor=reason.factor,
            text=reason.text,
            contribution=reason.contribution,
            rule_id=reason.rule_id,
        )

    @resolved(to=())
    async def rule(self, info: Info) -> Rule | None:
        """The merchant's rule behind it, as it stands now; null where none is."""
        return await load_rule(info.context, self.rule_id)


@shape()
class Quote:
    """One carrier's price and promise."""

    id: strawberry.ID
    service: str
    title: str
    mode: DeliveryMode
    vehicle: VehicleKind
    price: Money
    price_basis: PriceBasis
    promise: Promise
    pickup_by: datetime | None
    emissions: Emissions | None
    expires_at: datetime
    rank: int = part("1 is best.")
    score: float
    rank_reasons: list[RankReason] = part(most=10, usual=4)
    response_milliseconds: int
    account_id: strawberry.ID
    carrier_code: strawberry.Private[str]

    @staticmethod
    def of(ranked: ground.Quote) -> Quote:
        offer = ranked.offer
        return Quote(
            id=strawberry.ID(ranked.id),
            service=offer.service,
            title=offer.title,
            mode=offer.mode,
            vehicle=offer.vehicle,
            price=Money.of(offer.price),
            price_basis=offer.price_basis,
            promise=Promise.of(offer.promise),
            pickup_by=offer.pickup_by,
            emissions=Emissions.maybe(offer.co2e_g),
            expires_at=offer.expires_at,
            rank=ranked.rank,
            score=ranked.score,
            rank_reasons=[RankReason.of(reason) for reason in ranked.reasons[:10]],
            response_milliseconds=ranked.response_ms,
            account_id=strawberry.ID(ranked.account_id),
            carrier_code=offer.carrier,
        )

    @resolved()
    async def carrier(self, info: Info) -> Carrier:
        """Who offers it."""
        return await load_carrier(info.context, self.carrier_code)


@shape()
class DeclinedCarrier:
    """A carrier that cannot or did not answer."""

    reason: DeclineReason
    text: str
    raw_code: str | None
    account_id: strawberry.ID | None
    retry_after_seconds: int | None
    carrier_code: strawberry.Private[str]
    rule_id: strawberry.Private[str]

    @staticmethod
    def of(decline: ground.Decline) -> DeclinedCarrier:
        return DeclinedCarrier(
            reason=decline.reason,
            text=decline.text,
            raw_code=decline.raw_code or None,
            account_id=strawberry.ID(decline.account_id) if decline.account_id else None,
            retry_after_seconds=None if decline.retry_after_s is None else round(decline.retry_after_s),
            carrier_code=decline.carrier,
            rule_id=decline.rule_id,
        )

    @resolved()
    async def carrier(self, info: Info) -> Carrier:
        """Who it is."""
        return await load_carrier(info.context, self.carrier_code)

    @resolved()
    async def rule(self, info: Info) -> Rule | None:
        """The merchant's rule that turned it away, as it stands now; null where none did."""
        return await load_rule(info.context, self.rule_id)


@shape()
class QuoteSet(Node):
    """One question to every carrier, and the answers."""

    requested_at: datetime
    budget_milliseconds: int
    took_milliseconds: int
    is_complete: bool = part("False if some carrier had not answered within the budget.")
    quotes: list[Quote] = part("Ranked, best first.", most=50, usual=8)
    declined: list[DeclinedCarrier] = part(most=50, usual=4)
    packing: list[PackedParcel] = part(
        "What lies where in the parcels that were asked about; empty where they are an estimate, and at a "
        "checkout.",
        most=50,
        usual=1,
    )
    notes: list[str] = part(
        "What the merchant should know, such as articles without weight or sides.", most=10, usual=1
    )
    fulfillment_order_id: strawberry.Private[str | None]

    @staticmethod
    def of(answers: ground.QuoteSet) -> QuoteSet:
        return QuoteSet(
            id=strawberry.ID(answers.id),
            requested_at=answers.request.asked_at,
            budget_milliseconds=answers.budget_ms,
            took_milliseconds=answers.took_ms,
            is_complete=answers.is_complete,
            quotes=[Quote.of(ranked) for ranked in answers.quotes[:50]],
            declined=[DeclinedCarrier.of(decline) for decline in answers.declined[:50]],
            packing=[PackedParcel.of(packed) for packed in answers.packed[:50]],
            notes=list(answers.notes[:10]),
            fulfillment_order_id=answers.fulfillment_order_id,
        )

    @resolved()
    async def fulfillment_order(self, info: Info) -> FulfillmentOrderRef | None:
        """Null for a question from a checkout."""
        from gateway.api.types.orders import FulfillmentOrder

        if self.fulfillment_order_id is None:
            return None
        kept = await info.context.loaders.fulfillment_order.load(self.fulfillment_order_id)
        return None if kept is None else FulfillmentOrder.of(kept)


@entry
class RankingWeightsInput:
    """How much each factor counts, 0 to 1,000; they need not add up to one, but one must be positive."""

    price: float
    speed: float
    reliability: float
    emissions: float


@shape()
class RankingPreview:
    """A past decision, ranked anew from the numbers that were kept with it."""

    quotes: list[Quote] = part("As these weights rank them, best first.", most=50, usual=8)
    would_choose: Quote | None = part("The best of them; null where nobody made an offer.")
    did_choose: Quote | None = part(
        "What the shopper chose or was booked first, as it was ranked then; null where nothing was."
    )
    price_difference: Money | None = part(
        "What wouldChoose costs the merchant more than didChoose; negative where it costs less."
    )

    @staticmethod
    def of(anew: ground.QuoteSet, chosen: ground.Quote | None) -> RankingPreview:
        best = anew.quotes[0] if anew.quotes else None
        difference = None if best is None or chosen is None else best.offer.price - chosen.offer.price
        return RankingPreview(
            quotes=[Quote.of(ranked) for ranked in anew.quotes[:50]],
            would_choose=None if best is None else Quote.of(best),
            did_choose=None if chosen is None else Quote.of(chosen),
            price_difference=Money.maybe(difference),
        )


@entry
class RequestQuotesInput:
    """Ask every carrier, or only these accounts."""

    idempotency_key: str
    fulfillment_order_id: strawberry.ID
    budget_milliseconds: int = 2000
    account_ids: list[strawberry.ID] | None = part(most=20, default=None)


@shape()
class RequestQuotesSuccess:
    """The answers."""

    quote_set: QuoteSet


RequestQuotesResult = Annotated[
    RequestQuotesSuccess | InvalidInput | NotFound | NotServiceable | StateConflict | IdempotencyConflict,
    strawberry.union("RequestQuotesResult", description="What asking for quotes led to."),
]
