"""Uber Direct: couriers within the hour, or within a window."""

from connectors.couriers.uber_direct.connector import CARRIER, CREDENTIALS, connect
from connectors.couriers.uber_direct.limits import LIMITS
from connectors.couriers.uber_direct.webhook import UberDirectWebhooks
from doorstep.delivery_status import DeliveryStatus
from doorstep.ports import CancelPolicy, CarrierPlugin
from doorstep.quote import DeliveryMode

CONNECTOR = CarrierPlugin(
    carrier=CARRIER,
    name="Uber Direct",
    mode=DeliveryMode.COURIER,
    credentials=CREDENTIALS,
    connect=connect,
    webhooks=UberDirectWebhooks(),
    limits=LIMITS,
    # Uber takes cancellations until the pickup and publishes no fee: what has a courier is taken to cost.
    cancelling=CancelPolicy(free_before=DeliveryStatus.COURIER_ASSIGNED),
)

__all__ = ["CONNECTOR"]
