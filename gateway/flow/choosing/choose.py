"""Choose: a wave is gathered, solved and kept; what follows for each order is queued with it."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from doorstep.errors import DoorstepError
from doorstep.events import ModeChosen, WaitOver, WaveDue
from doorstep.mode_wave import KeptChoice, ModeWave, WaveStatus
from doorstep.ports import ModeChooser
from doorstep.problem_checks import InvalidProblem
from doorstep.quote import DeliveryMode
from doorstep.route import RoutePlan
from doorstep.wave import InvalidWave
from doorstep.wave_plan import ModeChoice, WavePlan
from gateway.flow.choosing.asking import WAVE_LASTS, end_wave
from gateway.flow.choosing.gather import Gathered, gather
from gateway.flow.choosing.offers import Rival
from gateway.flow.planning.problem import driver_of
from gateway.flow.ports import Means, UnitOfWork

SEARCH_S_PER_ORDER = 0.01
"""A large wave is searched for longer than the merchant's own time."""

_EACH_WAY = "Nobody compared them: "


async def choose_modes(event: WaveDue, means: Means) -> None:
    """Choose own van, courier or parcel for all that waits, and let it be booked.

    What cannot be compared goes as it would without a wave.
    """
    begun = await _begin(event, means)
    if begun is None or means.modes is None:
        return
    wave, plan = begun
    try:
        gathered = await gather(means, event.merchant_id, plan)
        solved = await _solve(means.modes, means, wave, gathered)
    except DoorstepError as error:
        await _fail(means, wave, error.message)
    except (InvalidWave, InvalidProblem) as fault:
        await _fail(means, wave, str(fault))
    else:
        await _keep(means, wave, gathered, solved)


async def _begin(event: WaveDue, means: Means) -> tuple[ModeWave, RoutePlan | None] | None:
    """The wave with the plan that waits for it; None where nobody waits any more."""
    async with means.begin(event.merchant_id) as work:
        wave = await work.modes.wave(event.wave_id)
        if wave is None or wave.status is not WaveStatus.CHOOSING:
            return None
        plan = await work.routes.plan(wave.plan_id) if wave.is_for_plan else None
        if wave.is_for_plan and not _is_wanted(plan):
            await end_wave(work, wave, WaveStatus.CANCELLED, means.clock.now())
            return None
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
        if current.is_for_plan and not _is_wanted(await work.routes.plan(current.plan_id)):
            await end_wave(work, current, WaveStatus.CANCELLED, now)
            return
        for unit_id in gathered.idle:
            await work.emit(WaitOver(wave.merchant_id, unit_id))
        if solved is None:
            await end_wave(work, current, WaveStatus.DONE, now)
            return
        keeping = _Keeping(replace(current, created_at=now), gathered, _names(gathered))
        # Another wave may have been faster: what it has chosen is being booked.
        taken = await work.modes.being_booked(now - WAVE_LASTS)
        choices = [one for one in keeping.choices(solved) if one.fulfillment_order_id not in taken]
        if not choices:
            await end_wave(work, current, WaveStatus.DONE, now)
            return
        await work.modes.put_choices(choices)
        await work.modes.put_wave(_chosen(current, solved, len(choices)))
        for choice in choices:
            await work.emit(ModeChosen(wave.merchant_id, choice.fulfillment_order_id))
            await _announce(work, choice)


@dataclass(frozen=True, slots=True)
class _Keeping:
    """Answers of a chooser in the words of what is kept.

    Attributes
    ----------
    names
        What vans are called, by their ids in the problem.
    """

    wave: ModeWave
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
                chosen_at=self.wave.created_at,
                choice=self._worded(choice, rival),
                quote_set_id=rival.quote_set.id,
                quote_id=_to_book(choice, rival),
                delivery_id=rival.delivery.id if rival.is_booked else "",
            )

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


def _chosen(wave: ModeWave, solved: WavePlan, orders: int) -> ModeWave:
    return replace(
        wave,
        status=WaveStatus.BOOKING,
        orders=orders,
        cost=solved.cost,
        carriers_cost=solved.carriers_cost,
        carriers_bound=solved.carriers_bound,
        pools=solved.pools,
        method=solved.method,
    )


async def _announce(work: UnitOfWork, choice: KeptChoice) -> None:
    if choice.delivery_id:
        work.announce("delivery", choice.delivery_id)


async def _fail(means: Means, wave: ModeWave, why: str) -> None:
    """Whoever has waited long enough goes as the strategy says; a plan is made without a wave."""
    now = means.clock.now()
    async with means.begin(wave.merchant_id) as work:
        current = await work.modes.wave(wave.id, lock=True)
        if current is None or current.status is not WaveStatus.CHOOSING:
            return
        await end_wave(work, current, WaveStatus.FAILED, now, problem=_EACH_WAY + why)
        for waiting in await work.modes.waiting(10_000):
            if waiting.until <= now:
                await work.emit(WaitOver(wave.merchant_id, waiting.fulfillment_order_id))


def _is_wanted(plan: RoutePlan | None) -> bool:
    return plan is not None and plan.is_under_way
