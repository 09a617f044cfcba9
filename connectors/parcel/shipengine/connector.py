"""ShipEngine as a carrier: rate, buy exactly once, void, track, and say what is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, urlencode, urlsplit

from connectors.calling import Answer
from connectors.linking import checked_url, require_credentials
from connectors.parcel.shipengine import health, mapping, shipments
from connectors.parcel.shipengine.accounts import AccountBook
from connectors.parcel.shipengine.buying import Counter
from connectors.parcel.shipengine.client import NAME, SYSTEM, ShipEngineClient
from connectors.parcel.shipengine.limits import why_not
from connectors.parcel.shipengine.published import KeyBook
from connectors.parcel.shipengine.rates import read_estimates, read_rates
from connectors.parcel.shipengine.refusals import REFUSALS, VOID_REASONS, VOIDED_BEFORE
from connectors.refusing import Family
from doorstep.booking import Booking, BookingRequest, CarrierUpdate
from doorstep.deadline import Deadline
from doorstep.errors import RemoteRefused
from doorstep.health import HealthCheck
from doorstep.json_reading import Json, children, text
from doorstep.ports import CredentialField
from doorstep.quote import CarrierAnswer, Decline, DeclineReason, DeliveryMode, QuoteRequest
from doorstep.secret import Secret

CARRIER = SYSTEM

CREDENTIALS = (
    CredentialField("api_key", "API key", True, "ShipEngine's dashboard, API Management."),
    CredentialField(
        "webhook_secret",
        "Webhook secret",
        True,
        "Optional, since ShipEngine signs its webhooks. Where it is set, the webhook for tracking has to be "
        "registered with a header X-Doorstep-Secret that holds the same.",
        "",
    ),
)

_HOST = "https://api.shipengine.com"
_NEWER_HOSTS = frozenset({"api.shipstation.com"})
# The keys of both generations lie at the older name (seen in public integrations).
_KEYS = "/jwks"
_VERSION = re.compile(r"/v\d+$")


def connect(credentials: Mapping[str, Secret], base_url: str) -> ShipEngine:
    """Link an account. No input or output.

    Parameters
    ----------
    base_url
        Stands for https://api.shipengine.com; its end may name the version. Where it names none it is /v2 at
        api.shipstation.com, where the same product is served under its later name, and /v1 anywhere else.

    Raises
    ------
    InvalidInput
        If the key is missing, or the address is neither https nor on this machine.
    """
    require_credentials(NAME, CREDENTIALS, credentials)
    root = root_of(base_url)
    client = ShipEngineClient(root, credentials["api_key"], keys_url_of(root))
    return ShipEngine(client, credentials.get("webhook_secret", Secret("")))


class ShipEngine:
    """One key of ShipEngine's, with whatever parcel carriers stand behind it."""

    def __init__(self, client: ShipEngineClient, webhook_secret: Secret) -> None:
        self._client = client
        self._webhook_secret = webhook_secret
        self._accounts = AccountBook(client)
        self._keys = KeyBook(client)
        self._counter = Counter(client, self._accounts)

    @property
    def carrier(self) -> str:
        """Stable code."""
        return CARRIER

    @property
    def mode(self) -> DeliveryMode:
        """Parcels."""
        return DeliveryMode.PARCEL

    async def quote(self, request: QuoteRequest, budget_s: float) -> CarrierAnswer:
        """Rates of all carriers behind the key.

        At a checkout that knows no more than a postcode these are estimates, and `book` rates again.
        """
        deadline = Deadline(budget_s)
        impossible = why_not(request) or _why_not_estimated(request)
        if impossible is not None:
            return CarrierAnswer(declined=(impossible,))
        accounts = await self._accounts.read(deadline)
        if isinstance(accounts, Answer):
            return CarrierAnswer(declined=(REFUSALS.decline_or_raise(accounts),))
        if not accounts.ids:
            sentence = "No carrier is connected at ShipEngine. Connect one in its dashboard."
            nobody = Decline(CARRIER, DeclineReason.ACCOUNT_PROBLEM, sentence)
            return CarrierAnswer(declined=(nobody, *accounts.failed))
        is_full = _is_full(request)
        body = (shipments.rates_body if is_full else shipments.estimate_body)(request, [*accounts.ids])
        answer = await self._client.ask("/rates" if is_full else "/rates/estimate", body, deadline)
        if not answer.is_yes:
            self._accounts.forget()
            return CarrierAnswer(declined=(REFUSALS.decline_or_raise(answer),))
        if is_full:
            read = read_rates(answer.body, request, accounts.unfit_for(request))
        else:
            read = read_estimates(answer.content, request, accounts.unfit_for(request))
        return CarrierAnswer(read.quotes, (*accounts.failed, *read.declined))

    async def book(self, request: BookingRequest, budget_s: float) -> Booking:
        """Buy one label under the booking key, which ShipEngine takes once."""
        return await self._counter.buy(request, Deadline(budget_s))

    async def cancel(self, external_id: str, reason: str, budget_s: float) -> CarrierUpdate:  # noqa: ARG002 - ShipEngine takes no reason
        """Void the label. ShipEngine answers 200 even where the carrier refuses."""
        deadline = Deadline(budget_s)
        label = await self._label(external_id, deadline)
        if mapping.is_void(label):
            return mapping.read_label(label, external_id)
        path = f"{_path(text(label, 'label_id'))}/void"
        answer = await self._client.write("PUT", path, None, deadline)
        if not answer.is_yes:
            raise REFUSALS.error_of(answer)
        code = text(answer.body, "reason_code")
        if answer.body.get("approved") is True or code == VOIDED_BEFORE:
            return mapping.read_label({**label, "voided": True}, external_id)
        raise RemoteRefused(
            VOID_REASONS.get(code, VOID_REASONS["unspecified"]),
            system=CARRIER,
            raw_code=code or "void_not_approved",
            raw_message=text(answer.body, "message"),
        )

    async def fetch(self, external_id: str, budget_s: float) -> CarrierUpdate:
        """Where the parcel stands: voided, or wherever its carrier says."""
        deadline = Deadline(budget_s)
        label = await self._label(external_id, deadline)
        bought = mapping.read_label(label, external_id)
        if not mapping.is_bought(label) or label.get("trackable") is False:
            return bought
        answer = await self._client.read(f"{_path(text(label, 'label_id'))}/track", deadline)
        if not answer.is_yes and REFUSALS.family_of(answer) in {Family.GONE, Family.INVALID}:
            return bought
        if not answer.is_yes:
            raise REFUSALS.error_of(answer)
        return mapping.read_tracking(
            answer.body,
            external_id=external_id,
            fallback_at=bought.occurred_at,
            label_url=bought.label_url,
        )

    async def published_keys(self, headers: Mapping[str, str], budget_s: float) -> Secret | None:
        """The keys that ShipEngine signs its webhooks with, for a message with these headers."""
        return await self._keys.keys_for(headers, budget_s)

    async def check(self) -> tuple[HealthCheck, ...]:
        """Try the key, and look at the carriers and the webhooks."""
        return await health.check(self._client, self._webhook_secret, self._keys)

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.close()

    async def _label(self, external_id: str, deadline: Deadline) -> Json:
        """The label of a booking: by its own id, or the newest one with its tracking number, since carriers
        use numbers again.
        """
        if external_id.startswith(mapping.LABEL_IDS):
            answer = await self._client.read(_path(external_id), deadline)
            if not answer.is_yes:
                raise REFUSALS.error_of(answer)
            return answer.body
        wanted = {"tracking_number": external_id, "sort_by": "created_at", "sort_dir": "desc"}
        answer = await self._client.read(f"/labels?{urlencode(wanted)}", deadline)
        if not answer.is_yes:
            raise REFUSALS.error_of(answer)
        for label in children(answer.body, "labels"):
            if text(label, "tracking_number") == external_id:
                return label
        raise RemoteRefused("ShipEngine knows no such label.", system=CARRIER, raw_code="not_found")


def _why_not_estimated(request: QuoteRequest) -> Decline | None:
    if _is_full(request):
        return None
    if not request.dropoff.postal_code or not request.pickup.postal_code:
        sentence = "Parcel carriers need at least the postal codes of both addresses."
        return Decline(CARRIER, DeclineReason.ADDRESS_PROBLEM, sentence)
    if len(request.parcels) > 1:
        sentence = "ShipEngine prices several parcels only between full addresses."
        return Decline(CARRIER, DeclineReason.ADDRESS_PROBLEM, sentence)
    return None


def _is_full(request: QuoteRequest) -> bool:
    return not shipments.lacks(request.pickup) and not shipments.lacks(request.dropoff)


def _path(label_id: str) -> str:
    return f"/labels/{quote(label_id, safe='')}"


def root_of(base_url: str) -> str:
    """What all paths begin with: host and version.

    Raises
    ------
    InvalidInput
        If the address is neither https nor on this machine.
    """
    url = checked_url(base_url.rstrip("/") or _HOST)
    parts = urlsplit(url)
    if _VERSION.search(parts.path):
        return url
    return f"{url}/{'v2' if parts.hostname in _NEWER_HOSTS else 'v1'}"


def keys_url_of(root: str) -> str:
    """Where the keys of the host are published."""
    host = _HOST if urlsplit(root).hostname in _NEWER_HOSTS else _VERSION.sub("", root)
    return f"{host}{_KEYS}"
