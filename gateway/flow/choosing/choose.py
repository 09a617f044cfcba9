"""Choose: a wave is gathered, solved and kept; what follows for each order is queued with it."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Coroutine, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from doorstep.delivery import Delivery
from doorstep.errors import DoorstepError
from doorstep.events import ModeChosen, WaitOver, WaveDue
from doorstep.mode_wave import KeptChoice, ModeWave, WaveStatus
from doorstep.ports import ModeChooser
from doorstep.problem_checks import InvalidProblem
from doorstep.quote import DeliveryMode
from doorstep.route import RoutePlan
from doorstep.route_problem import GivenRoute
from doorstep.wave import InvalidWave
from doorstep.wave_plan import ModeChoice, WavePlan
from gateway.flow.choosing.end import end_wave, fail_wave
from gateway.flow.choosing.gather import Gathered, gather
from gateway.flow.choosing.offers import Rival
from gateway.flow.planning.days.problem import driver_of
from gateway.flow.ports import Means, UnitOfWork

SEARCH_S_PER_ORDER = 0.01
"""A large wave is searched for longer than the merchant's own time."""

BEAT_EVERY_S = 30.0
"""How often it is written down that somebody works on a wave: gathering and searching take minutes."""


async def choose_modes(event: WaveDue, means: Means) -> None:
    """Choose own van, courier or parcel for all that waits, and let it be booked.

    What cannot be compared goes as it would without a wave.
    """
    begun = await _begin(event, means)
    if begun is None or means.modes is None:
        return
    wave, plan = begun
    try:
        await _work_on(means, wave, _choose(means, means.modes, wave, plan))
    except DoorstepError as error:
        await _fail(means, wave, error.message)
    except (InvalidWave, InvalidProblem) as fault:
        await _fail(means, wave, str(fault))
    except Exception as fault:
        # Nobody waits for a wave that is not to come; the fault itself is the worker's to tell.
        await _fail(means, wave, f"Something went wrong that nobody foresaw: {type(fault).__name__}.")
        raise


async def _choose(means: Means, chooser: ModeChooser, wave: ModeWave, plan: RoutePlan | None) -> None:
    gathered = await gather(means, wave.merchant_id, plan)
    await _keep(means, wave, gathered, await _solve(chooser, means, wave, gathered))


async def _work_on(means: Means, wave: ModeWave, choosing: Coroutine[None, None, None]) -> None:
    """Choose, and say again and again that somebody does; ends where nobody wants the wave any more."""
    work = asyncio.ensure_future(choosing)
    try:
        while not work.done():
            await asyncio.wait({work}, timeout=BEAT_EVERY_S)
            if not work.done() and not await say_alive(means, wave):
                return
        work.result()
    finally:
        work.cancel()


async def say_alive(means: Means, wave: ModeWave) -> bool:
    """Write down that somebody works on a wave; False where it is no more to be chosen for."""
    async with means.begin(wave.merchant_id) as work:
        current = await work.modes.wave(wave.id, lock=True)
        if current is None or current.status is not WaveStatus.CHOOSING:
            return False
        await work.modes.put_wave(replace(current, alive_at=means.clock.now()))
        return True


async def _begin(event: WaveDue, means: Means) -> tuple[ModeWave, RoutePlan | None] | None:
    """The wave with the plan that waits for it; None where nobody waits any more."""
    async with means.begin(event.merchant_id) as work:
        wave = await work.modes.wave(event.wave_id, lock=True)
        if wave is None or wave.status is not WaveStatus.CHOOSING:
            return None
        plan = await work.routes.plan(wave.plan_id) if wave.is_for_plan else None
        if wave.is_for_plan and not _is_wanted(plan):
            await end_wave(work, means, wave, WaveStatus.CANCELLED)
            return None
        await work.modes.put_wave(replace(wave, alive_at=means.clock.now()))
        return wave, plan


async def _solve(chooser: ModeChooser, means: Means, wave: ModeWave, gathered: Gathered) -> WavePlan | None:
    """None where there is nothing to choose."""
    if not gathered.wave.orders:
        return None
    rules = gathered.day.merchant.modes
    return await chooser.choose(
        gathered.wave,
        means.roads,
        budget_s=max(rules.search_s, SEARCH_S_PER_ORDER * len(gathered.wave.orders)),
        seed=zlib.crc32(wave.id.encode()),
    )


async def _keep(means: Means, wave: ModeWave, gathered: Gathered, solved: WavePlan | None) -> None:
    """Write the choices down with what follows from them, unless nobody wants them any more."""
    now = means.clock.now()
    async with means.begin(wave.merchant_id) as work:
        current = await work.modes.wave(wave.id, lock=True)
        if current is None or current.status is not WaveStatus.CHOOSING:
            return
        plan = await work.routes.plan(current.plan_id) if current.is_for_plan else None
        if current.is_for_plan and not _is_wanted(plan):
            await end_wave(work, means, current, WaveStatus.CANCELLED)
            return
        for unit_id in gathered.idle:
            await work.emit(WaitOver(wave.merchant_id, unit_id))
        if solved is None:
            await end_wave(work, means, current, WaveStatus.DONE)
            return
        current = replace(current, alive_at=now)
        choices = list(_Keeping(current, now, gathered, _names(gathered)).choices(solved))
        await work.modes.put_choices(choices)
        current = _chosen(current, solved, gathered, len(choices))
        if plan is not None and not plan.is_published_at_once:
            await _leave_to_person(work, means, current, gathered)
            return
        await work.modes.put_wave(current)
        for choice in choices:
            await work.emit(ModeChosen(wave.merchant_id, choice.fulfillment_order_id))
            await _announce(work, choice)


async def _leave_to_person(work: UnitOfWork, means: Means, wave: ModeWave, gathered: Gathered) -> None:
    """Nobody is booked before the plan is published; who may waits for that."""
    for rival in gathered.rivals.values():
        waiting = await work.stacks.waiting(rival.unit_id, lock=True)
        if waiting is not None and waiting.until < rival.may_wait_until:
            await work.stacks.wait(replace(waiting, until=rival.may_wait_until))
    await end_wave(work, means, wave, WaveStatus.CHOSEN)


@dataclass(frozen=True, slots=True)
class _Keeping:
    """Answers of a chooser in the words of what is kept.

    Attributes
    ----------
    names
        What vans are called, by their ids in the problem.
    """

    wave: ModeWave
    now: datetime
    gathered: Gathered
    names: Mapping[str, str]

    def choices(self, solved: WavePlan) -> Iterator[KeptChoice]:
        """One for each order."""
        for choice in solved.choices:
            rival = self.gathered.rivals[choice.order_id]
            yield KeptChoice(
                merchant_id=self.wave.merchant_id,
                fulfillment_order_id=rival.unit_id,
                wave_id=self.wave.id,
                chosen_at=self.now,
                choice=self._worded(choice, rival),
                quote_set_id=rival.quote_set.id,
                quote_id=_to_book(choice, rival),
                delivery_id=rival.delivery.id if rival.is_booked else "",
                draft=self._draft(choice, rival),
                use=rival.use_of(choice.option_id),
                has_no_room=choice.mode is None and self._is_offered(rival),
            )

    def _draft(self, choice: ModeChoice, rival: Rival) -> Delivery | None:
        is_new = choice.mode is DeliveryMode.OWN_FLEET and choice.van_id and not rival.is_booked
        return rival.delivery if is_new else None

    def _is_offered(self, rival: Rival) -> bool:
        """Whether a carrier could take it in time."""
        order = rival.order(self.gathered.day.merchant)
        return any(order.may_take(option) for option in order.options)

    def _worded(self, choice: ModeChoice, rival: Rival) -> ModeChoice:
        text = choice.text
        for van_id, name in self.names.items():
            text = text.replace(van_id, name)
        return replace(choice, order_id=rival.unit_id, van_id=driver_of(choice.van_id), text=text)


def _to_book(choice: ModeChoice, rival: Rival) -> str:
    """The offer that is to be booked; "" for nobody, and where the vans have it already."""
    if choice.mode is DeliveryMode.OWN_FLEET and choice.van_id:
        return "" if rival.is_booked or rival.own is None else rival.own.id
    return choice.option_id


def _names(gathered: Gathered) -> Mapping[str, str]:
    """The longest ids first: that of a later tour begins with its driver's."""
    seats, vans = gathered.day.seats, gathered.day.problem.vans
    known = sorted((van.id for van in vans if driver_of(van.id) in seats), key=len, reverse=True)
    return {van_id: seats[driver_of(van_id)].driver.vehicle_name or "a van" for van_id in known}


def _chosen(wave: ModeWave, solved: WavePlan, gathered: Gathered, orders: int) -> ModeWave:
    routes = solved.routes.routes if solved.routes is not None and not gathered.day.changing else ()
    return replace(
        wave,
        status=WaveStatus.BOOKING,
        orders=orders,
        cost=solved.cost,
        carriers_cost=solved.carriers_cost,
        carriers_bound=solved.carriers_bound,
        pools=solved.pools,
        method=solved.method,
        tours=tuple(GivenRoute(route.van_id, route.visit_ids) for route in routes),
    )


async def _announce(work: UnitOfWork, choice: KeptChoice) -> None:
    if choice.delivery_id:
        work.announce("delivery", choice.delivery_id)


async def _fail(means: Means, wave: ModeWave, why: str) -> None:
    async with means.begin(wave.merchant_id) as work:
        current = await work.modes.wave(wave.id, lock=True)
        if current is not None and current.status is WaveStatus.CHOOSING:
            await fail_wave(work, means, current, why)


def _is_wanted(plan: RoutePlan | None) -> bool:
    return plan is not None and plan.is_under_way
