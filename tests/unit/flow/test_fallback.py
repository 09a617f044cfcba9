"""The merchant's own table, where a carrier cannot be asked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from doorstep.calendar import DaySpan
from doorstep.merchant import FallbackRate
from doorstep.money import Money
from doorstep.quote import CarrierAnswer, Decline, DeclineReason, DeliveryMode, PriceBasis
from gateway.flow.ports import Heard
from gateway.flow.quoting.fallback import fallback_offers
from tests.unit.flow.asked import NOON, REQUEST, Told, linked, offer

LIGHT = FallbackRate(
    "parcel",
    "ground",
    "Ground",
    DeliveryMode.PARCEL,
    Money(700, "USD"),
    DaySpan(2, 4),
    max_weight_g=900,
)
ANY = FallbackRate("parcel", "ground", "Ground", DeliveryMode.PARCEL, Money(990, "USD"), DaySpan(2, 4))


def heard(*reasons: DeclineReason, offers: bool = False) -> Heard:
    carrier = linked(Told("parcel", mode=DeliveryMode.PARCEL))
    quotes = (offer("parcel", 500, NOON),) if offers else ()
    return Heard(carrier, CarrierAnswer(quotes, tuple(Decline("parcel", why, "no") for why in reasons)))


def test_the_first_rate_of_a_service_that_takes_the_weight_is_offered_and_marked() -> None:
    ((carrier, made),) = fallback_offers([LIGHT, ANY], [heard(DeclineReason.TIMED_OUT)], REQUEST)
    assert carrier.account.id == "acc_parcel"
    assert (made.price, made.price_basis, made.code) == (
        Money(990, "USD"),
        PriceBasis.FALLBACK,
        "parcel:ground",
    )
    # Monday noon in New York: from the start of Wednesday to the end of Friday.
    assert made.promise.window.start == datetime(2026, 11, 25, 5, tzinfo=UTC)
    assert made.promise.window.end == datetime(2026, 11, 28, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "one",
    [
        heard(DeclineReason.OUT_OF_AREA),
        heard(DeclineReason.TIMED_OUT, DeclineReason.PROHIBITED_GOODS),
        heard(DeclineReason.TIMED_OUT, offers=True),
        heard(),
    ],
    ids=["it does not go there", "it may not carry that", "its old prices stand in", "it said nothing"],
)
def test_the_table_does_not_speak_for_a_carrier_that_has_spoken(one: Heard) -> None:
    assert fallback_offers([ANY], [one], REQUEST) == []


def test_a_rate_of_another_country_currency_or_carrier_does_not_fit() -> None:
    others = [
        FallbackRate(
            "parcel", "a", "A", DeliveryMode.PARCEL, Money(1, "USD"), DaySpan(1, 1), countries=("FR",)
        ),
        FallbackRate("parcel", "b", "B", DeliveryMode.PARCEL, Money(1, "EUR"), DaySpan(1, 1)),
        FallbackRate("courier", "c", "C", DeliveryMode.COURIER, Money(1, "USD"), DaySpan(0, 0)),
    ]
    assert fallback_offers(others, [heard(DeclineReason.CARRIER_DOWN)], REQUEST) == []
