"""What was raised against what really went wrong."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

from bench.exceptions.fates import Fate
from bench.exceptions.turns import START
from bench.exceptions.vans import Tour
from bench.exceptions.world import World
from doorstep.delivery import Delivery
from doorstep.incident import Actor, Incident
from doorstep.incident import IncidentKind as Kind
from gateway.flow.watching.catalogue import TABLE

LATE = (Kind.LATE_RISK, Kind.ETA_PAST_PROMISE)

FOLLOWS: Mapping[Kind, frozenset[Kind]] = {
    Kind.NO_COURIER: frozenset({Kind.MISSED_PICKUP}),
    Kind.COURIER_CANCELLED: frozenset({Kind.NO_COURIER}),
    Kind.MISSED_PICKUP: frozenset({Kind.NO_COURIER}),
    Kind.RETURN_OVERDUE: frozenset({Kind.LOST}),
}
"""What may be raised as well, and rightly: the same trouble from another side."""


@dataclass(slots=True)
class Score:
    """Counts by kind.

    Attributes
    ----------
    raised
        All incidents.
    injected, found
        What went wrong on purpose, and how much of it was raised.
    false
        Incidents about something that was not so.
    waits_min
        From what went wrong to the incident, where the moment is known.
    late, flagged_before, early_flags, false_flags
        Deliveries that came late or not at all; those of them that were flagged before the promise was over;
        deliveries that were flagged before it was over; those of them that came in time.
    warned_min
        How long before the end of the promise the flag came.
    """

    raised: Counter[Kind] = field(default_factory=Counter)
    injected: Counter[Kind] = field(default_factory=Counter)
    found: Counter[Kind] = field(default_factory=Counter)
    false: Counter[Kind] = field(default_factory=Counter)
    closed_by_machine: int = 0
    closed_by_person: int = 0
    late: int = 0
    in_time: int = 0
    flagged_before: int = 0
    early_flags: int = 0
    false_flags: int = 0
    warned_min: list[float] = field(default_factory=list)

    def as_keys(self) -> dict[str, object]:
        """The figures of the benchmark."""
        kinds = [kind for kind in TABLE if self.injected[kind]]
        recall = {kind: self.found[kind] / self.injected[kind] for kind in kinds}
        raised = sum(self.raised.values())
        return {
            "fired": sum(1 for kind in TABLE if self.raised[kind]),
            "not_fired": [str(kind) for kind in TABLE if not self.raised[kind]],
            "recall_min": round(min(recall.values(), default=0.0), 4),
            "late_flagged_before": _share(self.flagged_before, self.late),
            "late_false_alarms": _share(self.false_flags, self.early_flags),
            "late_false_of_in_time": _share(self.false_flags, self.in_time),
            "late_warned_min": round(median(self.warned_min), 1) if self.warned_min else None,
            "closed_without_person": _share(self.closed_by_machine, raised),
            "raised": raised,
            "kinds": {
                str(kind): {
                    "injected": self.injected[kind],
                    "recall": round(recall[kind], 4) if kind in recall else None,
                    "raised": self.raised[kind],
                    "false": self.false[kind],
                }
                for kind in TABLE
            },
        }


async def score(world: World, incidents: Sequence[Incident], tours: Sequence[Tour]) -> Score:
    """Everything that was raised, judged by what really happened."""
    result = Score()
    for incident in incidents:
        result.raised[incident.kind] += 1
        if not incident.is_live:
            by_person = incident.resolved_by is Actor.PERSON
            result.closed_by_person += by_person
            result.closed_by_machine += not by_person
    deliveries = await _deliveries(world)
    by_unit = {one.fulfillment_order_id: one for one in deliveries}
    about = _by_subject(incidents, {one.id: one.fulfillment_order_id for one in deliveries})
    for unit_id, fate in world.units.items():
        delivery = by_unit.get(unit_id)
        is_by_hand = delivery is None and fate.trouble is None
        expected = frozenset({Kind.QUOTE_EXPIRED}) if is_by_hand else fate.expected
        _judge(result, about.get(unit_id, ()), expected, besides=LATE)
        if delivery is not None and not fate.is_parcel:
            _judge_late(result, world, fate, delivery, about.get(unit_id, ()))
    for tour in tours:
        trouble = frozenset({tour.trouble}) if tour.trouble is not None else frozenset[Kind]()
        _judge(result, about.get(tour.driver_id, ()), trouble)
    _judge_outages(result, world, about)
    return result


def _judge(
    result: Score, told: Collection[Incident], expected: Collection[Kind], besides: Collection[Kind] = ()
) -> None:
    kinds = {incident.kind for incident in told}
    right = set(expected).union(*(FOLLOWS.get(kind, frozenset()) for kind in expected))
    for kind in expected:
        result.injected[kind] += 1
        result.found[kind] += kind in kinds
    for kind in kinds - right - set(besides):
        result.false[kind] += 1


def _judge_late(
    result: Score, world: World, fate: Fate, delivery: Delivery, told: Collection[Incident]
) -> None:
    """By when it really came: the flag counts if it was raised before the promise was over."""
    if delivery.promise is None or Kind.REFUSED in fate.expected:
        return
    ends = delivery.promise.window.end
    came_s = world.arrived.get(fate.number)
    is_late = came_s is None or came_s > _seconds(ends)
    flags = [one.raised_at for one in told if one.kind in LATE]
    early = [at for at in flags if at <= ends]
    result.late += is_late
    result.in_time += not is_late
    result.flagged_before += is_late and bool(early)
    result.early_flags += bool(early)
    result.false_flags += bool(early) and not is_late
    if is_late:
        result.injected[Kind.ETA_PAST_PROMISE] += 1
        result.found[Kind.ETA_PAST_PROMISE] += any(one.kind is Kind.ETA_PAST_PROMISE for one in told)
        result.warned_min += [(ends - min(early)).total_seconds() / 60] if early else []
    for kind in LATE:
        result.false[kind] += not is_late and any(one.kind is kind for one in told)


def _judge_outages(result: Score, world: World, about: Mapping[str, Sequence[Incident]]) -> None:
    for account_id, begins_s, ends_s in world.outages:
        result.injected[Kind.CARRIER_DOWN] += 1
        result.found[Kind.CARRIER_DOWN] += any(
            begins_s <= _seconds(one.raised_at) <= ends_s for one in about.get(account_id, ())
        )
    for account_id in world.accounts.values():
        for one in about.get(account_id, ()):
            at_s = _seconds(one.raised_at)
            is_true = any(a == account_id and b <= at_s <= e + 120 for a, b, e in world.outages)
            result.false[one.kind] += not is_true


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


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
