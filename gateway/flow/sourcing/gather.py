"""Gather: what lies where, how busy places are and what a delivery from each costs, as one question."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from doorstep.address import Address
from doorstep.geo import distance_m
from doorstep.merchant import Merchant
from doorstep.money import Money
from doorstep.order import Location, Store
from doorstep.product import Product
from doorstep.sourcing import Need, PlaceStock, PlaceTerms, Source, SourcingRules, SourcingTask
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.sourcing.pricing import Load, expected_costs


@dataclass(frozen=True, slots=True)
class Line:
    """Pieces of one line; `article` is the store's id of it, "" where it has none."""

    line_id: str
    article: str
    pieces: int
    sku: str
    title: str

    @property
    def name(self) -> str:
        """For sentences."""
        return self.sku or self.title or self.line_id


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be sourced.

    Attributes
    ----------
    articles
        As the store tells them, by its ids.
    current_id
        Our id of the place that the store chose.
    has_reserved
        The store has taken these very pieces off that place's stock already.
    knows_places
        The store has places of its own, and ships from no other.
    order_id
        "" for a cart.
    """

    store: Store
    lines: Sequence[Line]
    articles: Mapping[str, Product]
    destination: Address
    weight_g: int
    value: Money
    current_id: str
    has_reserved: bool
    knows_places: bool
    order_id: str = ""
    promised_id: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What a sourcer is asked, and what the store calls each place."""

    task: SourcingTask
    names: Mapping[str, str]


async def gather(means: Means, merchant: Merchant, rules: SourcingRules, wanted: Wanted) -> Question | None:
    """The question; None where there is nothing to choose."""
    async with means.begin(merchant.id) as work:
        places = [place for place in await work.accounts.locations() if _is_candidate(place, rules, wanted)]
        if len(places) < 2 or not any(line.pieces for line in wanted.lines):
            return None
        now = means.clock.now()
        busy = {
            place.id: await _orders_today(work, place, rules.terms_of(place.id), now, wanted.order_id)
            for place in places
        }
    load = Load(wanted.order_id or wanted.store.id, wanted.destination, wanted.weight_g, wanted.value)
    carriers = await means.links.carriers(merchant.id)
    costs = await expected_costs(merchant, carriers, load, places, now)
    sources = tuple(
        Source(
            location_id=place.id,
            name=place.name,
            terms=rules.terms_of(place.id),
            stock=_stock(place, rules.terms_of(place.id), wanted),
            delivery=costs[place.id],
            today=now.astimezone(ZoneInfo(place.time_zone)).date(),
            distance_m=_distance_m(place, wanted.destination),
            orders_today=busy[place.id],
        )
        for place in places
    )
    needs = tuple(Need(line.line_id, _key(line), line.pieces, line.name) for line in wanted.lines)
    task = SourcingTask(needs, sources, rules, merchant.currency, wanted.current_id, wanted.promised_id)
    return Question(task, {place.id: _name_of(place, wanted) for place in places})


def _key(line: Line) -> str:
    """What its stock is counted under; a line without an article has one of its own."""
    return line.article or f"line {line.line_id}"


def _is_candidate(place: Location, rules: SourcingRules, wanted: Wanted) -> bool:
    """Whether a place could come into question at all; all others need no reason."""
    if place.id == wanted.current_id:
        return True
    named = _levels(wanted)
    if wanted.knows_places:
        return any(name in named for name in place.external_ids)
    counts = rules.terms_of(place.id).stock is PlaceStock.STORE
    return not counts or any(name in named for name in _names_of(place, wanted.store))


def _levels(wanted: Wanted) -> Collection[str]:
    """Every place, in the store's words, for which it counts any of the articles."""
    return {level.location_external_id for product in wanted.articles.values() for level in product.stock}


def _names_of(place: Location, store: Store) -> Sequence[str]:
    """What the store calls a place; the place of a store that has only one has no name there."""
    return (*place.external_ids, "") if place.id == store.location_id else place.external_ids


def _name_of(place: Location, wanted: Wanted) -> str:
    """The name by which the store is told of a place."""
    levels = _levels(wanted)
    named = (name for name in place.external_ids if name in levels)
    return next(named, place.external_ids[0] if place.external_ids else "")


def _stock(place: Location, terms: PlaceTerms, wanted: Wanted) -> Mapping[str, int | None]:
    """What the place has of each article; what nobody counts lies where the store put it."""
    stock: dict[str, int | None] = {}
    own: dict[str, int] = {}
    for line in wanted.lines:
        own[_key(line)] = own.get(_key(line), 0) + line.pieces
    for line in wanted.lines:
        key, product = _key(line), wanted.articles.get(line.article)
        is_current = place.id == wanted.current_id
        if terms.articles and line.sku not in terms.articles:
            stock[key] = 0
        elif terms.stock is PlaceStock.EVERYTHING:
            continue
        elif product is None or not product.stock:
            stock[key] = None if is_current else 0
        else:
            reserved = own[key] if is_current and wanted.has_reserved else 0
            stock[key] = _available(place, product, wanted.store, reserved)
    return stock


def _available(place: Location, product: Product, store: Store, reserved: int) -> int | None:
    counts = [product.available_at(name) for name in _names_of(place, store)]
    if not counts:
        return 0
    return None if None in counts else max(count or 0 for count in counts) + reserved


async def _orders_today(
    work: UnitOfWork, place: Location, terms: PlaceTerms, now: datetime, but_not: str
) -> int:
    if terms.orders_a_day is None:
        return 0
    local = now.astimezone(ZoneInfo(place.time_zone))
    midnight = datetime.combine(local.date(), time.min, local.tzinfo)
    return await work.sourcing.to_pack(place.id, midnight, but_not)


def _distance_m(place: Location, destination: Address) -> int | None:
    here, there = place.address.location, destination.location
    return None if here is None or there is None else round(distance_m(here, there))
