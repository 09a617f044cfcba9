"""A whole wave with vans: who takes what, what it costs, and what is said about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from doorstep.geo import LatLng
from doorstep.ports.planning import RoadEngine
from doorstep.quote import DeliveryMode
from doorstep.route import PlanProgress
from doorstep.route_problem import RouteProblem
from doorstep.route_solution import (
    Assignment,
    PlannedRoute,
    PlannedStop,
    RouteSolution,
    UnassignedCode,
    UnassignedReason,
    UnassignedVisit,
)
from doorstep.van import Van
from doorstep.visit import Visit, VisitKind
from doorstep.wave import Pool, Tier, TierKind, Wave, WaveOrder
from doorstep.wave_plan import ModeReason, WavePlan
from doorstep.window import Window
from optimizer.modes import WaveChooser
from optimizer.modes.billing import bill, broken_limits
from optimizer.modes.plain import first_come
from optimizer.roads import AffineRoads
from optimizer.routes.planner import PyvrpPlanner
from tests.unit.optimizer.modes.conftest import offer, random_wave, usd

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
HOME = LatLng(47.0, 8.0)


@dataclass
class FlatPlanner:
    """A planner to whom every visit costs the same, and every tour something; keeps what it was asked.

    A visit that may be skipped is made if skipping it is dearer, as long as the van has a place left.
    """

    each_minor: int
    tour_minor: int = 0
    places: int = 100
    asked: list[RouteProblem] = field(default_factory=list)

    async def plan(
        self,
        problem: RouteProblem,
        roads: RoadEngine,
        *,
        budget_s: float,
        seed: int,
        on_progress: Callable[[PlanProgress], None],
    ) -> RouteSolution:
        self.asked.append(problem)
        worth = {
            visit.id: visit.skip_cost_minor for visit in problem.visits if visit.kind is not VisitKind.PICKUP
        }
        wanted = [name for name, cost in worth.items() if cost is None or cost > self.each_minor]
        driven = sorted(wanted, key=lambda name: -(worth[name] or 10**9))[: self.places]
        why = Assignment("", self.each_minor)
        stops = tuple(PlannedStop(name, NOON, NOON, NOON, why=why) for name in driven)
        cost = self.tour_minor + self.each_minor * len(driven)
        route = PlannedRoute("van-1", stops, NOON, NOON, 0, 0, cost_minor=cost)
        reason = UnassignedReason(UnassignedCode.TOO_COSTLY, "It is too far.")
        left = tuple(
            UnassignedVisit(visit.id, (reason,)) for visit in problem.visits if visit.id not in driven
        )
        return RouteSolution((route,) if driven else (), left, "flat", cost if driven else 0)


def visit(name: str, **changes: object) -> Visit:
    return replace(Visit(name, "depot", LatLng(47.01, 8.01), 60, 1000), **changes)  # type: ignore[arg-type]  # by name


def fleet(*visits: Visit) -> RouteProblem:
    shift = Window(NOON, NOON + timedelta(hours=6))
    return RouteProblem(NOON, visits, (Van("van-1", "depot", HOME, HOME, shift, 100_000),))


def wave_of(*orders: WaveOrder, pools: tuple[Pool, ...] = (), vans: bool = True) -> Wave:
    return Wave("USD", orders, pools, fleet(*(visit(order.id) for order in orders)) if vans else None)


async def chosen(wave: Wave, planner: FlatPlanner | PyvrpPlanner, budget_s: float = 5) -> WavePlan:
    return await WaveChooser(planner).choose(wave, AffineRoads(), budget_s=budget_s, seed=1)


async def test_vans_take_what_they_do_for_less_than_the_best_offer() -> None:
    near = WaveOrder("near", (offer("Acorn", 400), offer("Dart", 900)))
    dear = WaveOrder("dear", (offer("Dart", 790), offer("Lark", 950)))
    plan = await chosen(wave_of(near, dear), FlatPlanner(each_minor=500))
    by_carrier, by_van = plan.choices
    assert (by_carrier.mode, by_carrier.option_id, by_carrier.cost) == (
        DeliveryMode.PARCEL,
        "Acorn",
        usd(400),
    )
    assert by_carrier.text == "Acorn: 4.00 USD; next best Dart at 9.00 USD. Own van: It is too far."
    assert (by_van.mode, by_van.van_id, by_van.cost) == (DeliveryMode.OWN_FLEET, "van-1", usd(500))
    assert by_van.text == "Own van: 5.00 USD on van-1's route, next best Dart at 7.90 USD."
    assert plan.cost == usd(900)


async def test_an_order_that_nobody_else_offers_for_has_to_go_by_van() -> None:
    planner = FlatPlanner(each_minor=50_000)
    plan = await chosen(wave_of(WaveOrder("only")), planner)
    assert planner.asked[0].visits[0].skip_cost_minor is None
    assert plan.choices[0].reason is ModeReason.ONLY_WAY


async def test_the_prize_of_an_order_has_what_the_room_is_worth_that_it_would_take() -> None:
    # Dart has one place: whoever leaves it saves the other 500, so each of both is worth 900 to the vans.
    orders = [WaveOrder(name, (offer("Dart", 400), offer("Lark", 900))) for name in ("a", "b")]
    planner = FlatPlanner(each_minor=700, places=1)
    wave = wave_of(*orders, pools=(Pool("Dart", frozenset({"Dart"}), most=1),))
    plan = await chosen(wave, planner)
    assert [one.skip_cost_minor for one in planner.asked[0].visits] == [900, 900]
    assert plan.cost == usd(700 + 400)


async def test_a_tour_that_costs_more_than_its_orders_elsewhere_is_given_up() -> None:
    orders = [WaveOrder(name, (offer("Dart", 600),)) for name in ("a", "b")]
    plan = await chosen(wave_of(*orders), FlatPlanner(each_minor=500, tour_minor=400))
    # The tour: 400 + 2 x 500. Dart: 2 x 600.
    assert plan.cost == usd(1200)
    assert plan.routes is not None
    assert plan.routes.routes == ()
    assert (
        "van-1's tour would cost 14.00 USD, and its orders cost 12.00 USD elsewhere." in plan.choices[0].text
    )


async def test_tours_that_a_search_starts_from_may_be_left_out_for_nothing() -> None:
    orders = [WaveOrder(name, (offer("Dart", 600),)) for name in ("a", "b")]
    problem = replace(fleet(visit("a"), visit("b")), stability=0.9)
    planner = FlatPlanner(each_minor=500)
    await chosen(Wave("USD", tuple(orders), fleet=problem), planner)
    started = [asked for asked in planner.asked if asked.given]
    assert started
    assert {asked.stability for asked in started} == {0.0}, "no driver was told of them"


async def test_what_is_fetched_for_an_order_is_left_out_with_it() -> None:
    order = WaveOrder("drop", (offer("Dart", 300),))
    problem = fleet(visit("fetch", kind=VisitKind.PICKUP), visit("drop", from_visit="fetch"))
    planner = FlatPlanner(each_minor=500)
    plan = await chosen(Wave("USD", (order,), fleet=problem), planner)
    assert [one.skip_cost_minor for one in planner.asked[0].visits] == [0, 300]
    assert plan.cost == usd(300)


async def test_a_van_that_may_come_late_is_worth_less() -> None:
    order = WaveOrder("a", (offer("Dart", 700),), broken_promise=usd(1000))
    planner = FlatPlanner(each_minor=500)
    plan = await chosen(replace(wave_of(order), van_late_chance=0.1), planner)
    # 700 less a tenth of 1000; by van 500 and a tenth of 1000.
    assert planner.asked[0].visits[0].skip_cost_minor == 600
    assert (plan.cost, plan.choices[0].cost) == (usd(600), usd(600))


FULL = Pool("Dart at noon", frozenset({"Dart"}), most=1)
ALL_UNITS = Pool("Acorn", frozenset({"Acorn"}), tiers=(Tier(2, usd(150)),), tier_kind=TierKind.ALL_UNITS)
COMMITTED = Pool("Acorn", frozenset({"Acorn"}), least=1, shortfall=usd(500))
BUDGET = Pool("Dart", frozenset({"Dart"}), most_spent=usd(500))


@pytest.mark.parametrize(
    ("pool", "reason", "text"),
    [
        (None, ModeReason.CHEAPEST, "Dart: 4.00 USD; next best Acorn at 5.00 USD."),
        (
            FULL,
            ModeReason.CHEAPER_FULL,
            "Acorn: 5.00 USD; Dart at 4.00 USD would be cheaper, but Dart at noon is full (1 of 1).",
        ),
        (
            BUDGET,
            ModeReason.CHEAPER_FULL,
            "Acorn: 5.00 USD; Dart at 4.00 USD would be cheaper, but Dart has 4.00 USD of 5.00 USD spent.",
        ),
        (
            ALL_UNITS,
            ModeReason.FOR_VOLUME,
            "Acorn: 5.00 USD, less 1.50 USD for volume; next best Dart at 4.00 USD.",
        ),
        (
            COMMITTED,
            ModeReason.FOR_VOLUME,
            "Acorn: 5.00 USD, although Dart at 4.00 USD is cheaper: "
            "Acorn was promised parcels, and gets 1 of 1.",
        ),
    ],
)
async def test_every_choice_says_why(pool: Pool | None, reason: ModeReason, text: str) -> None:
    orders = [WaveOrder(name, (offer("Dart", 400), offer("Acorn", 500))) for name in ("a", "b")]
    plan = await chosen(wave_of(*orders, pools=(pool,) if pool else (), vans=False), FlatPlanner(0))
    assert text in [choice.text for choice in plan.choices if choice.reason is reason]


async def test_an_order_that_nobody_takes_says_so() -> None:
    orders = [WaveOrder(name, (offer("Dart", 400),), undelivered=usd(2000)) for name in ("a", "b")]
    orders.append(WaveOrder("c", (), undelivered=usd(2000)))
    plan = await chosen(wave_of(*orders, pools=(FULL,), vans=False), FlatPlanner(0))
    left = [choice.text for choice in plan.choices if choice.reason is ModeReason.LEFT_OUT]
    assert left == ["Nobody has room: Dart at noon is full (1 of 1).", "No carrier offers to take it."]
    assert plan.cost == usd(400 + 2 * 2000)


@pytest.mark.parametrize("seed", range(8))
async def test_what_is_told_is_what_it_adds_up_to(seed: int) -> None:
    wave = random_wave(seed, orders=30)
    plan = await chosen(wave, FlatPlanner(0))
    options = {(order.id, one.id): one for order in wave.orders for one in order.options}
    taken = {one.order_id: options[one.order_id, one.option_id] for one in plan.choices if one.option_id}
    assert list(broken_limits(wave, taken, frozenset())) == []
    assert plan.carriers_cost.minor == bill(wave, taken, frozenset()).total_minor == plan.cost.minor
    assert plan.carriers_bound <= plan.carriers_cost
    # The floor may leave out more, which costs nothing where it has no price.
    floor = first_come(wave, frozenset())
    assert len(taken) >= len(floor) or plan.cost.minor <= bill(wave, floor, frozenset()).total_minor


@pytest.mark.parametrize(
    ("pool", "words"),
    [
        (Pool("p", most=1), "p gets 2 parcels of 1"),
        (Pool("p", most_spent=usd(700)), "p gets 8.00 USD of 7.00 USD"),
    ],
)
def test_a_choice_that_breaks_a_limit_is_found_out(pool: Pool, words: str) -> None:
    orders = tuple(WaveOrder(name, (offer("Dart", 400),)) for name in ("a", "b"))
    wave = Wave("USD", orders, (pool,))
    taken = {order.id: order.options[0] for order in orders}
    assert list(broken_limits(wave, taken, frozenset())) == [words]


def test_an_offer_of_another_order_a_late_one_and_one_beside_a_van_are_found_out() -> None:
    late = replace(offer("Dart", 400), arrives_by=NOON + timedelta(hours=1))
    wave = Wave("USD", (WaveOrder("a", (late,), due=NOON), WaveOrder("b", (offer("Lark", 400),))))
    words = list(broken_limits(wave, {"a": late, "b": late}, frozenset({"b"})))
    assert words == ["a comes too late with Dart", "b is taken twice", "b has no offer Dart"]


async def test_the_real_planner_takes_the_orders_that_are_dear_elsewhere() -> None:
    orders = [WaveOrder(f"o{n}", (offer("Dart", 150 if n % 2 else 2500),)) for n in range(12)]
    visits = tuple(visit(f"o{n}", location=LatLng(47.0 + 0.02 * (n + 1), 8.0)) for n in range(12))
    problem = replace(fleet(*visits), cost_per_km_minor=20)
    plan = await chosen(Wave("USD", tuple(orders), fleet=problem), PyvrpPlanner(max_iterations=200), 2)
    # Doors lie along one road. A stop on the way takes 60 s to hand over and 222 s to leave the road for, at
    # 24.00 an hour 1.88: more than the 1.50 that Dart asks for every second door, far less than 25.00.
    assert {one.order_id for one in plan.choices if one.van_id} == {f"o{n}" for n in range(0, 12, 2)}
    assert plan.routes is not None
    assert plan.cost.minor == plan.routes.cost_minor + plan.carriers_cost.minor
