"""Waves on the stage: orders that wait for one another, and who they end with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from doorstep.delivery import Delivery
from doorstep.dispatch_rules import DispatchRules, DispatchStrategy
from doorstep.driver import Driver, TourCosts
from doorstep.events import WaveDue
from doorstep.geo import LatLng
from doorstep.mode_rules import ModeRules
from doorstep.mode_wave import KeptChoice, ModeWave
from doorstep.money import Money
from doorstep.quote import DeliveryMode
from doorstep.route import Route, RoutePlan
from gateway.flow.choosing.due import wave_due
from gateway.flow.planning.plans.request import PlanWish, request_plan
from tests.integration.flow.fakes import MERCHANT_ID, FakeCarrier
from tests.integration.flow.planned import TODAY, kept_plan, put_driver, tours
from tests.integration.flow.stage import Stage
from tests.integration.flow.tour import add_van


async def shop_that_compares(stage: Stage, **rules: Any) -> tuple[FakeCarrier, Driver]:
    """A merchant whose orders wait a quarter of an hour, with one van that costs 20.00 to send out.

    A kilometre of it costs 0.60 and an hour 24.00; `cheap` takes 8.00 for a door and `dear` 9.00. The van's
    rate sheet says 4.00, so that a strategy alone would send everything with it.
    """
    vans = FakeCarrier("own_fleet", stage.clock, 400, DeliveryMode.OWN_FLEET, 300)
    await stage.link(vans)
    for carrier, price in ((stage.cheap, 800), (stage.dear, 900)):
        carrier.price, carrier.minutes = price, 300
    driver = await put_driver(stage, await add_van(stage), costs=TourCosts(fixed=Money(2000, "USD")))
    async with stage.means.begin(MERCHANT_ID) as work:
        merchant = await work.accounts.merchant(lock=True)
        changed = replace(
            merchant,
            modes=ModeRules(**{"is_on": True, "search_s": 5.0, **rules}),
            dispatch=DispatchRules(DispatchStrategy.CHEAPEST),
        )
        await work.accounts.put_merchant(changed)
    return vans, driver


async def order(stage: Stage, **doors: LatLng) -> None:
    """Orders by their number come in, to doors at these places."""
    for number, door in doors.items():
        street = f"{number} Road"
        stage.geocoder.places[street] = door
        stage.shop.put(number, street=street)
    await stage.take_in()
    await stage.settle()


async def wave(stage: Stage, minutes: float = 16, *, before_plan: bool = False) -> ModeWave:
    """Time passes, and whoever has waited long enough is chosen for and booked."""
    stage.clock.advance(minutes=minutes)
    await wave_due(stage.means, MERCHANT_ID, before_plan=before_plan)
    asked = (await line(stage))[-1]
    await stage.settle()
    return await kept_wave(stage, asked.id)


async def due_wave(stage: Stage) -> WaveDue:
    """A wave that is due, and that nobody has worked on."""
    stage.clock.advance(minutes=16)
    await wave_due(stage.means, MERCHANT_ID)
    (found,) = await line(stage)
    return WaveDue(MERCHANT_ID, found.id)


async def begin_to_compare(stage: Stage) -> None:
    """A merchant who did not turns it on."""
    async with stage.means.begin(MERCHANT_ID) as work:
        merchant = await work.accounts.merchant(lock=True)
        await work.accounts.put_merchant(replace(merchant, modes=replace(merchant.modes, is_on=True)))


async def line(stage: Stage) -> list[ModeWave]:
    """Waves that are not over."""
    async with stage.means.begin(MERCHANT_ID) as work:
        return list(await work.modes.under_way())


async def kept_wave(stage: Stage, wave_id: str) -> ModeWave:
    """A wave as it stands."""
    async with stage.means.begin(MERCHANT_ID) as work:
        found = await work.modes.wave(wave_id)
    assert found is not None
    return found


async def latest(stage: Stage, number: str) -> Delivery | None:
    """The delivery of an order, if somebody was booked."""
    unit = (await stage.order(number)).fulfillment_orders[0]
    async with stage.means.begin(MERCHANT_ID) as work:
        return await work.deliveries.latest_of(unit.id)


async def carriers(stage: Stage, *numbers: str) -> list[str]:
    """Who has these orders now."""
    found = [(await stage.delivery_of(number)).active_leg for number in numbers]
    return [leg.carrier if leg is not None else "" for leg in found]


async def choice(stage: Stage, number: str) -> KeptChoice:
    """Who was chosen for an order, and why."""
    unit = (await stage.order(number)).fulfillment_orders[0]
    async with stage.means.begin(MERCHANT_ID) as work:
        found = await work.modes.choice(unit.id)
    assert found is not None
    return found


async def waiting(stage: Stage) -> list[str]:
    """Fulfillment orders that wait."""
    async with stage.means.begin(MERCHANT_ID) as work:
        return [one.fulfillment_order_id for one in await work.modes.waiting(100)]


async def plan_after_wave(stage: Stage, **wish: Any) -> RoutePlan:
    """Ask for a plan that compares first, and let everything happen."""
    asked = PlanWish(TODAY, 0.3, chooses_modes=True, **wish)
    plan = await request_plan(stage.means, MERCHANT_ID, asked)
    await stage.settle()
    return await kept_plan(stage, plan.id)


async def told(stage: Stage) -> list[Route]:
    """Tours that drivers know of."""
    return await tours(stage)
