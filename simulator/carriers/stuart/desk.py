"""What Stuart's API decides: prices, ETAs, jobs, changes, cancellations. No HTTP here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from simulator.carriers.stuart.ledger import (
    BEFORE_PICKUP,
    DeliveryRecord,
    JobRecord,
    Json,
    Ledger,
    Order,
    Stop,
    references_of,
)
from simulator.carriers.stuart.markets import Market
from simulator.carriers.stuart.problems import Problem
from simulator.carriers.stuart.reading import read_order
from simulator.carriers.stuart.rounds import Rounds

_FIRST_NUMBER = 100_171_000
_MOST_LISTED = 100
_BY_CLIENT = "customer_cancellation_requested"


class Desk:
    """Takes jobs for one client."""

    def __init__(self, ledger: Ledger, rounds: Rounds, markets: tuple[Market, ...]) -> None:
        self._ledger = ledger
        self._rounds = rounds
        self._markets = markets
        self.price_factor = 1.0

    def price(self, body: Json, now: datetime) -> dict[str, object]:
        """Price a job; raises `Problem` where it cannot be done."""
        order = read_order(body, self._markets, now, price_factor=self.price_factor)
        return {"amount": order.price, "currency": order.market.currency}

    def eta(self, body: Json, now: datetime) -> dict[str, object]:
        """Seconds until a courier is at the pickup; raises `Problem` where it cannot be done."""
        read_order(body, self._markets, now, price_factor=1.0)
        return {"eta": self._rounds.pickup_eta_s}

    def create(self, body: Json, now: datetime) -> JobRecord:
        """Take a job on.

        Raises
        ------
        Problem
            If it cannot be done, or there is one with this client reference.
        """
        order = read_order(body, self._markets, now, price_factor=self.price_factor)
        references = [one.client_reference for one in order.dropoffs if one.client_reference]
        if any(self._ledger.by_reference(reference) is not None for reference in references):
            raise Problem("RECORD_INVALID", {"job.dropoffs.client_reference": ["has already been taken"]})
        return self._enter(order, now)

    def stack_by_hand(self, references: Sequence[str], now: datetime) -> JobRecord:
        """Make one job of those that have these references, as Stuart's people do; the references stay.

        Raises
        ------
        Problem
            If one of them is unknown, over, or with its courier already.
        """
        jobs = [self._ledger.by_reference(reference) for reference in references]
        single = [job for job in jobs if job is not None and job.is_cancelable]
        if len(single) < len(jobs):
            raise Problem("JOB_NOT_CANCELABLE")
        for job in single:
            self._rounds.call_off(job, now, by="stuart", reason="manually_stacked")
        order = replace(
            single[0].order,
            dropoffs=tuple(one for job in single for one in job.order.dropoffs),
            price=round(sum(job.order.price for job in single), 2),
            pickup_at=None,
            dropoff_at=None,
        )
        return self._enter(order, now)

    def _enter(self, order: Order, now: datetime) -> JobRecord:
        number = _FIRST_NUMBER + 17 * len(self._ledger.jobs)
        deliveries = [
            DeliveryRecord(number + 44_000 + place, dropoff) for place, dropoff in enumerate(order.dropoffs)
        ]
        job = JobRecord(number, order, deliveries, now)
        self._ledger.jobs[number] = job
        self._rounds.begin(job, now)
        return job

    def cancel(self, number: str, now: datetime) -> JobRecord:
        """Call it off while the courier has no goods yet; raises `Problem` where that is too late."""
        job = self.get(number)
        if not job.is_cancelable:
            raise Problem("JOB_NOT_CANCELABLE")
        self._rounds.call_off(job, now, by="client", reason=_BY_CLIENT)
        return job

    def cancel_delivery(self, number: str, now: datetime) -> None:
        """Call one delivery off while the courier does not have it yet; the others go on.

        Raises
        ------
        Problem
            If there is none of this number, or it is too late.
        """
        found = self._ledger.by_delivery(int(number)) if number.isdecimal() else None
        if found is None:
            raise Problem("NOT_FOUND")
        job, delivery = found
        if not job.is_live or delivery.status not in BEFORE_PICKUP:
            raise Problem("JOB_NOT_CANCELABLE")
        self._rounds.call_off_one(job, delivery, now, by="client", reason=_BY_CLIENT)

    def change(self, number: str, body: Json) -> JobRecord:
        """Change contacts, comments and descriptions; raises `Problem` for what is over."""
        job = self.get(number)
        for fields in _changes(body):
            delivery = next((one for one in job.deliveries if one.id == fields.get("id")), None)
            if delivery is None or not delivery.is_live or not job.is_live:
                raise Problem("RECORD_INVALID", {"job.deliveries.id": ["is not valid"]})
            job.order = replace(job.order, pickup=_told(job.order.pickup, fields.get("pickup")))
            delivery.dropoff = replace(
                delivery.dropoff,
                stop=_told(delivery.dropoff.stop, fields.get("dropoff")),
                description=str(fields.get("package_description", delivery.dropoff.description)),
            )
        return job

    def get(self, number: str) -> JobRecord:
        """One job; raises `Problem` if there is none of this number."""
        job = self._ledger.jobs.get(int(number)) if number.isdecimal() else None
        if job is None:
            raise Problem("NOT_FOUND")
        return job

    def listed(self, wanted: Mapping[str, str]) -> list[JobRecord]:
        """Jobs with a reference or a status, newest first, in pages."""
        size = min(_MOST_LISTED, int(wanted.get("per_page", "20")))
        start = (int(wanted.get("page", "1")) - 1) * size
        found = [
            job
            for job in reversed(self._ledger.jobs.values())
            if ("client_reference" not in wanted or wanted["client_reference"] in references_of(job))
            and wanted.get("status", job.status) == job.status
        ]
        return found[start : start + size]


def _changes(body: Json) -> list[Json]:
    wanted = body.get("job")
    deliveries = wanted.get("deliveries") if isinstance(wanted, Mapping) else None
    if not isinstance(deliveries, list) or not deliveries:
        raise Problem("JOB_DELIVERIES_INVALID")
    if not all(isinstance(one, Mapping) for one in deliveries):
        raise Problem("JOB_DELIVERIES_INVALID")
    return deliveries


def _told(stop: Stop, fields: object) -> Stop:
    return replace(stop, sent={**stop.sent, **fields}) if isinstance(fields, Mapping) else stop
