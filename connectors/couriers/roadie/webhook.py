"""Roadie's webhooks (beta): Roadie shows their form to its customers only.

So this reads what they can hardly be without: a shipment, by itself or under `shipment` or `data`, and the
event that the message is about, if it names one. Nothing is known of a signature; a key that both sides know
comes as a header. It proves nothing about the body, so it belongs on https and nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from connectors.couriers.roadie import mapping
from connectors.couriers.roadie.client import NAME
from doorstep.booking import CarrierUpdate
from doorstep.clock import Clock, SystemClock
from doorstep.errors import BadSignature, UnreadablePayload
from doorstep.json_reading import Json, child, text
from doorstep.secret import Secret

_HEADERS = ("authorization", "x-webhook-secret")
_WRAPPERS = ("shipment", "data")


class RoadieWebhooks:
    """Reads messages about shipments.

    Parameters
    ----------
    clock
        Only for messages that carry no instant at all.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[Secret]) -> None:  # noqa: ARG002 - the port's
        """Check the key that the merchant agreed on with Roadie, in constant time."""
        given = [headers.get(name, "").removeprefix("Bearer ") for name in _HEADERS]
        # Every key is tried even after a match, so that the time does not tell which one it was.
        matches = [secret.matches(word) and bool(secret) for secret in secrets for word in given]
        if not any(matches):
            raise BadSignature("the webhook's header carries no key of ours")

    def read(self, headers: Mapping[str, str], body: bytes) -> tuple[CarrierUpdate, ...]:  # noqa: ARG002 - the port's
        """Understand a verified message.

        Raises
        ------
        UnreadablePayload
            If it is no JSON object, or names no shipment.
        """
        message = _parse(body)
        wrapped = next((name for name in _WRAPPERS if child(message, name)), "")
        shipment = child(message, wrapped) if wrapped else message
        if not mapping.number_of(shipment):
            raise UnreadablePayload(f"{NAME}'s message names no shipment.", path=("shipment", "id"))
        update = mapping.read_shipment(
            shipment,
            source_event_id=mapping.digest_of(message),
            now=self._clock.now(),
            event=_event_of(message),
        )
        return (update,)


def _event_of(message: Json) -> Json:
    """What the message is about: an object, or a name beside an instant; {} where it does not say."""
    name = text(message, "event")
    if name:
        return {**message, "name": name}
    return child(message, "event")


def _parse(body: bytes) -> Json:
    try:
        parsed: object = json.loads(body)
    except (ValueError, RecursionError):
        raise UnreadablePayload(f"{NAME}'s message is no JSON.") from None
    if not isinstance(parsed, dict):
        raise UnreadablePayload(f"{NAME}'s message is no JSON object.")
    return parsed
