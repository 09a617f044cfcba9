"""What Stuart's API decides: prices, ETAs, jobs, changes, cancellations. No HTTP here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from simulator.carriers.stuart.ledger import JobRecord, Json, Ledger, Stop
from simulator.carriers.stuart.markets import Market
from simulator.carriers.stuart.problems import Problem
from simulator.carriers.stuart.reading import read_order
from simulator.carriers.stuart.rounds import Rounds

_FIRST_NUMBER = 100_171_000
_MOST_LISTED = 100


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
        if order.client_reference and self._ledger.by_reference(order.client_reference) is not None:
            raise Problem("RECORD_INVALID", {"job.dropoffs.client_reference": ["has already been taken"]})
        number = _FIRST_NUMBER + 7 * len(self._ledger.jobs)
        job = JobRecord(number, number + 44_000, order, now)
        self._ledger.jobs[number] = job
        self._rounds.begin(job, now)
        return job

    def cancel(self, number: str, now: datetime) -> JobRecord:
        """Call it off while the courier has no goods yet; raises `Problem` where that is too late."""
        job = self.get(number)
        if not job.is_cancelable:
            raise Problem("JOB_NOT_CANCELABLE")
        self._rounds.call_off(job, now, by="client", reason="customer_cancellation_requested")
        return job

    def change(self, number: str, body: Json) -> JobRecord:
        """Change contacts, comments and descriptions; raises `Problem` once it is over."""
        job = self.get(number)
        fields = _only_delivery(body)
        if fields.get("id") != job.delivery_id or not job.is_live:
            raise Problem("RECORD_INVALID", {"job.deliveries.id": ["is not valid"]})
        order = job.order
        job.order = replace(
            order,
            pickup=_told(order.pickup, fields.get("pickup")),
            dropoff=_told(order.dropoff, fields.get("dropoff")),
            description=str(fields.get("package_description", order.description)),
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
            if wanted.get("client_reference", job.order.client_reference) == job.order.client_reference
            and wanted.get("status", job.status) == job.status
        ]
        return found[start : start + size]


def _only_delivery(body: Json) -> Json:
    wanted = body.get("job")
    deliveries = wanted.get("deliveries") if isinstance(wanted, Mapping) else None
    if not isinstance(deliveries, list) or len(deliveries) != 1 or not isinstance(deliveries[0], Mapping):
        raise Problem("JOB_DELIVERIES_INVALID")
    return deliveries[0]


def _told(stop: Stop, fields: object) -> Stop:
    return replace(stop, sent={**stop.sent, **fields}) if isinstance(fields, Mapping) else stop
