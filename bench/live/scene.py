"""Deliveries that are under way, and the question that every subscriber asks about one."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from doorstep.address import Address
from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStatus
from doorstep.eta import Eta, EtaBasis
from doorstep.geo import LatLng
from doorstep.ids import new_id
from doorstep.position import Position
from doorstep.window import Window

MERCHANT_ID = "mer_01jxt21q01e008000000000000"
DRIVER_ID = "drv_01jxt21q01e008000000000000"
SECRET = "a-secret-of-a-house-that-stands-nowhere-at-all"  # noqa: S105 - it opens nothing

QUERY = """subscription Track { trackingUpdated { cursor kind sentAt tracking { id status stage headline
  eta { at } position { location { latitude longitude } recordedAt ageSeconds headingDegrees
  speedMetersPerSecond accuracyMeters } positionHidden } } }"""

STAMP = b'"speedMetersPerSecond":'
"""What follows is the clock of the machine when the message was published: the time a message took is read
off the message itself, whoever sent it."""


def delivery(number: int) -> Delivery:
    """One of the deliveries, next on a driver's tour."""
    now = datetime.now(UTC)
    soon = now + timedelta(minutes=20)
    window = Window(now, now + timedelta(hours=1))
    return Delivery(
        id=new_id("del"),
        merchant_id=MERCHANT_ID,
        order_id=new_id("ord"),
        fulfillment_order_id=new_id("ful"),
        reference=f"1001-{number}",
        status=DeliveryStatus.OUT_FOR_DELIVERY,
        origin_id=new_id("loc"),
        destination=Address(country="ES", location=LatLng(40.416775, -3.70379)),
        parcels=(),
        created_at=now,
        updated_at=now,
        eta=Eta(soon, window, 0.9, EtaBasis.ROAD, now, stops_before=0),
        driver_id=DRIVER_ID,
    )


def here() -> Position:
    """Where the van is, with the time in it."""
    return Position(LatLng(40.41, -3.7), datetime.now(UTC), time.monotonic(), 90.0, 8.0)
