"""The day is planned from its seed alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import fmean

import pytest

from simulator.city import City, build_city
from simulator.people.purchase import Handover
from simulator.people.shopper import Errand
from simulator.world.plan import Customs, plan_day

OPENS = datetime(2026, 11, 23, 13, 30, tzinfo=UTC)
STORES = ("shopify", "woocommerce")


@pytest.fixture(scope="module")
def city() -> City:
    return build_city(7)


def _long_day(city: City, customs: Customs, seed: int = 7) -> tuple[Errand, ...]:
    """250 hours: enough to count shares."""
    return plan_day(seed, city, customs, STORES, OPENS, OPENS + timedelta(hours=250))


def test_the_same_seed_plans_the_same_day_and_another_seed_another(city: City) -> None:
    customs = Customs()
    assert _long_day(city, customs) == _long_day(city, customs)
    assert _long_day(city, customs) != _long_day(city, customs, seed=8)


def test_errands_come_in_order_within_the_hours_and_as_often_as_asked(city: City) -> None:
    errands = _long_day(city, Customs(orders_per_hour=8))
    assert all(a.at <= b.at for a, b in pairwise(errands))
    assert errands[0].at > OPENS
    assert errands[-1].at < OPENS + timedelta(hours=250)
    # 2,000 are expected; the standard deviation is their root, 45.
    assert 1_800 < len(errands) < 2_200


def test_gaps_are_exponential(city: City) -> None:
    gaps_s = [(b.at - a.at).total_seconds() for a, b in pairwise(_long_day(city, Customs(orders_per_hour=8)))]
    mean_s = fmean(gaps_s)
    # Of exponential gaps 1 - 1/e = 63.2 % are shorter than the mean, of even ones none or half.
    assert 0.60 < sum(gap < mean_s for gap in gaps_s) / len(gaps_s) < 0.66


def test_shares_are_as_asked(city: City) -> None:
    errands = _long_day(city, Customs(checkout=0.5, digital=0.1, pickup=0.1, cancelled=0.1, moved=0.1))
    count = len(errands)
    shipped = [errand for errand in errands if errand.handover is Handover.SHIP]
    assert 0.75 < len(shipped) / count < 0.85
    assert 0.45 < sum(errand.uses_checkout for errand in shipped) / len(shipped) < 0.55
    assert 0.07 < sum(errand.cancels_at is not None for errand in errands) / count < 0.13
    assert 0.05 < sum(errand.moves_at is not None for errand in errands) / count < 0.11
    assert {errand.store for errand in errands} == set(STORES)
    assert not any(errand.is_broken for errand in errands)


def test_nothing_digital_weighs_anything_and_all_that_is_shipped_does(city: City) -> None:
    for errand in _long_day(city, Customs(digital=0.5)):
        is_digital = errand.handover is Handover.DIGITAL
        assert all(line.article.is_digital == is_digital for line in errand.lines)
        assert all((line.article.weight_g == 0) == is_digital for line in errand.lines)


def test_second_thoughts_come_minutes_later(city: City) -> None:
    errands = _long_day(city, Customs(cancelled=0.3, moved=0.3))
    thoughts = [(e.cancels_at or e.moves_at, e.at) for e in errands if e.cancels_at or e.moves_at]
    assert thoughts
    assert all(timedelta(seconds=60) <= then - at <= timedelta(minutes=8) for then, at in thoughts if then)


def test_a_quiet_city_orders_nothing(city: City) -> None:
    assert _long_day(city, Customs(orders_per_hour=0)) == ()


@pytest.mark.parametrize("name", ["checkout", "digital", "pickup", "cancelled", "moved", "broken"])
def test_a_share_beyond_one_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        Customs(**{name: 1.5})
