"""The jobs of one account: found by our references, made once, and called off without touching others."""

from __future__ import annotations

from urllib.parse import quote

from connectors import quoted
from connectors.calling import Answer
from connectors.couriers.stuart import mapping
from connectors.couriers.stuart.client import NAME, SYSTEM, StuartClient
from connectors.couriers.stuart.deliveries import (
    delivery_in,
    has_others_live,
    is_left_behind,
    of_reference,
)
from connectors.couriers.stuart.refusals import REFUSALS
from connectors.refusing import Family
from doorstep.deadline import Deadline
from doorstep.errors import RemoteError, RemoteRefused
from doorstep.json_reading import Json, children
from doorstep.money import Money

MAYBE_DONE = frozenset({408, 500, 502, 503, 504})
"""Answers to a write after which only reading tells whether it was done."""


class Jobs:
    """Reads and writes the jobs of one account."""

    def __init__(self, client: StuartClient) -> None:
        self._client = client

    async def find(self, reference: str, deadline: Deadline) -> Json | None:
        """The job that has a delivery with this reference, None where there is none.

        Stuart keeps references unique and lists the last ninety days. Only where its people have moved a
        delivery into another job are there two: then the one that goes on.
        """
        path = f"/v2/jobs?client_reference={quote(reference, safe='')}"
        answer = await self._client.read(path, deadline)
        if not answer.is_yes:
            raise REFUSALS.error_of(answer)
        listed = children({"jobs": answer.content}, "jobs")
        having = [(job, delivery) for job in listed if (delivery := delivery_in(job, reference)) is not None]
        going_on = [job for job, delivery in having if not is_left_behind(delivery)]
        return next(iter(going_on or [job for job, _ in having]), None)

    async def read(self, reference: str, deadline: Deadline) -> Json:
        """The job that has a delivery with this reference; raises `RemoteRefused` where there is none."""
        job = await self.find(reference, deadline)
        if job is None:
            raise RemoteRefused(f"{NAME} knows no such delivery.", system=SYSTEM, raw_code="not_found")
        return job

    async def read_alone(self, reference: str, deadline: Deadline) -> Json:
        """The same as if it had that delivery alone."""
        job = await self.read(reference, deadline)
        return of_reference(job, reference) or job

    async def twin(self, reference: str, deadline: Deadline) -> Json:
        """The job that has taken our reference since we looked.

        Raises
        ------
        UnknownOutcome
            If it does not show itself: it is booked all the same, so nobody else may be asked.
        """
        try:
            twin = await self.find(reference, deadline)
        except RemoteError as error:
            raise REFUSALS.unclear(error.raw_code) from None
        if twin is None:
            raise REFUSALS.unclear("reference_taken")
        return twin

    async def create(self, body: Json, deadline: Deadline) -> Json | None:
        """Make a job; None where one of its references is taken already.

        Raises
        ------
        RemoteRefused
            If Stuart says no.
        UnknownOutcome
            If the answer was lost.
        """
        answer = await self._client.write("POST", "/v2/jobs", body, deadline)
        if answer.status in MAYBE_DONE:
            raise REFUSALS.unclear(str(answer.status))
        if answer.is_yes:
            return answer.body
        if REFUSALS.family_of(answer) is Family.ADOPT:
            return None
        raise REFUSALS.error_of(answer)

    async def change(self, job: Json, body: Json, deadline: Deadline) -> Json:
        """Change a job; gives it as it is then, {} where Stuart does not show it."""
        path = f"/v2/jobs/{quote(mapping.number_of(job), safe='')}"
        answer = await self._client.write("PATCH", path, body, deadline)
        if answer.status in MAYBE_DONE:
            raise REFUSALS.unclear(str(answer.status))
        if not answer.is_yes:
            raise REFUSALS.error_of(answer)
        return answer.body

    async def call_off(self, job: Json, reference: str, deadline: Deadline) -> Answer:
        """Call a delivery off, and its whole job only where no other delivery of it is under way.

        Stuart's community pages: one of several may be called off by itself before the pickup, for nothing.
        """
        delivery = delivery_in(job, reference) or {}
        if not has_others_live(job, delivery):
            return await self._cancel("jobs", job, deadline)
        return await self._cancel("deliveries", delivery, deadline)

    async def call_off_dear(self, job: Json, price: Money, agreed: Money, deadline: Deadline) -> None:
        """Call a whole job off that turned out too dear; comes back only where Stuart keeps it.

        Raises
        ------
        RemoteRefused
            With kind QUOTE_EXPIRED: it was called off.
        UnknownOutcome
            If it is not known whether it was: the repeat with the same key finds it again.
        """
        try:
            answer = await self._cancel("jobs", job, deadline)
        except RemoteError as error:
            raise REFUSALS.unclear(error.raw_code) from None
        if answer.is_yes:
            raise quoted.too_dear(price, agreed, system=SYSTEM, name=NAME)
        if not isinstance(REFUSALS.error_of(answer), RemoteRefused):
            raise REFUSALS.unclear(str(answer.status))

    async def _cancel(self, kind: str, entry: Json, deadline: Deadline) -> Answer:
        path = f"/v2/{kind}/{quote(mapping.number_of(entry), safe='')}/cancel"
        return await self._client.write("POST", path, None, deadline)
