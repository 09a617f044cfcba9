"""Caps, commitments and volume prices of carriers, and what a day has left of them."""

from __future__ import annotations

import pytest

from doorstep.mode_rules import CarrierPool, DayUse, ModeRules
from doorstep.money import Money
from doorstep.quote import DeliveryMode
from doorstep.wave import Tier, TierKind


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def used(parcels: int, spent: int = 0, carrier: str = "post") -> tuple[DayUse, ...]:
    return (DayUse(carrier, DeliveryMode.PARCEL, parcels, usd(spent)),)


def test_a_new_day_leaves_all_of_it() -> None:
    pool = CarrierPool("Post", ("post",), most=5, least=2, shortfall=usd(100), tiers=(Tier(3, usd(40)),))
    left = pool.left()
    assert (left.id, left.carriers, left.most, left.least) == ("Post", frozenset({"post"}), 5, 2)
    assert left.tiers == (Tier(3, usd(40)),)


def test_what_the_day_has_used_is_gone() -> None:
    pool = CarrierPool("Post", ("post",), most=5, least=4, most_spent=usd(3000))
    left = pool.left(used(3, 1800))
    assert (left.most, left.least, left.most_spent) == (2, 1, usd(1200))
    full = pool.left(used(9, 9000))
    assert (full.most, full.least, full.most_spent) == (0, 0, usd(0))


@pytest.mark.parametrize(
    ("pool", "refusal"),
    [
        (CarrierPool("Post", ("post",), most=5), ""),
        (CarrierPool("Post", ("post",), most=4), "Post has 1 parcel left today."),
        (CarrierPool("Post", ("post",), most=3), "Post has nothing left today."),
        (CarrierPool("Post", ("post",), most_spent=usd(2000)), "Post has 2.00 USD left to spend today."),
        (CarrierPool("Dart", ("dart",), most=0), ""),
        (CarrierPool("Post", ("post",), least=9, shortfall=usd(100)), ""),
    ],
    ids=["room", "too many", "full", "too dear", "of others", "no limit"],
)
def test_a_booking_that_a_day_has_no_room_for_is_told_why(pool: CarrierPool, refusal: str) -> None:
    (two,) = used(2, 400)
    assert pool.refusal(two, used(3, 1800)) == refusal


def test_no_limit_of_carriers_holds_for_the_own_vans() -> None:
    by_van = DayUse("own_fleet", DeliveryMode.OWN_FLEET, 1, usd(400))
    assert CarrierPool("All", most=0).refusal(by_van, ()) == ""


def test_what_others_were_given_does_not_count() -> None:
    pool = CarrierPool("Post", ("post",), (DeliveryMode.PARCEL,), most=5)
    assert pool.left(used(3, carrier="dart")).most == 5
    assert pool.left((DayUse("post", DeliveryMode.COURIER, 3, usd(0)),)).most == 5


@pytest.mark.parametrize(
    ("parcels", "tiers"),
    [
        # The 3rd parcel of the day is the wave's second; the 6th its fifth.
        (1, (Tier(2, usd(40)), Tier(5, usd(90)))),
        # The next parcel is the 3rd.
        (2, (Tier(1, usd(40)), Tier(4, usd(90)))),
        (4, (Tier(1, usd(40)), Tier(2, usd(90)))),
        (7, (Tier(1, usd(90)),)),
    ],
)
def test_a_discount_that_the_day_has_reached_holds_from_the_first_parcel_on(
    parcels: int, tiers: tuple[Tier, ...]
) -> None:
    for kind in TierKind:
        pool = CarrierPool("Post", ("post",), tiers=(Tier(3, usd(40)), Tier(6, usd(90))), tier_kind=kind)
        assert pool.left(used(parcels)).tiers == tiers


def test_discounts_of_a_day_add_up_over_its_waves() -> None:
    pool = CarrierPool("Post", ("post",), tiers=(Tier(3, usd(40)), Tier(6, usd(90))))
    whole = pool.left().discount_minor(8)
    for first in range(9):
        assert pool.left().discount_minor(first) + pool.left(used(first)).discount_minor(8 - first) == whole


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"longest_wait_s": -1}, "must not be negative"),
        ({"search_s": 0.0}, "search_s must lie in"),
        ({"pools": (CarrierPool("Post"), CarrierPool("Post"))}, "a name of its own"),
    ],
)
def test_rules_that_make_no_sense_are_refused(wrong: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        ModeRules(**wrong)  # type: ignore[arg-type]  # that is what is tried
