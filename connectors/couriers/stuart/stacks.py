"""Tours with Stuart: several of our deliveries as one job, with a drop-off and a reference for each."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from connectors import quoted
from connectors.couriers.stuart import mapping
from connectors.couriers.stuart.bodies import tour_body
from connectors.couriers.stuart.client import NAME, SYSTEM, StuartClient
from connectors.couriers.stuart.deliveries import of_reference
from connectors.couriers.stuart.jobs import Jobs
from connectors.couriers.stuart.planning import OVER
from connectors.couriers.stuart.refusals import REFUSALS
from connectors.couriers.stuart.tour import plan_tour
from doorstep.booking import Booking, StackOffer, StackRequest
from doorstep.deadline import Deadline
from doorstep.errors import RemoteError, RemoteRefused, RemoteUnavailable
from doorstep.json_reading import Json
from doorstep.money import Money


class Stacks:
    """Prices and books the tours of one account."""

    def __init__(self, client: StuartClient, jobs: Jobs) -> None:
        self._client = client
        self._jobs = jobs

    async def quote(self, stack: StackRequest, deadline: Deadline) -> StackOffer:
        """What the whole tour costs; the errors are those of `StacksDeliveries.quote_stack`."""
        tour = plan_tour(stack)
        body = tour_body(stack.stops, tour.sizes, tour.pickup_at, is_booking=False)
        answer = await self._client.ask("/v2/jobs/pricing", body, deadline)
        if not answer.is_yes:
            raise REFUSALS.error_of(answer)
        price = mapping.read_price(answer.body)
        if price is None:
            raise RemoteUnavailable(f"{NAME}'s quote lacks its price.", system=SYSTEM)
        wanted = stack.stops[0].value.currency
        if price.currency != wanted:
            sentence = f"Stuart charges in {price.currency} here, not in {wanted}."
            raise RemoteRefused(sentence, system=SYSTEM)
        return StackOffer(price, stack.stops[0].asked_at + mapping.PRICE_HOLDS)

    async def book(self, stack: StackRequest, deadline: Deadline) -> tuple[Booking, ...]:
        """Book the tour once for its keys; the errors are those of `StacksDeliveries.book_stack`.

        A price more than a tenth above the quoted one is refused with kind QUOTE_EXPIRED, and the job that
        had it is called off.
        """
        earlier = await self._find(stack, deadline)
        if earlier:
            return await self._adopted(earlier, stack, deadline)
        tour = plan_tour(stack)
        body = tour_body(stack.stops, tour.sizes, tour.pickup_at, is_booking=True)
        job = await self._jobs.create(body, deadline)
        if job is not None:
            return await self._adopted(dict.fromkeys(_keys(stack), job), stack, deadline)
        return await self._adopted(await self._twins(stack, deadline), stack, deadline)

    async def _twins(self, stack: StackRequest, deadline: Deadline) -> Mapping[str, Json]:
        """The job that has taken our references since we looked.

        Raises
        ------
        UnknownOutcome
            If it does not show itself: it is booked all the same, so nobody else may be asked.
        """
        try:
            twins = await self._find(stack, deadline)
        except RemoteError as error:
            raise REFUSALS.unclear(error.raw_code) from None
        if not twins:
            raise REFUSALS.unclear("reference_taken")
        return twins

    async def _find(self, stack: StackRequest, deadline: Deadline) -> Mapping[str, Json]:
        """The job of each stop, by key; {} where none has one.

        Any stop that is found means that the tour was booked. All are looked for, since Stuart's people may
        move one to another job.
        """
        keys = _keys(stack)
        reads = (self._jobs.find(key, deadline) for key in keys)
        outcomes = await asyncio.gather(*reads, return_exceptions=True)
        found: dict[str, Json] = {}
        failed: BaseException | None = None
        for key, outcome in zip(keys, outcomes, strict=True):
            if isinstance(outcome, BaseException):
                failed = outcome
            elif outcome is not None:
                found[key] = outcome
        if failed is None:
            return found
        if found and isinstance(failed, RemoteError):
            # It is booked, as the others show: nobody else may be asked.
            raise REFUSALS.unclear(failed.raw_code)
        raise failed

    async def _adopted(
        self, jobs: Mapping[str, Json], stack: StackRequest, deadline: Deadline
    ) -> tuple[Booking, ...]:
        """The bookings that jobs are, or the refusal of a dear one after it was called off again."""
        bookings = tuple(_booking(jobs.get(key), key, stack) for key in _keys(stack))
        numbers = {mapping.number_of(job) for job in jobs.values()}
        price = bookings[0].price
        if stack.price is None or len(numbers) > 1 or not quoted.is_too_dear(price, stack.price):
            return bookings
        if all(booking.status in OVER for booking in bookings):
            # It was us who called it off, for this.
            raise quoted.too_dear(price, stack.price, system=SYSTEM, name=NAME)
        await self._jobs.call_off_dear(jobs[bookings[0].external_id], price, stack.price, deadline)
        return bookings  # Stuart keeps it, so it is ours


def _keys(stack: StackRequest) -> list[str]:
    return [stop.booking_key for stop in stack.stops]


def _booking(job: Json | None, key: str, stack: StackRequest) -> Booking:
    """The booking of one stop, at the price of the whole tour.

    Raises
    ------
    UnknownOutcome
        If the stop is missing from a tour that is booked: nobody knows what became of it.
    """
    view = of_reference(job, key) if job is not None else None
    if job is None or view is None:
        raise REFUSALS.unclear("stop_missing")
    stand_in = stack.price or Money(0, stack.stops[0].value.currency)
    return mapping.read_booking(view, key, mapping.job_price(job) or stand_in)
