"""What was raised against what really went wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from bench.exceptions.fates import Fate
from bench.exceptions.tally import Tally
from bench.exceptions.turns import START
from bench.exceptions.vans import Tour
from bench.exceptions.world import World
from doorstep.delivery import Delivery
from doorstep.incident import Incident
from doorstep.incident import IncidentKind as Kind
from doorstep.window import Promise

LATE = (Kind.LATE_RISK, Kind.ETA_PAST_PROMISE)

FOLLOWS: Mapping[Kind, frozenset[Kind]] = {
    Kind.NO_COURIER: frozenset({Kind.MISSED_PICKUP}),
    Kind.COURIER_CANCELLED: frozenset({Kind.NO_COURIER}),
    Kind.MISSED_PICKUP: frozenset({Kind.NO_COURIER}),
    Kind.RETURN_OVERDUE: frozenset({Kind.LOST}),
}
"""What may be raised as well, and rightly: the same trouble from another side."""

OUTAGE_TAIL_S = 120
"""A breaker is tried again so long after its carrier is there again."""


async def score(world: World, incidents: Sequence[Incident], tours: Sequence[Tour]) -> Tally:
    """Everything that was raised, judged by what really happened."""
    tally = Tally()
    for incident in incidents:
        tally.kinds[incident.kind].raised += 1
        tally.kinds[incident.kind].alone += not (incident.is_live or incident.needed_person)
        tally.endings.note(incident)
    deliveries = await _deliveries(world)
    by_unit = {one.fulfillment_order_id: one for one in deliveries}
    about = _by_subject(incidents, {one.id: one.fulfillment_order_id for one in deliveries})
    for unit_id, fate in world.units.items():
        delivery, told = by_unit.get(unit_id), about.get(unit_id, ())
        is_by_hand = delivery is None and fate.trouble is None
        expected = frozenset({Kind.QUOTE_EXPIRED}) if is_by_hand else fate.expected
        _judge(tally, told, expected, besides=LATE)
        if delivery is not None and not fate.is_parcel:
            _note_warnings(tally, delivery, told)
            _judge_late(tally, world, fate, delivery, told)
    for tour in tours:
        told = about.get(tour.driver_id, ())
        trouble = frozenset({tour.trouble}) if tour.trouble is not None else frozenset[Kind]()
        _judge(tally, told, trouble)
        for kind, at in _first_of(told).items():
            if kind is tour.trouble:
                tally.kinds[kind].after_min.append(_minutes(at, since=tour.wrong_at))
    _judge_outages(tally, world, about)
    return tally


def _judge(
    tally: Tally, told: Collection[Incident], expected: Collection[Kind], besides: Collection[Kind] = ()
) -> None:
    kinds = {incident.kind for incident in told}
    right = set(expected).union(*(FOLLOWS.get(kind, frozenset()) for kind in expected))
    for kind in expected:
        tally.kinds[kind].injected += 1
        tally.kinds[kind].caught += kind in kinds
    for kind in kinds - right - set(besides):
        tally.kinds[kind].false += 1


def _note_warnings(tally: Tally, delivery: Delivery, told: Collection[Incident]) -> None:
    promise = _promised(delivery)
    if promise is None:
        return
    for kind, at in _first_of(told).items():
        tally.kinds[kind].warned_min.append(_minutes(promise.window.end, since=at))


def _promised(delivery: Delivery) -> Promise | None:
    """What was promised before a machine promised something else: what is late stays late."""
    return delivery.promised_first or delivery.promise


def _first_of(told: Collection[Incident]) -> Mapping[Kind, datetime]:
    """When each kind was raised for the first time."""
    return {one.kind: one.raised_at for one in sorted(told, key=lambda one: one.raised_at, reverse=True)}


def _judge_late(
    tally: Tally, world: World, fate: Fate, delivery: Delivery, told: Collection[Incident]
) -> None:
    """By when it really came: the flag counts if it was raised before the promise was over."""
    promise = _promised(delivery)
    if promise is None or Kind.REFUSED in fate.expected:
        return
    ends = promise.window.end
    came_s = world.arrived.get(fate.number)
    is_late = came_s is None or came_s > _seconds(ends)
    flags = [one for one in told if one.kind in LATE]
    early = [one.raised_at for one in flags if one.raised_at <= ends]
    tally.lateness.note(is_late=is_late, warned_min=_minutes(ends, since=min(early)) if early else None)
    if is_late:
        tally.kinds[Kind.ETA_PAST_PROMISE].injected += 1
        tally.kinds[Kind.ETA_PAST_PROMISE].caught += any(one.kind is Kind.ETA_PAST_PROMISE for one in flags)
        tally.kinds[Kind.LATE_RISK].injected += 1
        tally.kinds[Kind.LATE_RISK].caught += bool(early)
    for kind in LATE:
        tally.kinds[kind].false += not is_late and any(one.kind is kind for one in flags)


def _judge_outages(tally: Tally, world: World, about: Mapping[str, Sequence[Incident]]) -> None:
    down = tally.kinds[Kind.CARRIER_DOWN]
    for account_id, begins_s, ends_s in world.outages:
        seen = [_seconds(one.raised_at) for one in about.get(account_id, ())]
        within = [at_s for at_s in seen if begins_s <= at_s <= ends_s]
        down.injected += 1
        down.caught += bool(within)
        down.after_min += [(within[0] - begins_s) / 60] if within else []
    for account_id in world.accounts.values():
        for one in about.get(account_id, ()):
            at_s = _seconds(one.raised_at)
            is_true = any(a == account_id and b <= at_s <= e + OUTAGE_TAIL_S for a, b, e in world.outages)
            tally.kinds[one.kind].false += not is_true


def _by_subject(
    incidents: Sequence[Incident], unit_of: Mapping[str, str]
) -> Mapping[str, Sequence[Incident]]:
    """Incidents by fulfillment order, driver or account."""
    about: dict[str, list[Incident]] = defaultdict(list)
    for incident in incidents:
        about[unit_of.get(incident.subject, incident.subject)].append(incident)
    return about


async def _deliveries(world: World) -> Sequence[Delivery]:
    found = []
    for merchant_id in (world.merchant_id, world.by_hand_id):
        async with world.means.begin(merchant_id) as work:
            for unit_id in world.units:
                delivery = await work.deliveries.latest_of(unit_id)
                found += [delivery] if delivery is not None else []
    return found


def _seconds(at: datetime) -> float:
    return (at - START).total_seconds()


def _minutes(at: datetime, *, since: datetime) -> float:
    return (at - since).total_seconds() / 60
