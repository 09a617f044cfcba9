"""DoorDash Drive as a carrier: quote, book exactly once, change, cancel, fetch, and say what is wrong."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.couriers.doordash import health, mapping, reading
from connectors.couriers.doordash.booking import book_once
from connectors.couriers.doordash.client import DoorDashClient, delivery_path
from connectors.couriers.doordash.limits import why_not
from connectors.couriers.doordash.refusals import IS_ASKED_ALREADY, REFUSALS, reason_of
from connectors.couriers.doordash.signing import Signer
from connectors.couriers.doordash.times import plan_times
from connectors.couriers.doordash.wording import NAME, SYSTEM
from connectors.linking import checked_url, require_credentials
from connectors.refusing import Family
from doorstep.booking import Booking, BookingChange, BookingRequest, CarrierUpdate
from doorstep.deadline import Deadline
from doorstep.errors import InvalidInput, RemoteRefused
from doorstep.health import HealthCheck
from doorstep.json_reading import Json, text
from doorstep.money import Money
from doorstep.ports import CredentialField
from doorstep.proof import Proof
from doorstep.quote import CarrierAnswer, Decline, DeclineReason, DeliveryMode, QuoteRequest
from doorstep.secret import Secret

CREDENTIALS = (
    CredentialField("developer_id", "Developer id", False, "Developer portal, Credentials, access key."),
    CredentialField("key_id", "Key id", False, "Beside the developer id."),
    CredentialField("signing_secret", "Signing secret", True, "Beside the key id, as it is shown."),
    CredentialField(
        "webhook_authorization",
        "Webhook authorization",
        True,
        "The whole value of the Authorization header that you set for the webhook in the developer portal: "
        '"Basic ...". Choose a long random one.',
        "",
    ),
)

_HOST = "https://openapi.doordash.com"
_PATH = "/drive/v2"


def connect(credentials: Mapping[str, Secret], base_url: str) -> DoorDash:
    """Link an access key; `base_url` stands for https://openapi.doordash.com. No input or output.

    Raises
    ------
    InvalidInput
        If a credential is missing or no base64url, or the address is neither https nor on this machine.
    """
    require_credentials(NAME, CREDENTIALS, credentials)
    host = checked_url(base_url.rstrip("/").removesuffix(_PATH) or _HOST)
    try:
        signer = Signer(
            credentials["developer_id"].reveal(),
            credentials["key_id"].reveal(),
            credentials["signing_secret"],
        )
    except ValueError:
        sentence = "The signing secret is not the one that DoorDash shows: copy it again, whole."
        raise InvalidInput(sentence, path=("signing_secret",)) from None
    client = DoorDashClient(f"{host}{_PATH}", signer)
    return DoorDash(client, has_webhook_secret=bool(credentials.get("webhook_authorization")))


class DoorDash:
    """One access key of DoorDash Drive."""

    def __init__(self, client: DoorDashClient, *, has_webhook_secret: bool) -> None:
        self._client = client
        self._has_webhook_secret = has_webhook_secret

    @property
    def carrier(self) -> str:
        """Stable code."""
        return SYSTEM

    @property
    def mode(self) -> DeliveryMode:
        """Couriers."""
        return DeliveryMode.COURIER

    async def quote(self, request: QuoteRequest, budget_s: float) -> CarrierAnswer:
        """Ask for one offer: as soon as possible, or within the wanted window."""
        deadline = Deadline(budget_s)
        impossible = why_not(request)
        if impossible is not None:
            return CarrierAnswer(declined=(impossible,))
        times = plan_times(request.asked_at, request.ready_at, request.delivery_window)
        if isinstance(times, Decline):
            return CarrierAnswer(declined=(times,))
        body = mapping.quote_body(request, times)
        answer = await self._client.quote(body, deadline)
        if not answer.is_yes:
            return CarrierAnswer(declined=(REFUSALS.decline_or_raise(answer),))
        offer = reading.read_quote(answer.body, request, mapping.fingerprint(body))
        if offer.price.currency != request.value.currency:
            sentence = f"{NAME} charges in {offer.price.currency} here, not in {request.value.currency}."
            return CarrierAnswer(declined=(Decline(SYSTEM, DeclineReason.RULE, sentence),))
        return CarrierAnswer(quotes=(offer,))

    async def book(self, request: BookingRequest, budget_s: float) -> Booking:
        """Book once for one key; see `booking.book_once`."""
        return await book_once(self._client, request, Deadline(budget_s))

    async def change(self, external_id: str, change: BookingChange, budget_s: float) -> CarrierUpdate:
        """Correct the door, the instructions, the window or the contents, before the Dasher has the goods."""
        body = mapping.change_body(change)
        if not body:
            return await self.fetch(external_id, budget_s)
        return reading.read_delivery(await self._update(external_id, body, Deadline(budget_s)), external_id)

    async def raise_offer(self, external_id: str, extra: Money, budget_s: float) -> Money:
        """Offer a tip of so much in all, as long as no Dasher has taken the job; a tip is never lowered."""
        deadline = Deadline(budget_s)
        delivery = await self._read(external_id, deadline)
        status, tip = text(delivery, "delivery_status"), reading.tip_of(delivery)
        if tip is None or tip.currency != extra.currency:
            raise _refused(f"{NAME} takes no tip in {extra.currency} for this delivery.", "currency")
        if tip >= extra:
            return tip
        if status != "created":
            raise _refused("A tip brings nobody sooner: the delivery is taken or over.", status)
        updated = await self._update(external_id, {"tip": extra.minor}, deadline)
        return reading.tip_of(updated) or extra

    async def proofs(self, external_id: str, budget_s: float) -> tuple[Proof, ...]:
        """Pictures of the pickup and of the door, and the signature."""
        return reading.read_proofs(await self._read(external_id, Deadline(budget_s)))

    async def cancel(self, external_id: str, reason: str, budget_s: float) -> CarrierUpdate:  # noqa: ARG002 - DoorDash takes no reason
        """Call it off; DoorDash allows that until the Dasher has the goods."""
        deadline = Deadline(budget_s)
        answer = await self._client.write("PUT", f"{delivery_path(external_id)}/cancel", {}, deadline)
        if answer.is_yes:
            return reading.called_off(external_id, answer.body)
        if REFUSALS.family_of(answer) in {Family.TOO_LATE, Family.RETRY} and reason_of(answer):
            current = await self._client.read(external_id, deadline)
            if current.is_yes and text(current.body, "delivery_status") == "cancelled":
                return reading.called_off(external_id, current.body)
        raise REFUSALS.error_of(answer)

    async def fetch(self, external_id: str, budget_s: float) -> CarrierUpdate:
        """Where it stands, with the Dasher's position while there is one."""
        return reading.read_delivery(await self._read(external_id, Deadline(budget_s)), external_id)

    async def check(self) -> tuple[HealthCheck, ...]:
        """Try the access key, and look for the webhooks' authorization."""
        return await health.check(self._client, has_webhook_secret=self._has_webhook_secret)

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.close()

    async def _read(self, external_id: str, deadline: Deadline) -> Json:
        answer = await self._client.read(external_id, deadline)
        if not answer.is_yes:
            raise REFUSALS.error_of(answer)
        return answer.body

    async def _update(self, external_id: str, body: Json, deadline: Deadline) -> Json:
        answer = await self._client.write("PATCH", delivery_path(external_id), body, deadline)
        if answer.is_yes:
            return answer.body
        if reason_of(answer) == IS_ASKED_ALREADY:
            return await self._read(external_id, deadline)
        raise REFUSALS.error_of(answer)


def _refused(sentence: str, raw_code: str) -> RemoteRefused:
    return RemoteRefused(sentence, system=SYSTEM, raw_code=raw_code)
