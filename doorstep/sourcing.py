"""From which place an order ships: what a merchant wants of it, what is asked, and what was decided and why.

An order's lines, the places that could ship them and the merchant's rules go in; which place ships what comes
out, with a reason for every place that does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from doorstep.calendar import EVERY_DAY, DayCalendar
from doorstep.money import Money


class SourcingStrategy(StrEnum):
    """What decides between places.

    All but CHEAPEST use as few places as they can; CHEAPEST splits an order also where that saves more than
    the merchant's penalty for it.
    """

    STORE = "STORE"
    """The store decides, nobody else."""
    NEAREST = "NEAREST"
    CHEAPEST = "CHEAPEST"
    FEWEST_SPLITS = "FEWEST_SPLITS"
    """As few places as can be, of those the cheapest."""
    PRIORITY = "PRIORITY"
    """The merchant's own order of places."""


class PlaceStock(StrEnum):
    """How it is known what lies at a place."""

    STORE = "STORE"
    """The store counts it."""
    EVERYTHING = "EVERYTHING"
    """Nobody counts: it has as many of everything as anybody wants."""


@dataclass(frozen=True, slots=True)
class PlaceTerms:
    """What a merchant wants of one place.

    Attributes
    ----------
    may_ship
        False keeps it out altogether.
    is_shop
        Sells over the counter: ships only where the merchant lets shops ship.
    priority
        1 is asked first.
    handling
        What packing one parcel costs there, in the merchant's currency.
    orders_a_day
        How many fulfillment orders it can pack in a day; None for any number.
    open_days
        On which days it packs.
    articles
        The only SKUs that it has; empty where it may have any.

    Raises
    ------
    ValueError
        If `priority` is below 1 or `orders_a_day` is negative.
    """

    location_id: str
    may_ship: bool = True
    is_shop: bool = False
    priority: int = 100
    handling: Money | None = None
    orders_a_day: int | None = None
    open_days: DayCalendar = field(default_factory=lambda: DayCalendar(EVERY_DAY))
    stock: PlaceStock = PlaceStock.STORE
    articles: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.priority < 1:
            raise ValueError(f"priority must be 1 or more, got {self.priority}")
        if self.orders_a_day is not None and self.orders_a_day < 0:
            raise ValueError(f"orders_a_day must not be negative, got {self.orders_a_day}")


@dataclass(frozen=True, slots=True)
class SourcingRules:
    """What a merchant wants of sourcing. Amounts are in the merchant's currency.

    Attributes
    ----------
    most_shipments
        Into how many parts an order may be split; 1 never splits.
    split_penalty
        What each further part must save beside its own delivery.
    safety_stock
        Pieces of each article that a place keeps for itself.
    ship_from_shops
        Whether places that are shops may ship orders.
    keep_unless_saved
        What the store chose stands unless another way saves so much; None where any better way will do.
    places
        Terms of single places; a place that is not named has the usual ones.

    Raises
    ------
    ValueError
        If `most_shipments` is not 1 to 10, `safety_stock` or an amount is negative, or a place is named
        twice.
    """

    strategy: SourcingStrategy = SourcingStrategy.STORE
    most_shipments: int = 2
    split_penalty: Money | None = None
    safety_stock: int = 0
    ship_from_shops: bool = True
    keep_unless_saved: Money | None = None
    places: tuple[PlaceTerms, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.most_shipments <= 10:
            raise ValueError(f"most_shipments must be 1 to 10, got {self.most_shipments}")
        if self.safety_stock < 0:
            raise ValueError(f"safety_stock must not be negative, got {self.safety_stock}")
        if any(money is not None and money.minor < 0 for money in self.amounts):
            raise ValueError("split_penalty, keep_unless_saved and handling must not be negative")
        if len({place.location_id for place in self.places}) < len(self.places):
            raise ValueError("places names one of them twice")

    @property
    def amounts(self) -> tuple[Money | None, ...]:
        """All amounts that they name."""
        return (self.split_penalty, self.keep_unless_saved, *(place.handling for place in self.places))

    def terms_of(self, location_id: str) -> PlaceTerms:
        """The terms of a place."""
        named = (place for place in self.places if place.location_id == location_id)
        return next(named, PlaceTerms(location_id))


@dataclass(frozen=True, slots=True)
class Need:
    """Pieces of one line that have to be shipped.

    Attributes
    ----------
    article
        What `Source.stock` counts; lines of one article share its stock.
    name
        SKU or title, for sentences.
    """

    line_id: str
    article: str
    pieces: int
    name: str


@dataclass(frozen=True, slots=True)
class Source:
    """A place that could ship.

    Attributes
    ----------
    stock
        Pieces by article, None for as many as anybody wants; an article that is not named is not there.
    delivery
        What one delivery from there is expected to cost.
    distance_m
        To the door, as the crow flies; None where one of the two is not on the map.
    today
        The day there.
    orders_today
        Fulfillment orders that it has to pack today already.
    """

    location_id: str
    name: str
    terms: PlaceTerms
    stock: Mapping[str, int | None]
    delivery: Money
    today: date
    distance_m: int | None = None
    orders_today: int = 0


@dataclass(frozen=True, slots=True)
class SourcingTask:
    """A question to a `doorstep.ports.Sourcer`.

    Attributes
    ----------
    current_id
        The place that the store chose; "" for none.
    promised_id
        The place that the shopper's option leaves from: taken if it can ship all; "" for none.
    """

    needs: tuple[Need, ...]
    sources: tuple[Source, ...]
    rules: SourcingRules
    currency: str
    current_id: str = ""
    promised_id: str = ""


class PassReason(StrEnum):
    """Why a place does not ship an order."""

    NOT_ALLOWED = "NOT_ALLOWED"
    OUT_OF_STOCK = "OUT_OF_STOCK"
    CLOSED = "CLOSED"
    AT_CAPACITY = "AT_CAPACITY"
    DEARER = "DEARER"
    FARTHER = "FARTHER"
    LOWER_PRIORITY = "LOWER_PRIORITY"
    KEPT = "KEPT"
    """What the store or the shopper chose stands."""
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A place that does not ship an order, and a sentence for the merchant."""

    location_id: str
    reason: PassReason
    text: str


@dataclass(frozen=True, slots=True)
class LineShare:
    """Pieces of a line that one place ships."""

    line_id: str
    pieces: int


@dataclass(frozen=True, slots=True)
class SourcedPart:
    """What one place ships, and what its delivery with handling is expected to cost."""

    location_id: str
    lines: tuple[LineShare, ...]
    cost: Money


@dataclass(frozen=True, slots=True)
class SourcingPlan:
    """Which place ships what.

    Attributes
    ----------
    parts
        () where no places together have all: what the store chose stands.
    cost
        Of all parts, without the penalty for splitting; None without parts.
    next_best
        What the best other way would cost; None where there is none.
    reason
        A sentence for the merchant.
    """

    parts: tuple[SourcedPart, ...]
    reason: str
    cost: Money | None = None
    next_best: Money | None = None
    passed: tuple[PassedOver, ...] = ()


class SourcingOutcome(StrEnum):
    """What became of what the store had chosen."""

    KEPT = "KEPT"
    MOVED = "MOVED"
    SPLIT = "SPLIT"
    NOT_ENOUGH = "NOT_ENOUGH"
    """No places together have all of it: the store's choice stands."""
    FAILED = "FAILED"
    """The store did not let it be moved: its choice stands."""
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class SourcingDecision:
    """What was decided for a fulfillment order, as it is kept with it.

    Attributes
    ----------
    lines
        What it had to ship then; other lines are another question.
    problem
        Why it could not be done, "" where it was.
    """

    strategy: SourcingStrategy
    outcome: SourcingOutcome
    plan: SourcingPlan
    lines: tuple[LineShare, ...]
    decided_at: datetime
    problem: str = ""
