"""Prices in their parts: row, kilometres, surcharges by amount and percent, and what is waived."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.fleet import FleetConnector, FleetSettings
from connectors.fleet.preview import preview_price
from connectors.fleet.rate_sheet import ExplainedPrice, explained_price
from connectors.fleet.settings import CutOff, RateBand, Surcharge
from connectors.fleet.zone import Zone
from doorstep.address import Address
from doorstep.geo import LatLng
from doorstep.money import Money
from doorstep.ports import RoadEngine
from doorstep.quote import Decline, DeclineReason, QuoteRequest

SettingsOf = Callable[..., FleetSettings]
RequestOf = Callable[..., QuoteRequest]

# Monday at 17:00 in Malta.
MONDAY = datetime(2026, 3, 2, 16, tzinfo=UTC)
ZONE = Zone("city", postcodes=("VLT*",))


def euro(minor: int) -> Money:
    return Money(minor, "EUR")


def explained(settings: FleetSettings, **changes: Any) -> ExplainedPrice:
    band = changes.pop("band", RateBand("city", None, euro(500), price_per_km=euro(75)))
    values: dict[str, Any] = {
        "distance_m": 5_000,
        "begins": MONDAY,
        "time_zone": "Europe/Malta",
        "value": None,
        **changes,
    }
    return explained_price(settings, ZONE, band, **values)


def percent(text: str, **changes: Any) -> Surcharge:
    return Surcharge("extra", percent=Decimal(text), **changes)


# The row is 5.00, 5 km at 0.75 are 3.75: 8.75 for carrying.
SURCHARGES: dict[str, tuple[tuple[Surcharge, ...], list[int]]] = {
    "none": ((), []),
    "an amount": ((Surcharge("s", euro(200)),), [200]),
    "a percent of row and kilometres": ((percent("20"),), [175]),
    # 1.09375 and 0.0875.
    "rounded half up": ((percent("12.5"), percent("1")), [109, 9]),
    # 0.04375: half a cent would round up, this is less.
    "less than half a cent": ((percent("0.05"),), [0]),
    "both at once": ((Surcharge("s", euro(200), percent=Decimal(20)),), [375]),
    "no percent of other surcharges": ((Surcharge("s", euro(200)), percent("20")), [200, 175]),
    "on its weekday": ((percent("20", weekdays=(1,)),), [175]),
    "not on another weekday": ((percent("20", weekdays=(2, 3)),), []),
    "from its time on": ((percent("20", start="17:00"),), [175]),
    "not before": ((percent("20", start="17:01"),), []),
    "not at its end": ((percent("20", end="17:00"),), []),
}


@pytest.mark.parametrize("case", SURCHARGES)
def test_a_surcharge_adds_what_it_says(case: str, settings_of: SettingsOf) -> None:
    surcharges, added = SURCHARGES[case]
    price = explained(settings_of(surcharges=surcharges))
    assert price.kilometres == euro(375)
    assert [one.price.minor for one in price.surcharges] == added
    assert price.price == euro(875 + sum(added))


def test_dear_goods_have_their_whole_price_waived(settings_of: SettingsOf) -> None:
    settings = settings_of(surcharges=(percent("20"),), free_above=euro(10_000))
    assert explained(settings, value=euro(9_999)).waived == euro(0)
    free = explained(settings, value=euro(10_000))
    assert (free.waived, free.price) == (euro(1_050), euro(0))
    # The parts stay, so that a merchant sees what is given away.
    assert [one.price for one in free.surcharges] == [euro(175)]


@given(
    base=st.integers(0, 100_000),
    per_km=st.integers(0, 1_000) | st.none(),
    metres=st.integers(0, 200_000) | st.none(),
    amounts=st.lists(st.integers(0, 5_000) | st.none(), max_size=4),
    percents=st.lists(st.decimals(0, 1_000, places=3), min_size=4, max_size=4),
    order=st.randoms(use_true_random=False),
)
def test_the_parts_add_up_to_the_price_whatever_the_order_of_surcharges(
    base: int,
    per_km: int | None,
    metres: int | None,
    amounts: list[int | None],
    percents: list[Decimal],
    order: Any,
    settings_of: SettingsOf,
) -> None:
    surcharges = [
        Surcharge(str(number), None if amount is None else euro(amount), percent=share)
        for number, (amount, share) in enumerate(zip(amounts, percents, strict=False))
    ]
    shuffled = order.sample(surcharges, len(surcharges))
    band = RateBand("city", None, euro(base), price_per_km=None if per_km is None else euro(per_km))
    one, other = (
        explained(settings_of(surcharges=tuple(some)), band=band, distance_m=metres)
        for some in (surcharges, shuffled)
    )
    parts = [one.band.price, one.kilometres, *(added.price for added in one.surcharges)]
    assert one.price.minor == sum(part.minor for part in parts)
    assert one.price == other.price
    # Each part is off by half a cent at most.
    for added in one.surcharges:
        exact = Decimal(base + one.kilometres.minor) * (added.surcharge.percent or Decimal(0)) / 100
        fixed = added.surcharge.amount.minor if added.surcharge.amount else 0
        assert abs(added.price.minor - fixed - exact) <= Decimal("0.5")


async def test_a_draft_is_previewed_with_its_band_zone_and_surcharges(
    settings_of: SettingsOf, roads: RoadEngine, request_of: RequestOf
) -> None:
    question, night = request_of(), percent("10", start="17:00")
    draft = replace(settings_of(), bands=(RateBand(None, 9_000, euro(450)),), surcharges=(night,))
    price = await preview_price(
        draft,
        roads,
        pickup=question.pickup,
        dropoff=question.dropoff,
        weight_g=9_000,
        begins=MONDAY,
    )
    assert isinstance(price, ExplainedPrice)
    assert (price.zone.id, price.band, price.distance_m) == ("city", draft.bands[0], 5_000)
    assert [one.surcharge for one in price.surcharges] == [night]
    assert price.price == euro(495)


PREVIEW_DECLINES: dict[str, tuple[dict[str, Any], DeclineReason]] = {
    "too heavy": ({"weight_g": 50_001}, DeclineReason.TOO_HEAVY),
    "elsewhere": (
        {"dropoff": Address("IT", postal_code="1", location=LatLng(41, 12))},
        DeclineReason.OUT_OF_AREA,
    ),
    "no place": ({"dropoff": Address("MT", postal_code="BKR 1")}, DeclineReason.ADDRESS_PROBLEM),
}


@pytest.mark.parametrize("case", PREVIEW_DECLINES)
async def test_a_preview_says_why_there_is_no_price(
    case: str, settings_of: SettingsOf, roads: RoadEngine, request_of: RequestOf
) -> None:
    changes, reason = PREVIEW_DECLINES[case]
    question = request_of()
    sample: dict[str, Any] = {
        "pickup": question.pickup,
        "dropoff": question.dropoff,
        "weight_g": 1,
        "begins": MONDAY,
    }
    told = await preview_price(settings_of(), roads, **{**sample, **changes})
    assert isinstance(told, Decline)
    assert (told.carrier, told.reason) == ("own_fleet", reason)


async def test_an_offer_costs_what_the_preview_says(
    settings_of: SettingsOf, roads: RoadEngine, request_of: RequestOf
) -> None:
    settings, question = settings_of(surcharges=(percent("33.3"),)), request_of()
    offer = (await FleetConnector(settings, roads).quote(question, 5.0)).quotes[0]
    told = await preview_price(
        settings,
        roads,
        pickup=question.pickup,
        dropoff=question.dropoff,
        weight_g=2_000,
        begins=offer.promise.window.start,
        value=question.value,
    )
    assert isinstance(told, ExplainedPrice)
    # A third of 3.99 is 1.32867.
    assert offer.price == told.price == euro(399 + 133)


async def test_a_weekday_can_have_a_cut_off_of_its_own(
    settings_of: SettingsOf, roads: RoadEngine, request_of: RequestOf
) -> None:
    # Asked on Monday at 10:00 in Malta, then on Tuesday.
    fleet = FleetConnector(settings_of(cut_offs=(CutOff((1,), "10:00"), CutOff((1, 2), "23:00"))), roads)
    for day, service in ((2, "next_working_day"), (3, "same_day")):
        question = request_of(asked_at=datetime(2026, 3, day, 9, tzinfo=UTC))
        assert (await fleet.quote(question, 5.0)).quotes[0].service == service
