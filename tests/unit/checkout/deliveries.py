"""A delivery in some state."""

from __future__ import annotations

from datetime import UTC, datetime

from doorstep.address import Address
from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStatus

THEN = datetime(2026, 11, 23, 15, tzinfo=UTC)


def delivery(status: DeliveryStatus) -> Delivery:
    return Delivery(
        id="del_1",
        merchant_id="mer_1",
        order_id="ord_1",
        fulfillment_order_id="ful_1",
        reference="#1001",
        status=status,
        origin_id="loc_1",
        destination=Address("US"),
        parcels=(),
        created_at=THEN,
        updated_at=THEN,
    )
