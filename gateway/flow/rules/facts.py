"""What rules look at: facts about the order, and about each option."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from doorstep.goods import GoodsTrait
from doorstep.limits import EVERY_HANDOVER
from doorstep.money import Money
from doorstep.order import HandoverRequirement
from doorstep.parcel import total_weight_g
from doorstep.quote import CarrierQuote, QuoteRequest
from doorstep.rule import ConditionField
from doorstep.window import require_utc

type Known = tuple[str | int, ...]
"""What is known of one field, in normal form; () where nothing is, or where there are none of it."""

SEVERAL = frozenset(
    {
        ConditionField.ORDER_TAG,
        ConditionField.ITEM_TAG,
        ConditionField.ITEM_SKU,
        ConditionField.GOODS,
        ConditionField.ZONE,
        ConditionField.CUSTOMER_TAG,
    }
)
"""Fields that an order has any number of: () is knowledge here, "it has none"."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an order when options are sought for it.

    Attributes
    ----------
    value
        Of the goods.
    at, time_zone
        The moment of the question, and the IANA zone of the place that it leaves from: weekday and time of
        day are what the clock on the wall there shows.
    item_count
        Pieces; None where unknown.
    distance_m
        From door to door; None while the destination is not on the map.
    zone_ids
        The merchant's zones that the destination lies in.
    postal_code, country
        Of the destination; "" where unknown.
    store_id, location_id
        Where it was bought, and where it leaves from; "" where unknown.
    """

    value: Money
    at: datetime
    time_zone: str
    order_tags: frozenset[str] = frozenset()
    item_tags: frozenset[str] = frozenset()
    item_skus: frozenset[str] = frozenset()
    item_count: int | None = None
    traits: frozenset[GoodsTrait] = frozenset()
    weight_g: int | None = None
    distance_m: int | None = None
    zone_ids: frozenset[str] = frozenset()
    postal_code: str = ""
    country: str = ""
    store_id: str = ""
    location_id: str = ""
    customer_tags: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        request: QuoteRequest,
        *,
        order_tags: Iterable[str] = (),
        item_skus: Iterable[str] = (),
        zone_ids: Iterable[str] = (),
        store_id: str = "",
        location_id: str = "",
        customer_tags: Iterable[str] = (),
        distance_m: int | None = None,
    ) -> Facts:
        """What a question to carriers tells, with what it does not."""
        return cls(
            value=request.value,
            at=request.asked_at,
            time_zone=request.time_zone,
            order_tags=frozenset(order_tags),
            item_tags=request.goods.tags,
            item_skus=frozenset(item_skus),
            item_count=request.goods.pieces,
            traits=request.goods.traits,
            weight_g=total_weight_g(request.parcels),
            distance_m=distance_m,
            zone_ids=frozenset(zone_ids),
            postal_code=request.dropoff.postal_code,
            country=request.dropoff.country,
            store_id=store_id,
            location_id=location_id,
            customer_tags=frozenset(customer_tags),
        )


@dataclass(frozen=True, slots=True)
class Option:
    """An offer that rules are applied to.

    Attributes
    ----------
    handovers
        What its carrier does at the door.
    """

    offer: CarrierQuote
    account_id: str = ""
    handovers: frozenset[HandoverRequirement] = EVERY_HANDOVER


def known_of_order(facts: Facts, currency: str) -> Mapping[ConditionField, Known]:
    """Every field that is about the order, in normal form."""
    wall = require_utc("at", facts.at).astimezone(ZoneInfo(facts.time_zone))
    return {
        ConditionField.ORDER_VALUE: _minor(facts.value, currency),
        ConditionField.ORDER_TAG: _plain_all(facts.order_tags),
        ConditionField.ITEM_TAG: _plain_all(facts.item_tags),
        ConditionField.ITEM_SKU: _plain_all(facts.item_skus),
        ConditionField.ITEM_COUNT: _number(facts.item_count),
        ConditionField.GOODS: tuple(trait.value for trait in facts.traits),
        ConditionField.TOTAL_WEIGHT_GRAMS: _number(facts.weight_g),
        ConditionField.DISTANCE_METERS: _number(facts.distance_m),
        ConditionField.ZONE: _plain_all(facts.zone_ids),
        ConditionField.POSTAL_CODE: _text(without_spaces(facts.postal_code)),
        ConditionField.COUNTRY: _text(plain(facts.country)),
        ConditionField.STORE: _text(plain(facts.store_id)),
        ConditionField.LOCATION: _text(plain(facts.location_id)),
        ConditionField.WEEKDAY: (wall.isoweekday(),),
        ConditionField.TIME_OF_DAY: (wall.hour * 3600 + wall.minute * 60 + wall.second,),
        ConditionField.CUSTOMER_TAG: _plain_all(facts.customer_tags),
    }


def names_of(known: Mapping[ConditionField, Known]) -> Known:
    """What a choice may call an option: a carrier, a service of a carrier, a mode or a vehicle."""
    return (
        *known[ConditionField.CARRIER],
        known[ConditionField.SERVICE][-1],
        *known[ConditionField.MODE],
        *known[ConditionField.VEHICLE],
    )


def known_of_option(offer: CarrierQuote, currency: str) -> Mapping[ConditionField, Known]:
    """Every field that is about one option, in normal form; a service goes by both of its names."""
    return {
        ConditionField.CARRIER: _text(plain(offer.carrier)),
        ConditionField.SERVICE: (plain(offer.service), plain(offer.code)),
        ConditionField.MODE: (offer.mode.value,),
        ConditionField.VEHICLE: (offer.vehicle.value,),
        ConditionField.PRICE: _minor(offer.price, currency),
    }


@lru_cache(4096)
def plain(text: str) -> str:
    """A merchant's word as it is compared: case and surplus spaces do not count."""
    return " ".join(text.split()).casefold()


def without_spaces(text: str) -> str:
    """A postcode as it is compared."""
    return "".join(text.split()).casefold()


def _plain_all(words: Iterable[str]) -> Known:
    return tuple(plain(word) for word in words)


def _text(text: str) -> Known:
    return (text,) if text else ()


def _number(number: int | None) -> Known:
    return () if number is None else (number,)


def _minor(money: Money, currency: str) -> Known:
    """An amount in another currency cannot be compared: it is not known."""
    return (money.minor,) if money.currency == currency else ()
