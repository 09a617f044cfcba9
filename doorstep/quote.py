"""Questions to carriers and their answers: quotes, declines, and the ranked set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from doorstep.address import Address
from doorstep.calendar import Transit
from doorstep.goods import AccessLimit, Goods
from doorstep.money import Money
from doorstep.order import HandoverRequirement
from doorstep.packing import PackedParcel
from doorstep.parcel import Parcel
from doorstep.window import Promise, Window


class DeliveryMode(StrEnum):
    """Who moves it."""

    OWN_FLEET = "OWN_FLEET"
    COURIER = "COURIER"
    PARCEL = "PARCEL"
    OTHER = "OTHER"


class VehicleKind(StrEnum):
    """What is driven."""

    FOOT = "FOOT"
    BICYCLE = "BICYCLE"
    CARGO_BIKE = "CARGO_BIKE"
    MOTORCYCLE = "MOTORCYCLE"
    CAR = "CAR"
    VAN = "VAN"
    TRUCK = "TRUCK"
    OTHER = "OTHER"


class PriceBasis(StrEnum):
    """Where a price comes from."""

    LIVE = "LIVE"
    RATE_SHEET = "RATE_SHEET"
    CACHED = "CACHED"
    ESTIMATE = "ESTIMATE"
    FALLBACK = "FALLBACK"
    OTHER = "OTHER"


class DeclineReason(StrEnum):
    """Why a carrier cannot, or did not answer."""

    OUT_OF_AREA = "OUT_OF_AREA"
    NO_CAPACITY = "NO_CAPACITY"
    TOO_LARGE = "TOO_LARGE"
    TOO_HEAVY = "TOO_HEAVY"
    PROHIBITED_GOODS = "PROHIBITED_GOODS"
    AGE_RESTRICTED = "AGE_RESTRICTED"
    VEHICLE_MISMATCH = "VEHICLE_MISMATCH"
    HANDOVER = "HANDOVER"
    LIMITED_ACCESS = "LIMITED_ACCESS"
    CLOSED = "CLOSED"
    PAST_CUTOFF = "PAST_CUTOFF"
    RULE = "RULE"
    OVER_PRICE_CAP = "OVER_PRICE_CAP"
    TIMED_OUT = "TIMED_OUT"
    CARRIER_DOWN = "CARRIER_DOWN"
    RATE_LIMITED = "RATE_LIMITED"
    ACCOUNT_PROBLEM = "ACCOUNT_PROBLEM"
    ADDRESS_PROBLEM = "ADDRESS_PROBLEM"
    OTHER = "OTHER"

    @property
    def is_passing(self) -> bool:
        """Whether the carrier could not be asked, and might make an offer at another time."""
        return self in {
            DeclineReason.TIMED_OUT,
            DeclineReason.CARRIER_DOWN,
            DeclineReason.RATE_LIMITED,
            DeclineReason.ACCOUNT_PROBLEM,
        }


@dataclass(frozen=True, slots=True)
class QuoteRequest:
    """What every carrier is asked.

    Attributes
    ----------
    reference
        Ours, unique to this question.
    pickup, dropoff
        Full addresses; at a checkout `dropoff` may be no more than a postcode.
    value
        Of the goods; also fixes the currency of the prices wanted.
    asked_at, ready_at
        When the question is put, and from when on the goods can be picked up.
    delivery_window
        What the shopper asked for, if anything.
    vehicle
        The smallest that will do; None where the parcels say it.
    is_return
        A shopper gives the goods back: they are fetched at the door and brought to the shop.
    is_cart
        It is no order yet: who lives there and how to call them is not known before somebody pays.
    """

    reference: str
    pickup: Address
    dropoff: Address
    parcels: tuple[Parcel, ...]
    value: Money
    asked_at: datetime
    ready_at: datetime
    time_zone: str
    delivery_window: Window | None = None
    requirements: tuple[HandoverRequirement, ...] = ()
    goods: Goods = field(default_factory=Goods)
    vehicle: VehicleKind | None = None
    access: tuple[AccessLimit, ...] = ()
    is_return: bool = False
    is_cart: bool = False


@dataclass(frozen=True, slots=True)
class CarrierQuote:
    """One offer of one carrier, before ranking.

    Attributes
    ----------
    service
        The carrier's own stable code: "GroundAdvantage", "same_day".
    title
        For the shopper.
    booking_data
        What the carrier's `book` needs to honour exactly this offer (quote id, shipment id, …).
    co2e_g
        Well to wheel, grams; None where unknown.
    free_cancel_until
        Calling a booking off costs nothing before; None where the carrier does not say.
    transit
        The working days that it says it takes, where it names no day of its own; its promise is then worked
        out anew from when and where it is fetched.
    """

    carrier: str
    service: str
    title: str
    mode: DeliveryMode
    vehicle: VehicleKind
    price: Money
    price_basis: PriceBasis
    promise: Promise
    expires_at: datetime
    pickup_by: datetime | None = None
    co2e_g: int | None = None
    booking_data: Mapping[str, str] = field(default_factory=dict)
    free_cancel_until: datetime | None = None
    transit: Transit | None = None

    @property
    def code(self) -> str:
        """Stable, the same in every answer and in the store's checkout."""
        return f"{self.carrier}:{self.service}"


@dataclass(frozen=True, slots=True)
class Decline:
    """A carrier that cannot, or did not answer.

    Attributes
    ----------
    text
        A sentence for a dispatcher; no personal data.
    raw_code
        The carrier's own.
    is_known_code
        False where its connector has no word for that, and went by something coarser.
    """

    carrier: str
    reason: DeclineReason
    text: str
    raw_code: str = ""
    account_id: str = ""
    retry_after_s: float | None = None
    rule_id: str = ""
    is_known_code: bool = True


@dataclass(frozen=True, slots=True)
class CarrierAnswer:
    """Everything one carrier said to one question; both may be filled (one service of three declined)."""

    quotes: tuple[CarrierQuote, ...] = ()
    declined: tuple[Decline, ...] = ()


class RankFactor(StrEnum):
    """What moved an option up or down."""

    PRICE = "PRICE"
    SPEED = "SPEED"
    RELIABILITY = "RELIABILITY"
    EMISSIONS = "EMISSIONS"
    RULE = "RULE"
    PREFERENCE = "PREFERENCE"
    CAPACITY = "CAPACITY"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class RankReason:
    """Why it ranks where it does; `contribution` is a share of the score, -1 to 1."""

    factor: RankFactor
    text: str
    contribution: float
    rule_id: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """A carrier's offer with its place in the list; 1 is best, a higher score is better.

    Attributes
    ----------
    charge
        What the shopper pays, after markups, caps and what is free; None for the offer's own price.
    reliability
        Chance that a booking goes well, 0 to 1, as it was ranked; None as long as nobody has counted.
    requirements
        What rules ask for at the door beside what was asked for anyway.
    """

    id: str
    account_id: str
    offer: CarrierQuote
    rank: int
    score: float
    reasons: tuple[RankReason, ...]
    response_ms: int
    charge: Money | None = None
    reliability: float | None = None
    requirements: tuple[HandoverRequirement, ...] = ()

    @property
    def price(self) -> Money:
        """What the shopper pays."""
        return self.offer.price if self.charge is None else self.charge


@dataclass(frozen=True, slots=True)
class RankingWeights:
    """How much each factor counts; they need not add up to one, but one must be positive.

    Price, speed and emissions count by their place between the worst and the best of a list, reliability by
    the chance itself. Chances of good carriers lie close together, so a weight of reliability below that of
    price tells them apart only where prices are close as well.

    Raises
    ------
    ValueError
        If a weight is negative, or all are nothing.
    """

    price: float = 0.55
    speed: float = 0.25
    reliability: float = 0.15
    emissions: float = 0.05

    def __post_init__(self) -> None:
        parts = (self.price, self.speed, self.reliability, self.emissions)
        if min(parts) < 0 or sum(parts) <= 0:
            raise ValueError("ranking weights must not be negative and one of them must be positive")


PRICE_STANDS = timedelta(minutes=20)
"""What a checkout shows can be had for so long: Shopify shows the same rates for about 15 minutes."""


@dataclass(frozen=True, slots=True)
class QuoteSet:
    """One question to every carrier, and the answers, best first.

    Attributes
    ----------
    fulfillment_order_id
        None for a question from a checkout.
    is_complete
        False if some carrier had not answered within the budget.
    packed
        What lies where in the parcels that were asked about, in their order; () where nobody packed them, and
        at a checkout.
    notes
        What the merchant should know of the question: sentences without personal data.
    cart_key
        By which the order finds it that comes of the cart it was asked for; "" where the choice comes along.
    """

    id: str
    merchant_id: str
    request: QuoteRequest
    fulfillment_order_id: str | None
    origin_id: str
    quotes: tuple[Quote, ...]
    declined: tuple[Decline, ...]
    budget_ms: int
    took_ms: int
    is_complete: bool
    packed: tuple[PackedParcel, ...] = ()
    notes: tuple[str, ...] = ()
    cart_key: str = ""

    @property
    def expires_at(self) -> datetime:
        """When the last offer ends; the moment of asking where there is none."""
        return max((quote.offer.expires_at for quote in self.quotes), default=self.request.asked_at)

    def stands_until(self, quote: Quote) -> datetime:
        """Until when an offer of this set is kept: at a checkout for `PRICE_STANDS` at least."""
        if self.fulfillment_order_id is not None:
            return quote.offer.expires_at
        return max(quote.offer.expires_at, self.request.asked_at + PRICE_STANDS)

    def quote(self, quote_id: str) -> Quote | None:
        """The offer with this id."""
        return next((quote for quote in self.quotes if quote.id == quote_id), None)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a shopper chose at the checkout, with its price locked.

    Attributes
    ----------
    id
        Also the reference that the cart carries to the order.
    cart_part
        Which package of the cart it is for, in the store's words; "" where nobody said.
    """

    id: str
    merchant_id: str
    quote_set_id: str
    quote_id: str
    carrier: str
    service: str
    account_id: str
    price: Money
    promise: Promise
    chosen_at: datetime
    price_locked_until: datetime
    cart_id: str = ""
    order_id: str | None = None
    cart_part: str = ""
