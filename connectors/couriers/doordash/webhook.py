"""DoorDash Drive's webhooks: known by an Authorization header that the merchant chose, in any order.

DoorDash signs no body: whoever knows the header's value can say anything, so it travels over https only and
is as long as a password should be.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from connectors.couriers.doordash.reading import read_update
from connectors.couriers.doordash.statuses import ABOUT_A_ROUTE
from doorstep.booking import CarrierUpdate
from doorstep.clock import Clock, SystemClock
from doorstep.errors import BadSignature, UnreadablePayload
from doorstep.json_reading import Json, instant, text
from doorstep.secret import Secret


class DoorDashWebhooks:
    """Reads every event that says where a delivery stands.

    Parameters
    ----------
    clock
        Only for messages that carry no instant at all.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[Secret]) -> None:  # noqa: ARG002 - nobody signs the body
        """Compare the Authorization header with every value in rotation, in constant time."""
        given = headers.get("authorization", "")
        # Every value is tried even after a match, so that the time does not tell which one it was; an unset
        # one opens nothing.
        matches = [secret.matches(given) and bool(secret) for secret in secrets]
        if not any(matches):
            raise BadSignature("the Authorization header is not the one that was configured")

    def read(self, headers: Mapping[str, str], body: bytes) -> tuple[CarrierUpdate, ...]:  # noqa: ARG002 - the port's
        """Understand a message that was let in.

        Raises
        ------
        UnreadablePayload
            If it is no JSON object, or names no event or no delivery.
        """
        message = _parse(body)
        # Live messages say event_name, the published description event_type.
        event = text(message, "event_name") or text(message, "event_type")
        if not event:
            raise UnreadablePayload("DoorDash's message names no event.", path=("event_name",))
        external_id = text(message, "external_delivery_id")
        if not external_id:
            raise UnreadablePayload("DoorDash's message names no delivery.", path=("external_delivery_id",))
        if event in ABOUT_A_ROUTE:
            return ()
        update = read_update(
            message,
            external_id,
            event,
            source_event_id=_event_id(message, external_id, event, body),
            occurred_at=instant(message, "created_at") or instant(message, "updated_at") or self._clock.now(),
        )
        return (update,)


def _event_id(message: Json, external_id: str, event: str, body: bytes) -> str:
    """DoorDash numbers no events; a repeat has the same delivery, event and instant."""
    created_at = text(message, "created_at")
    if created_at:
        return f"{external_id}:{event}:{created_at}"
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def _parse(body: bytes) -> Json:
    try:
        parsed: object = json.loads(body)
    except (ValueError, RecursionError):
        raise UnreadablePayload("DoorDash's message is no JSON.") from None
    if not isinstance(parsed, dict):
        raise UnreadablePayload("DoorDash's message is no JSON object.")
    return parsed
