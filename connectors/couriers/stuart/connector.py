"""Stuart as a carrier: quote, book exactly once, change, cancel, fetch, prove, and say what is wrong.

A booking is known by the reference that we gave it (our booking key, which Stuart keeps unique): its webhooks
all name that, and those about a delivery do not name the job's number.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from connectors.calling import Answer
from connectors.couriers.stuart import changing, health, mapping
from connectors.couriers.stuart.bodies import job_body
from connectors.couriers.stuart.client import NAME, SYSTEM, StuartClient
from connectors.couriers.stuart.deliveries import of_reference
from connectors.couriers.stuart.jobs import MAYBE_DONE, Jobs
from connectors.couriers.stuart.planning import (
    is_stale,
    is_too_dear,
    planned,
    planned_or_refused,
    quoted_price,
    require_live,
    too_dear,
)
from connectors.couriers.stuart.refusals import REFUSALS
from connectors.couriers.stuart.stacks import Stacks
from connectors.linking import checked_url, require_credentials
from doorstep.booking import Booking, BookingChange, BookingRequest, CarrierUpdate, StackOffer, StackRequest
from doorstep.deadline import Deadline
from doorstep.delivery_status import RANK, DeliveryStatus
from doorstep.errors import RemoteError, RemoteRefused
from doorstep.health import HealthCheck
from doorstep.json_reading import Json, number
from doorstep.ports import CredentialField
from doorstep.proof import Proof
from doorstep.quote import CarrierAnswer, Decline, DeclineReason, DeliveryMode, QuoteRequest
from doorstep.secret import Secret

CARRIER = SYSTEM

CREDENTIALS = (
    CredentialField("client_id", "Client id", False, "Stuart's dashboard, Settings, API."),
    CredentialField("client_secret", "Client secret", True, "Beside the client id."),
    CredentialField(
        "webhook_secret",
        "Webhook key",
        True,
        "Any long random text. Give it to Stuart as the webhook's authentication key, with the header "
        "Authorization or X-Webhook-Secret.",
        "",
    ),
)

_HOST = "https://api.stuart.com"
_SHARE_FOR_ETA = 0.8


def connect(credentials: Mapping[str, Secret], base_url: str) -> Stuart:
    """Link an account; `base_url` stands for https://api.stuart.com. No input or output.

    Raises
    ------
    InvalidInput
        If a credential is missing, or the address is neither https nor on this machine.
    """
    require_credentials(NAME, CREDENTIALS, credentials)
    host = checked_url(base_url.rstrip("/").removesuffix("/v2") or _HOST)
    client = StuartClient(host, credentials["client_id"], credentials["client_secret"])
    return Stuart(client, has_webhook_key=bool(credentials.get("webhook_secret")))


class Stuart:
    """One account with Stuart."""

    def __init__(self, client: StuartClient, *, has_webhook_key: bool) -> None:
        self._client = client
        self._jobs = Jobs(client)
        self._stacks = Stacks(client, self._jobs)
        self._has_webhook_key = has_webhook_key

    @property
    def carrier(self) -> str:
        """Stable code."""
        return CARRIER

    @property
    def mode(self) -> DeliveryMode:
        """Couriers."""
        return DeliveryMode.COURIER

    async def quote(self, request: QuoteRequest, budget_s: float) -> CarrierAnswer:
        """Ask for a price and for the time until the pickup, both at once.

        A price without a time is still an offer: its promise is approximate.
        """
        deadline = Deadline(budget_s)
        plan = planned(request)
        if isinstance(plan, Decline):
            return CarrierAnswer(declined=(plan,))
        size, schedule = plan
        body = job_body(request, size, schedule)
        answer, eta = await self._price_and_eta(body, Deadline(budget_s * _SHARE_FOR_ETA), deadline)
        if not answer.is_yes:
            return CarrierAnswer(declined=(REFUSALS.decline_or_raise(answer),))
        offer = mapping.read_quote(answer.body, eta, request, size, schedule)
        if offer.price.currency != request.value.currency:
            sentence = f"Stuart charges in {offer.price.currency} here, not in {request.value.currency}."
            return CarrierAnswer(declined=(Decline(CARRIER, DeclineReason.RULE, sentence),))
        return CarrierAnswer(quotes=(offer,))

    async def book(self, request: BookingRequest, budget_s: float) -> Booking:
        """Look first whether a job has this key already, and else make one.

        A price more than a tenth above the quoted one is refused with kind QUOTE_EXPIRED; where it turned up
        in the booking itself, that is called off again.
        """
        deadline = Deadline(budget_s)
        earlier = await self._jobs.find(request.booking_key, deadline)
        if earlier is not None:
            return await self._adopted(earlier, request, deadline)
        size, schedule = planned_or_refused(request)
        body = job_body(request, size, schedule)
        if is_stale(request):
            await self._require_price_near(request, body, deadline)
        job = await self._jobs.create(body, deadline)
        if job is not None:
            return await self._affordable(job, request, deadline)
        return await self._adopted(await self._jobs.twin(request.booking_key, deadline), request, deadline)

    async def quote_stack(self, stack: StackRequest, budget_s: float) -> StackOffer:
        """What one courier takes for a tour to all these doors.

        Raises
        ------
        RemoteRefused
            If Stuart does not take them together.
        RemoteError
            If it could not be asked.
        """
        return await self._stacks.quote(stack, Deadline(budget_s))

    async def book_stack(self, stack: StackRequest, budget_s: float) -> tuple[Booking, ...]:
        """Book all stops as one job, or none; see `StacksDeliveries.book_stack`."""
        return await self._stacks.book(stack, Deadline(budget_s))

    async def cancel(self, external_id: str, reason: str, budget_s: float) -> CarrierUpdate:  # noqa: ARG002 - Stuart takes no reason
        """Call it off; Stuart allows that until the courier has the goods, free within two minutes.

        Where one courier brings it with others, those stay booked.
        """
        deadline = Deadline(budget_s)
        job = await self._jobs.read(external_id, deadline)
        view = of_reference(job, external_id) or job
        if mapping.standing_in(view).status is DeliveryStatus.CANCELLED:
            return _called_off(external_id, view)
        answer = await self._jobs.call_off(job, external_id, deadline)
        if answer.is_yes:
            return _called_off(external_id, view)
        if answer.status in MAYBE_DONE:
            raise REFUSALS.error_of(answer)
        current = await self._jobs.read_alone(external_id, deadline)
        status = mapping.standing_in(current).status
        if status is DeliveryStatus.CANCELLED:
            return _called_off(external_id, current)
        if RANK.get(status, 0) >= RANK[DeliveryStatus.PICKED_UP]:
            raise RemoteRefused(
                f"It is too late: {NAME} already has the goods.",
                system=CARRIER,
                raw_code=REFUSALS.code_of(answer) or str(answer.status),
            )
        raise REFUSALS.error_of(answer)

    async def fetch(self, external_id: str, budget_s: float) -> CarrierUpdate:
        """Where it stands."""
        return _update(await self._jobs.read_alone(external_id, Deadline(budget_s)))

    async def change(self, external_id: str, change: BookingChange, budget_s: float) -> CarrierUpdate:
        """Change whom the courier asks for, what it is told, and what the package is described as.

        Another address or another window is refused: Stuart takes neither after the booking.
        """
        deadline = Deadline(budget_s)
        view = await self._jobs.read_alone(external_id, deadline)
        changed = await self._jobs.change(view, changing.change_body(view, change), deadline)
        return _update(of_reference(changed, external_id) or view)

    async def proofs(self, external_id: str, budget_s: float) -> tuple[Proof, ...]:
        """The signature and the picture that Stuart keeps."""
        return mapping.read_proofs(await self._jobs.read_alone(external_id, Deadline(budget_s)))

    async def check(self) -> tuple[HealthCheck, ...]:
        """Sign in, look at the account, and at the webhook key."""
        return await health.check(self._client, has_webhook_key=self._has_webhook_key)

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.close()

    async def _price_and_eta(
        self, body: Json, eta_deadline: Deadline, deadline: Deadline
    ) -> tuple[Answer, timedelta | None]:
        eta = asyncio.create_task(self._eta(body, eta_deadline))
        try:
            answer = await self._client.ask("/v2/jobs/pricing", body, deadline)
            return answer, await eta if answer.is_yes else None
        finally:
            eta.cancel()
            await asyncio.wait([eta])

    async def _eta(self, body: Json, deadline: Deadline) -> timedelta | None:
        """Time until the pickup; None where Stuart did not say, which costs no offer."""
        try:
            answer = await self._client.ask_once("/v2/jobs/eta", body, deadline)
        except RemoteError:
            return None
        seconds = number(answer.body, "eta") if answer.is_yes else None
        return timedelta(seconds=seconds) if seconds is not None and seconds >= 0 else None

    async def _require_price_near(self, request: BookingRequest, body: Json, deadline: Deadline) -> None:
        answer = await self._client.ask("/v2/jobs/pricing", body, deadline)
        if not answer.is_yes:
            raise REFUSALS.error_of(answer)
        price = mapping.read_price(answer.body)
        if price is not None and is_too_dear(price, request):
            raise too_dear(price, request)

    async def _adopted(self, job: Json, request: BookingRequest, deadline: Deadline) -> Booking:
        """The booking that was made with this key before."""
        require_live(of_reference(job, request.booking_key) or job, request)
        return await self._affordable(job, request, deadline)

    async def _affordable(self, job: Json, request: BookingRequest, deadline: Deadline) -> Booking:
        """The booking that a job is, or the refusal of a dear one after it was called off again."""
        view = of_reference(job, request.booking_key) or job
        booking = mapping.read_booking(view, request.booking_key, quoted_price(request))
        if is_too_dear(booking.price, request):
            await self._jobs.call_off_dear(job, booking.price, quoted_price(request), deadline)
        return booking


def _update(job: Json) -> CarrierUpdate:
    return mapping.read_job(job, source_event_id=mapping.digest_of(job), now=datetime.now(UTC))


def _called_off(external_id: str, job: Json) -> CarrierUpdate:
    """The answer to our own cancelling: no incident, whatever reason Stuart files it under."""
    return CarrierUpdate(
        source_event_id=f"{external_id}:canceled",
        external_id=external_id,
        status=DeliveryStatus.CANCELLED,
        raw_status="canceled",
        occurred_at=datetime.now(UTC),
        tracking_number=mapping.number_of(job),
    )
