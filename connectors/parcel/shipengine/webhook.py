"""ShipEngine's webhooks: tracking as it goes on, at least once, in any order."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs, urlsplit

from connectors.parcel.shipengine.mapping import read_tracking
from connectors.parcel.shipengine.signatures import key_set, verify_rsa
from doorstep.booking import CarrierUpdate
from doorstep.clock import Clock, SystemClock
from doorstep.errors import BadSignature, UnreadablePayload
from doorstep.json_reading import Json, child, text
from doorstep.secret import Secret

SECRET_HEADER = "x-doorstep-secret"  # noqa: S105 - the name of a header
"""The header that the merchant's webhook is registered with: `headers: [{"key", "value"}]`."""

_TRACKING = frozenset({"API_TRACK", "TRACK_EVENT_V2"})


class ShipEngineWebhooks:
    """Reads tracking events of both generations; other kinds are about nothing of ours.

    ShipEngine signs timestamp and body with an RSA key of its own, published as a JWKS at its host; whoever
    receives a message hands that JWKS over among the secrets (`ShipEngine.published_keys`), and without one
    nothing is believed. The keys are the same for all customers: the signature proves that ShipEngine sent a
    message, not that it is about this account. A merchant who wants that as well registers the webhook with a
    header of their own, `X-Doorstep-Secret`, and enters the same secret here: then both are asked for.

    Parameters
    ----------
    clock
        For the age of signatures, and for messages that carry no instant.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[Secret]) -> None:
        """Check the RSA signature, and the secret header where there is a secret for it.

        A secret that is a JSON object is taken for a JWKS and never for the header's: a JWKS is public.
        """
        key_sets = [keys for secret in secrets if (keys := key_set(secret.reveal())) is not None]
        shared = [secret for secret in secrets if secret and key_set(secret.reveal()) is None]
        if not key_sets:
            raise BadSignature("none of ShipEngine's published keys is at hand, so nothing can be verified")
        if shared:
            _verify_header(headers.get(SECRET_HEADER, ""), shared)
        verify_rsa(key_sets, headers, body, self._clock.now())

    def read(self, headers: Mapping[str, str], body: bytes) -> tuple[CarrierUpdate, ...]:  # noqa: ARG002 - the port's
        """Understand a verified message.

        Raises
        ------
        UnreadablePayload
            If it is no JSON object, or tracking that names no parcel.
        """
        event = _parsed(body)
        if event is None:
            raise UnreadablePayload("ShipEngine's message is no JSON object.")
        if text(event, "resource_type") not in _TRACKING:
            return ()
        tracking = child(event, "data")
        number = text(tracking, "tracking_number") or _number_in(text(event, "resource_url"))
        if not number:
            raise UnreadablePayload(
                "ShipEngine's tracking names no parcel.", path=("data", "tracking_number")
            )
        return (read_tracking(tracking, external_id=number, fallback_at=self._clock.now()),)


def _verify_header(given: str, shared: Sequence[Secret]) -> None:
    # Every secret is tried even after a match, so that the time does not tell which one it was.
    matches = [secret.matches(given) for secret in shared]
    if not any(matches):
        raise BadSignature(f"the header {SECRET_HEADER} is missing or holds another secret")


def _number_in(resource_url: str) -> str:
    """The address is read, never called: it came with the message."""
    try:
        asked_for = parse_qs(urlsplit(resource_url).query)
    except ValueError:
        return ""
    return asked_for.get("tracking_number", [""])[0]


def _parsed(body: bytes) -> Json | None:
    try:
        parsed: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None
