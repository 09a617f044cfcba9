"""Stuart's webhooks: about a job, a delivery or a driver, in camelCase, and with a header that we chose.

Nothing signs the body: whoever knows the key can say anything, so it belongs on https and nowhere else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from connectors.couriers.stuart import mapping
from connectors.couriers.stuart.client import NAME
from connectors.couriers.stuart.deliveries import is_left_behind, told_by
from connectors.couriers.stuart.statuses import DELIVERY_STATUSES
from doorstep.booking import CarrierUpdate
from doorstep.clock import Clock, SystemClock
from doorstep.errors import BadSignature, UnreadablePayload
from doorstep.json_reading import Json, child, text
from doorstep.secret import Secret

_HEADERS = ("authorization", "x-webhook-secret")
_CAPITAL = re.compile(r"(?<=[a-z0-9])([A-Z])")


class StuartWebhooks:
    """Reads messages about jobs, deliveries and drivers; others are about nothing of ours.

    Stuart's messages have neither an id nor an instant: a digest is their id, and they happened when they
    came. Two equal messages count as one, even where a courier was lost and found again in between.

    Parameters
    ----------
    clock
        When they came.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[Secret]) -> None:  # noqa: ARG002 - the port's
        """Check the key that the merchant gave to Stuart, in constant time."""
        given = next((headers[name] for name in _HEADERS if headers.get(name)), "").removeprefix("Bearer ")
        # Every key is tried even after a match, so that the time does not tell which one it was.
        matches = [bool(secret) and secret.matches(given) for secret in secrets]
        if not any(matches):
            raise BadSignature("the webhook's header carries no key of ours")

    def read(self, headers: Mapping[str, str], body: bytes) -> tuple[CarrierUpdate, ...]:  # noqa: ARG002 - the port's
        """Understand a verified message; one about a job speaks of every delivery that it tells something of.

        Raises
        ------
        UnreadablePayload
            If it is no JSON object, or speaks of a delivery without our reference.
        """
        message = _parse(body)
        job = _job_of(message)
        if job is None:
            return ()
        views = [view for view in told_by(job) if mapping.reference_of(view)]
        if not views:
            raise UnreadablePayload(f"{NAME}'s message names no delivery.", path=("data", "clientReference"))
        digest, now = mapping.digest_of(message), self._clock.now()
        return tuple(
            mapping.read_job(view, source_event_id=_event_id(digest, view, len(views)), now=now)
            for view in views
            if not is_left_behind(view) and not is_left_behind(mapping.booking_of(view))
        )


def _event_id(digest: str, view: Json, views: int) -> str:
    """One message about several deliveries is an event of each."""
    return f"{digest}:{mapping.reference_of(view)}" if views > 1 else digest


def _job_of(message: Json) -> Json | None:
    """What the message says, as a job with its deliveries; None where it is about neither."""
    event, data = text(message, "event"), child(message, "data")
    if event == "job":
        return data
    if event == "driver":
        job = child(data, "job")
        delivery = mapping.booking_of(job)
        # A driver between two jobs is nobody's.
        return {**job, "current_delivery": {**delivery, "driver": data}} if delivery else None
    if event == "delivery" or event in DELIVERY_STATUSES:
        status = text(data, "status") or event
        return {"status": "", "current_delivery": {**data, "status": status}}
    return None


def _parse(body: bytes) -> Json:
    try:
        parsed: object = json.loads(body)
    except ValueError:
        raise UnreadablePayload(f"{NAME}'s message is no JSON.") from None
    if not isinstance(parsed, dict):
        raise UnreadablePayload(f"{NAME}'s message is no JSON object.")
    underscored = _underscored(parsed)
    return underscored if isinstance(underscored, dict) else {}


def _underscored(value: object) -> object:
    """The same with the names that Stuart's API has: `currentDelivery` is `current_delivery`."""
    if isinstance(value, dict):
        return {_CAPITAL.sub(r"_\1", name).lower(): _underscored(part) for name, part in value.items()}
    return [_underscored(part) for part in value] if isinstance(value, list) else value
