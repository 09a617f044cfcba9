"""Roadie as a carrier (beta): estimate, book exactly once, cancel, fetch, tip, prove, and say what is wrong.

Roadie publishes its API to customers only, so parts of this rest on recorded answers and on assumptions that
are named where they are made.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote

from connectors.couriers.roadie import health, mapping
from connectors.couriers.roadie.client import NAME, SYSTEM, RoadieClient
from connectors.couriers.roadie.planning import (
    OVER,
    quoted_price,
    refusal_if_too_dear,
    refusal_of_what_is_over,
    require_addresses,
    why_declined,
)
from connectors.couriers.roadie.refusals import REFUSALS
from connectors.couriers.roadie.statuses import CANCEL_CODES, is_untaken, standing_of
from connectors.couriers.roadie.windows import kept_times, plan_times
from connectors.linking import checked_url, require_credentials
from doorstep.booking import Booking, BookingRequest, CarrierUpdate
from doorstep.deadline import Deadline
from doorstep.delivery_status import RANK, DeliveryStatus
from doorstep.errors import RemoteError, RemoteRefused
from doorstep.health import HealthCheck
from doorstep.json_reading import Json, text
from doorstep.money import Money
from doorstep.ports import CredentialField
from doorstep.proof import Proof, ProofKind
from doorstep.quote import CarrierAnswer, Decline, DeliveryMode, QuoteRequest
from doorstep.secret import Secret

CARRIER = SYSTEM

CREDENTIALS = (
    CredentialField("token", "Access token", True, "From Roadie's support."),
    CredentialField(
        "webhook_secret",
        "Webhook key",
        True,
        "Any long random text. Ask Roadie to send it as the header Authorization or X-Webhook-Secret.",
        "",
    ),
)

_HOST = "https://connect.roadie.com"
_MAYBE_DONE = frozenset({408, 500, 502, 503, 504})
_PICTURES = (
    ("pickup", ProofKind.PHOTO, True),
    ("delivery", ProofKind.PHOTO, False),
    ("signature", ProofKind.SIGNATURE, False),
)


def connect(credentials: Mapping[str, Secret], base_url: str) -> Roadie:
    """Link an account; `base_url` stands for https://connect.roadie.com. No input or output.

    Raises
    ------
    InvalidInput
        If the token is missing, or the address is neither https nor on this machine.
    """
    require_credentials(NAME, CREDENTIALS, credentials)
    host = checked_url(base_url.rstrip("/").removesuffix("/v1") or _HOST)
    client = RoadieClient(f"{host}/v1", credentials["token"])
    return Roadie(client, has_webhook_key=bool(credentials.get("webhook_secret")))


class Roadie:
    """One account with Roadie."""

    def __init__(self, client: RoadieClient, *, has_webhook_key: bool) -> None:
        self._client = client
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
        """Ask for an estimate. It cannot be booked and has no id: only booking tells the true price."""
        deadline = Deadline(budget_s)
        impossible = why_declined(request)
        if impossible is not None:
            return CarrierAnswer(declined=(impossible,))
        times = plan_times(request.asked_at, request.ready_at, request.delivery_window)
        if isinstance(times, Decline):
            return CarrierAnswer(declined=(times,))
        answer = await self._client.ask("/estimates", mapping.estimate_body(request, times), deadline)
        if not answer.is_yes:
            return CarrierAnswer(declined=(REFUSALS.decline_or_raise(answer),))
        return CarrierAnswer(quotes=(mapping.read_quote(answer.body, request, times),))

    async def book(self, request: BookingRequest, budget_s: float) -> Booking:
        """Make a shipment, or get the one that this key made before.

        Shipments can be listed by their ids alone, so after a lost answer nothing can be looked up: the same
        call with the same key is the way to find it. A price more than a tenth above the estimate is refused
        with kind QUOTE_EXPIRED, after the shipment was called off again.
        """
        deadline = Deadline(budget_s)
        require_addresses(request)
        times = kept_times(request.booking_data, request.asked_at, request.ready_at)
        answer = await self._client.write(
            "POST", "/shipments", mapping.shipment_body(request, times), deadline
        )
        if answer.status in _MAYBE_DONE:
            raise REFUSALS.unclear(str(answer.status))
        if not answer.is_yes:
            raise REFUSALS.error_of(answer)
        if not mapping.number_of(answer.body):
            raise REFUSALS.unclear("no_shipment_id")
        booking = mapping.read_booking(answer.body, quoted_price(request))
        too_dear = refusal_if_too_dear(booking.price, request)
        if booking.status in OVER:
            raise too_dear or refusal_of_what_is_over(answer.body, booking)
        if too_dear is not None and await self._called_off(booking.external_id, deadline):
            raise too_dear
        return booking

    async def cancel(self, external_id: str, reason: str, budget_s: float) -> CarrierUpdate:
        """Call it off; Roadie allows that until the driver has the goods."""
        deadline = Deadline(budget_s)
        body = {"code": reason if reason in CANCEL_CODES else "other", "comment": ""}
        answer = await self._client.write("DELETE", _path(external_id), body, deadline)
        if answer.is_yes:
            return _called_off(external_id)
        if answer.status in _MAYBE_DONE:
            raise REFUSALS.error_of(answer)
        current = await self._read(external_id, deadline)
        status = standing_of(current, {}).status
        if status is DeliveryStatus.CANCELLED:
            return _called_off(external_id)
        if RANK.get(status, 0) >= RANK[DeliveryStatus.PICKED_UP]:
            raise RemoteRefused(
                f"It is too late: {NAME} already has the goods.",
                system=CARRIER,
                raw_code=REFUSALS.code_of(answer) or str(answer.status),
            )
        raise REFUSALS.error_of(answer)

    async def fetch(self, external_id: str, budget_s: float) -> CarrierUpdate:
        """Where it stands."""
        shipment = await self._read(external_id, Deadline(budget_s))
        event_id = mapping.digest_of(shipment)
        return mapping.read_shipment(shipment, source_event_id=event_id, now=datetime.now(UTC))

    async def raise_offer(self, external_id: str, extra: Money, budget_s: float) -> Money:
        """Promise a tip, so that a driver takes it sooner; only what is missing from `extra` is added.

        Assumed: a shipment shows its tips as `tip`, and POST /tips adds to them.
        """
        deadline = Deadline(budget_s)
        if extra.currency != mapping.CURRENCY or extra.minor <= 0:
            raise RemoteRefused(f"{NAME} takes tips in {mapping.CURRENCY}.", system=CARRIER)
        shipment = await self._read(external_id, deadline)
        standing = mapping.read_tip(shipment)
        if standing >= extra:
            return standing
        if not is_untaken(shipment):
            raise RemoteRefused(
                f"A {NAME} driver has taken it already.", system=CARRIER, raw_code=text(shipment, "state")
            )
        missing = extra - standing
        body = {"amount": float(missing.amount)}
        answer = await self._client.write("POST", f"{_path(external_id)}/tips", body, deadline)
        if answer.status in _MAYBE_DONE:
            raise REFUSALS.unclear(str(answer.status))
        if not answer.is_yes:
            raise REFUSALS.error_of(answer)
        return extra

    async def proofs(self, external_id: str, budget_s: float) -> tuple[Proof, ...]:
        """Pictures of the pickup, the door and the signature; opening one needs the account's token."""
        deadline = Deadline(budget_s)
        shipment = await self._read(external_id, deadline)
        paths = [f"{_path(external_id)}/images/{name}" for name, _, _ in _PICTURES]
        answers = await asyncio.gather(*(self._client.read(path, deadline) for path in paths))
        return tuple(
            Proof(
                kind,
                self._client.url(path),
                signed_by=text(shipment, "signatory_name") if kind is ProofKind.SIGNATURE else "",
                is_pickup=is_pickup,
            )
            for (_, kind, is_pickup), path, answer in zip(_PICTURES, paths, answers, strict=True)
            if answer.is_yes and answer.raw
        )

    async def check(self) -> tuple[HealthCheck, ...]:
        """Try the token, and look at the webhook key."""
        return await health.check(self._client, has_webhook_key=self._has_webhook_key)

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.close()

    async def _called_off(self, external_id: str, deadline: Deadline) -> bool:
        """Whether a shipment could be called off again; where not, it stays ours whatever it costs.

        Raises
        ------
        UnknownOutcome
            If that is not known; the repeat with the same key finds the same shipment and tries again.
        """
        try:
            await self.cancel(external_id, "other", deadline.left_s)
        except RemoteRefused:
            return False
        except RemoteError as error:
            raise REFUSALS.unclear(error.raw_code) from None
        return True

    async def _read(self, external_id: str, deadline: Deadline) -> Json:
        answer = await self._client.read(_path(external_id), deadline)
        if not answer.is_yes:
            raise REFUSALS.error_of(answer)
        return answer.body


def _called_off(external_id: str) -> CarrierUpdate:
    """The answer to our own cancelling: no incident, whatever code it is filed under."""
    return CarrierUpdate(
        source_event_id=f"{external_id}:canceled",
        external_id=external_id,
        status=DeliveryStatus.CANCELLED,
        raw_status="canceled",
        occurred_at=datetime.now(UTC),
    )


def _path(external_id: str) -> str:
    return f"/shipments/{quote(external_id, safe='')}"
