"""When something counts as wrong with a van on tour, and when it is well again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from doorstep.errors import AccountProblem
from doorstep.geo import LatLng
from doorstep.goods import GoodsTrait
from doorstep.merchant import CarrierAccount
from doorstep.position import Position
from doorstep.quote import DeliveryMode
from doorstep.route import Route, RouteStatus
from doorstep.watch_rules import WatchRules
from gateway.flow.quoting.breaker import ACCOUNT_PAUSE_S, Breaker
from gateway.flow.records import DriverState, VanWatch, Warmth
from gateway.flow.tracking.motion import StopState
from gateway.flow.watching import of_vans
from gateway.flow.watching.incidents import Alarm
from gateway.flow.watching.sight import VanRule, VanSight, Well
from gateway.flow.watching.watch_carriers import carrier_down

NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
SHOP = LatLng(39.9, -71.5)
METRE = 1 / 111_195
RULES = WatchRules()
TOUR = Route(
    "rte_1", "mer_1", "pla_1", "drv_1", "2026-11-23", RouteStatus.STARTED, NOON, NOON, (), "", 0, 0, SHOP
)


def north(metres: float) -> LatLng:
    return LatLng(SHOP.lat + metres * METRE, SHOP.lng)


def sight(route: Route | None = TOUR, **facts: Any) -> VanSight:
    """A van that was heard just now and has been where it is for no time."""
    more = {name: facts.pop(name) for name in ("cooled", "warmth") if name in facts}
    state = DriverState("drv_1", "mer_1", Position(SHOP, NOON), NOON, watch=VanWatch(SHOP, NOON, 0, NOON))
    return VanSight(RULES, "drv_1", "Van 7", route, replace(state, **facts), NOON, **more)


def found(rule: VanRule, *route: Route | None, **facts: Any) -> str:
    result = rule(sight(*route, **facts))
    if isinstance(result, Alarm):
        assert (result.driver_id, result.title[:5]) == ("drv_1", "Van 7")
        return "ALARM"
    return "WELL" if isinstance(result, Well) else "NONE"


@pytest.mark.parametrize(
    ("silent_s", "is_at_door", "result"),
    [(300, False, "WELL"), (301, False, "ALARM"), (900, True, "WELL"), (901, True, "ALARM")],
)
def test_a_van_that_says_nothing_is_silent_later_before_a_door(
    silent_s: float, is_at_door: bool, result: str
) -> None:
    at_stop = StopState(is_there=is_at_door)
    facts = {"seen_at": NOON - timedelta(seconds=silent_s), "at_stop": at_stop}
    assert found(of_vans.gps_silent, **facts) == result
    assert found(of_vans.gps_silent, None, **facts) == "WELL"


def still(seconds: float) -> VanWatch:
    return VanWatch(SHOP, NOON - timedelta(seconds=seconds), 0, NOON)


def test_a_van_that_has_not_moved_is_stalled_unless_it_is_at_a_door() -> None:
    assert found(of_vans.stalled, watch=still(599)) == "WELL"
    assert found(of_vans.stalled, watch=still(600)) == "ALARM"
    assert found(of_vans.stalled, watch=still(600), at_stop=StopState(is_there=True)) == "WELL"
    assert found(of_vans.stalled, None, watch=still(600)) == "WELL"
    # Silent for long at the same place: by its own clock it was there for a minute.
    long_ago = Position(SHOP, NOON - timedelta(seconds=900))
    assert found(of_vans.stalled, position=long_ago, watch=still(960)) == "WELL"


def test_standing_is_counted_from_where_the_van_last_moved() -> None:
    state = DriverState("drv_1", "mer_1", Position(SHOP, NOON), NOON)
    state = replace(state, watch=of_vans.watched(state, RULES, NOON))
    for second, metres, since in ((60, 40, 0), (120, 99, 0), (180, 101, 180), (240, 60, 180), (300, 0, 300)):
        at = NOON + timedelta(seconds=second)
        state = replace(state, position=Position(north(metres), at))
        state = replace(state, watch=of_vans.watched(state, RULES, at))
        assert state.watch is not None
        assert state.watch.since == NOON + timedelta(seconds=since)


@pytest.mark.parametrize(
    ("rejected", "counted_before", "result"),
    [
        ({"MOCK": 2}, 0, "NONE"),
        ({"MOCK": 2, "JUMP": 1}, 0, "ALARM"),
        ({"JUMP": 9}, 7, "NONE"),
        ({"MOCK": 1, "NOT_NEWER": 50, "FUTURE": 3}, 0, "NONE"),
    ],
)
def test_fixes_that_cannot_be_true(rejected: dict[str, int], counted_before: int, result: str) -> None:
    watch = VanWatch(SHOP, NOON, counted_before, NOON - timedelta(minutes=9))
    assert found(of_vans.gps_implausible, rejected=rejected, watch=watch) == result


def test_a_van_without_a_bad_fix_since_counting_began_anew_is_believed_again() -> None:
    watch = VanWatch(SHOP, NOON, 3, NOON - timedelta(minutes=5))
    assert found(of_vans.gps_implausible, rejected={"MOCK": 3}, watch=watch) == "WELL"
    assert found(of_vans.gps_implausible, rejected={"MOCK": 4}, watch=watch) == "NONE"
    watch = replace(watch, faults_since=NOON - timedelta(minutes=10))
    bad = sight(rejected={"MOCK": 7}, watch=watch).state
    assert bad is not None
    counted = of_vans.watched(bad, RULES, NOON)
    assert (counted.faults, counted.faults_since) == (7, NOON)


CHILLED, FROZEN = frozenset({GoodsTrait.CHILLED}), frozenset({GoodsTrait.FROZEN})


def warmth(*celsius: float) -> tuple[Warmth, ...]:
    """One reading each five minutes, the last one now."""
    ages = range(5 * (len(celsius) - 1), -1, -5)
    return tuple(Warmth(NOON - timedelta(minutes=age), one) for age, one in zip(ages, celsius, strict=True))


@pytest.mark.parametrize(
    ("cooled", "celsius", "result"),
    [
        (CHILLED, (4, 9, 9), "NONE"),
        (CHILLED, (9, 9, 9), "ALARM"),
        (CHILLED, (-1, 9, 9), "ALARM"),
        (CHILLED, (9, 9, 9, 8), "WELL"),
        (CHILLED, (9, 8, 9, 9), "NONE"),
        (FROZEN, (-14, -14, -14), "ALARM"),
        (FROZEN, (-18, -18, -18), "WELL"),
        (CHILLED | FROZEN, (4, 4, 4), "WELL"),
        (frozenset(), (30, 30, 30), "WELL"),
        (CHILLED, (), "NONE"),
    ],
)
def test_cooled_goods_that_are_too_warm_for_ten_minutes(
    cooled: frozenset[GoodsTrait], celsius: tuple[float, ...], result: str
) -> None:
    assert found(of_vans.temperature, cooled=cooled, warmth=warmth(*celsius)) == result


def test_a_carrier_is_down_while_its_breaker_is_not_closed() -> None:
    account = CarrierAccount("acc_1", "mer_1", "cheap", "Cheap", DeliveryMode.COURIER)
    breaker = Breaker()
    assert carrier_down(account, breaker, 0.0) is None, "nobody has been asked"
    breaker.failed(0.0, AccountProblem("no money", system="cheap"))
    for now_s in (1.0, ACCOUNT_PAUSE_S + 1):
        alarm = carrier_down(account, breaker, now_s)
        assert isinstance(alarm, Alarm)
        assert (alarm.subject, "no money" in alarm.evidence) == ("acc_1", True)
    breaker.succeeded(ACCOUNT_PAUSE_S + 2)
    assert isinstance(carrier_down(account, breaker, ACCOUNT_PAUSE_S + 3), Well)
