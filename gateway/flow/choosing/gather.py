"""Gather: what waits is put beside the tours of the day, with fresh offers for each order."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from doorstep.delivery import Delivery
from doorstep.errors import DoorstepError
from doorstep.route import RoutePlan
from doorstep.visit import Visit
from doorstep.wave import Wave, WaveOrder
from gateway.flow.choosing.offers import Rival, broken_promise, late_chance, pools_left
from gateway.flow.choosing.rivals import read_rival
from gateway.flow.choosing.scene import Scene, loose, read_scene
from gateway.flow.planning.days.problem import Day
from gateway.flow.planning.parts.visits import visit_of
from gateway.flow.ports import Means

log = structlog.get_logger(__name__)

AT_ONCE = 8
"""Orders that are looked at, and asked for again, at the same time."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """A wave with what its answers are carried out by.

    Attributes
    ----------
    rivals
        By their ids in the wave.
    idle
        Fulfillment orders that have waited long enough and are none of the wave.
    """

    wave: Wave
    day: Day
    rivals: Mapping[str, Rival]
    idle: tuple[str, ...]


async def gather(means: Means, merchant_id: str, plan: RoutePlan | None) -> Gathered:
    """Everything that may go one way or another, as it stands now.

    Parameters
    ----------
    plan
        That somebody asked for; None for all that comes due today.

    Raises
    ------
    InvalidWave, InvalidProblem
        If the merchant's rules contradict the offers, or what is known of the day itself.
    """
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        scene = await read_scene(work, plan, now)
    asked: list[tuple[str, str, Delivery | None]] = [
        (one.fulfillment_order_id, one.quote_set_id, None) for one in scene.waiting
    ]
    if scene.merchant.modes.gives_on and scene.merchant.books_again and scene.day.problem.vans:
        asked += [(one.fulfillment_order_id, "", one) for one in loose(scene)]
    turns = asyncio.Semaphore(AT_ONCE)

    async def look(unit_id: str, quote_set_id: str, delivery: Delivery | None) -> _Entry | None:
        async with turns:
            try:
                rival = await read_rival(means, scene.merchant, unit_id, quote_set_id, delivery)
                return None if rival is None else _entry(scene, rival)
            except DoorstepError:
                return None  # its address, place or carriers are gone: whoever is to book it says so
            except Exception as fault:
                # One that contradicts itself is left out alone; the others are compared.
                log.warning(
                    "order cannot be compared", fulfillment_order_id=unit_id, error=type(fault).__name__
                )
                return None

    entries = [entry for entry in await asyncio.gather(*(look(*one) for one in asked)) if entry is not None]
    rivals = {entry.rival.id: entry.rival for entry in entries}
    compared = {rival.unit_id for rival in rivals.values()}
    idle = tuple(
        one.fulfillment_order_id
        for one in scene.waiting
        if one.until <= now and one.fulfillment_order_id not in compared
    )
    return Gathered(_wave(scene, entries), scene.day, rivals, idle)


@dataclass(frozen=True, slots=True)
class _Entry:
    """An order as the chooser is told; with a visit where vans may drive for it and do not yet."""

    rival: Rival
    order: WaveOrder
    draft: Visit | None


def _entry(scene: Scene, rival: Rival) -> _Entry:
    """The same for one order.

    Raises
    ------
    ValueError
        If it contradicts itself.
    """
    is_new = not rival.is_booked and rival.own is not None and scene.day.problem.vans
    draft = visit_of(rival.delivery, scene.terms) if is_new else None
    return _Entry(rival, rival.order(scene.merchant), draft)


def _wave(scene: Scene, entries: Sequence[_Entry]) -> Wave:
    """The chooser's question.

    Raises
    ------
    InvalidWave, InvalidProblem
        If something contradicts itself.
    """
    merchant, problem = scene.merchant, scene.day.problem
    rivals = [entry.rival for entry in entries]
    drafts = [entry.draft for entry in entries if entry.draft is not None]
    broken = broken_promise(merchant)
    own = [rival.own for rival in rivals if rival.own is not None]
    chance = sum(late_chance(quote) for quote in own) / len(own) if own and broken else 0.0
    return Wave(
        currency=merchant.currency,
        orders=tuple(entry.order for entry in entries),
        pools=pools_left(merchant, scene.uses, rivals),
        fleet=replace(problem, visits=(*problem.visits, *drafts)) if problem.vans else None,
        van_late_chance=chance,
    )
