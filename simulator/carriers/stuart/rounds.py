"""How a job goes: search, ride, pickup, ride, handover. Everything happens through the agenda."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from doorstep.geo import LatLng
from simulator.carriers.agenda import Agenda
from simulator.carriers.stuart.ledger import CourierRecord, DeliveryRecord, JobRecord
from simulator.carriers.stuart.markets import Trip, moved, ride_s
from simulator.carriers.stuart.problems import fate_of

UPDATE_EVERY_S = 20
"""How often a courier on the way says where it is."""

_NEAR_BEFORE_S = 60
_SEARCH_LEAD = timedelta(minutes=15)
_NAMES = (("Ana", "Alba"), ("Bo", "Berg"), ("Chloe", "Clair"), ("Dan", "Dale"), ("Eli", "Est"))
_TRANSPORTS = ("bike", "motorbike", "car", "bike")


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast couriers work.

    Attributes
    ----------
    search_s
        Until somebody takes the job (shortest, longest).
    patience_s
        After so long without anybody, Stuart calls it off for want of couriers.
    dropout_chance
        How often a courier gives up before the pickup; Stuart then looks for another by itself.
    """

    speed_mps: float = 6.0
    search_s: tuple[float, float] = (20.0, 80.0)
    pickup_s: float = 90.0
    handover_s: float = 60.0
    patience_s: float = 1_800.0
    dropout_chance: float = 0.0


class Rounds:
    """Sends couriers round and tells of every step.

    Parameters
    ----------
    tell_job, tell_delivery, tell_driver
        Called when the job's status changes, when one of its deliveries' does, and with a courier on the way.
    """

    def __init__(
        self,
        agenda: Agenda,
        rng: random.Random,
        pace: Pace,
        couriers: int,
        tell_job: Callable[[JobRecord, datetime], None],
        tell_delivery: Callable[[JobRecord, DeliveryRecord, datetime], None],
        tell_driver: Callable[[JobRecord, datetime], None],
    ) -> None:
        self._agenda = agenda
        self._rng = rng
        self.pace = pace
        self._tell_job = tell_job
        self._tell_delivery = tell_delivery
        self._tell_driver = tell_driver
        self._free = [
            CourierRecord(
                *_NAMES[place % len(_NAMES)],
                transport=_TRANSPORTS[place % len(_TRANSPORTS)],
                phone=f"+3312345{place:04d}",
            )
            for place in range(couriers)
        ]

    @property
    def pickup_eta_s(self) -> int:
        """Seconds until a courier would be at a pickup, as far as anybody can tell."""
        return round(sum(self.pace.search_s) / 2 + 400 + (0 if self._free else 900))

    def begin(self, job: JobRecord, at: datetime) -> None:
        """Take a job on, and look for a courier when its time comes."""
        order = job.order
        due = order.pickup_at
        if order.dropoff_at is not None:
            ride = ride_s(order.pickup.at, order.dropoffs[0].stop.at, self.pace.speed_mps)
            due = order.dropoff_at - timedelta(seconds=ride + self.pace.pickup_s)
        job.status = "scheduled" if due is not None and due - _SEARCH_LEAD > at else "searching"
        self._tell_job(job, at)
        start = max(at, due - _SEARCH_LEAD) if due is not None else at
        self._agenda.enter(start, lambda now: self._search(job, now, due))

    def drop(self, job: JobRecord, at: datetime) -> bool:
        """The courier gives up before the pickup, and another is looked for; False if nobody can."""
        if not job.is_cancelable or job.courier is None:
            return False
        self._release(job)
        job.eta_pickup, job.status = None, "searching"
        for delivery in job.live_deliveries:
            delivery.eta = None
        self._go(job, at, "pending")
        self._tell_job(job, at)
        self._agenda.enter(at, lambda now: self._search(job, now, None))
        return True

    def call_off(self, job: JobRecord, at: datetime, *, by: str, reason: str) -> None:
        """End a job badly, for a reason of Stuart's."""
        for delivery in job.live_deliveries:
            delivery.call_off(by, reason)
            self._tell_delivery(job, delivery, at)
        self._end(job, at)

    def call_off_one(
        self, job: JobRecord, delivery: DeliveryRecord, at: datetime, *, by: str, reason: str
    ) -> None:
        """End one delivery badly; its job ends with the last one."""
        delivery.call_off(by, reason)
        self._tell_delivery(job, delivery, at)
        if not job.live_deliveries:
            self._end(job, at)

    def _search(self, job: JobRecord, at: datetime, due: datetime | None) -> None:
        if not job.is_live or job.courier is not None:
            return
        if job.status == "scheduled":
            job.status = "searching"
            self._tell_job(job, at)
        found_at = at + timedelta(seconds=self._rng.uniform(*self.pace.search_s))
        gives_up_at = at + timedelta(seconds=self.pace.patience_s)
        self._agenda.enter(found_at, lambda now: self._assign(job, now, due, gives_up_at))

    def _assign(self, job: JobRecord, at: datetime, due: datetime | None, gives_up_at: datetime) -> None:
        if job.status != "searching":
            return
        if not self._free:
            if at >= gives_up_at:
                self.call_off(job, at, by="stuart", reason="no_supply")
                return
            again = at + timedelta(seconds=30)
            self._agenda.enter(again, lambda now: self._assign(job, now, due, gives_up_at))
            return
        job.round += 1
        job.courier = self._free.pop(self._rng.randrange(len(self._free)))
        start = moved(job.order.pickup.at, self._rng.uniform(300, 1500), self._rng.uniform(0, 360))
        job.trip = self._trip(start, job.order.pickup.at, at)
        leaves_at = max(job.trip.arrives_at, due or at) + timedelta(seconds=self.pace.pickup_s)
        job.eta_pickup = job.trip.arrives_at
        self._reckon(job, job.order.pickup.at, leaves_at)
        job.status = "in_progress"
        self._tell_job(job, at)
        arrives_at = job.trip.arrives_at
        this_round = job.round
        near_at = max(at, arrives_at - timedelta(seconds=_NEAR_BEFORE_S))
        self._go(job, at, "picking")
        self._enter(near_at, job, this_round, lambda now: self._go(job, now, "almost_picking"))
        self._enter(arrives_at, job, this_round, lambda now: self._go(job, now, "waiting_at_pickup"))
        self._enter(leaves_at, job, this_round, lambda now: self._ride(job, now))
        self._keep_locating(job, at, this_round)
        if self._rng.random() < self.pace.dropout_chance:
            gone_at = at + (arrives_at - at) * self._rng.uniform(0.2, 0.8)
            self._enter(gone_at, job, this_round, lambda now: self._lose(job, now))

    def _lose(self, job: JobRecord, at: datetime) -> None:
        self.drop(job, at)

    def _ride(self, job: JobRecord, at: datetime) -> None:
        for delivery in job.live_deliveries:
            delivery.picked_at = at
        self._reckon(job, job.order.pickup.at, at)
        self._head_for_next(job, job.order.pickup.at, at)
        self._go(job, at, "delivering")

    def _head_for_next(self, job: JobRecord, start: LatLng, at: datetime) -> None:
        """From the pickup or from a door to the next door."""
        delivery, this_round = job.current, job.round
        job.trip = self._trip(start, delivery.dropoff.stop.at, at)
        arrives_at = delivery.eta = job.trip.arrives_at
        near_at = max(at, arrives_at - timedelta(seconds=_NEAR_BEFORE_S))
        over_at = arrives_at + timedelta(seconds=self.pace.handover_s)
        steps = ((near_at, "almost_delivering"), (arrives_at, "waiting_at_dropoff"))
        for due, status in steps:
            self._enter(due, job, this_round, partial(self._step, job, delivery, status))
        self._enter(over_at, job, this_round, lambda now: self._hand_over(job, delivery, now))

    def _hand_over(self, job: JobRecord, delivery: DeliveryRecord, at: datetime) -> None:
        fate = fate_of(delivery.dropoff.stop.address)
        if fate:
            delivery.call_off("courier", fate)
        else:
            delivery.delivered_at = at
            delivery.status = "delivered"
        self._tell_delivery(job, delivery, at)
        if not job.live_deliveries:
            self._end(job, at)
            return
        self._head_for_next(job, delivery.dropoff.stop.at, at)
        self._tell_job(job, at)

    def _end(self, job: JobRecord, at: datetime) -> None:
        """All of its deliveries are over: it is finished if one of them was brought."""
        is_finished = any(delivery.status == "delivered" for delivery in job.deliveries)
        job.status, job.ended_at = "finished" if is_finished else "canceled", at
        self._tell_job(job, at)
        self._release(job)

    def _reckon(self, job: JobRecord, here: LatLng, leaves_at: datetime) -> None:
        """Tell every door when somebody will be there."""
        for delivery in job.live_deliveries:
            ride = ride_s(here, delivery.dropoff.stop.at, self.pace.speed_mps)
            here, delivery.eta = delivery.dropoff.stop.at, leaves_at + timedelta(seconds=ride)
            leaves_at = delivery.eta + timedelta(seconds=self.pace.handover_s)

    def _release(self, job: JobRecord) -> None:
        if job.courier is not None:
            self._free.append(job.courier)
        job.courier = job.trip = None

    def _go(self, job: JobRecord, at: datetime, delivery_status: str) -> None:
        """All that are not over go on together, as up to the first door they do."""
        for delivery in job.live_deliveries:
            self._step(job, delivery, delivery_status, at)

    def _step(self, job: JobRecord, delivery: DeliveryRecord, status: str, at: datetime) -> None:
        delivery.status = status
        self._tell_delivery(job, delivery, at)

    def _enter(
        self, at: datetime, job: JobRecord, this_round: int, action: Callable[[datetime], None]
    ) -> None:
        """Do it if the job still goes with the same courier then."""

        def act(now: datetime) -> None:
            if job.is_live and job.courier is not None and job.round == this_round:
                action(now)

        self._agenda.enter(at, act)

    def _keep_locating(self, job: JobRecord, at: datetime, this_round: int) -> None:
        def say_where(now: datetime) -> None:
            self._tell_driver(job, now)
            self._keep_locating(job, now, this_round)

        self._enter(at + timedelta(seconds=UPDATE_EVERY_S), job, this_round, say_where)

    def _trip(self, start: LatLng, end: LatLng, at: datetime) -> Trip:
        return Trip(start, end, at, at + timedelta(seconds=ride_s(start, end, self.pace.speed_mps)))
