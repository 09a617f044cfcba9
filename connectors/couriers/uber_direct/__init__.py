"""Uber Direct: couriers within the hour, or within a window."""

from connectors.couriers.uber_direct.connector import CARRIER, CREDENTIALS, connect
from connectors.couriers.uber_direct.webhook import UberDirectWebhooks
from doorstep.ports import CarrierPlugin
from doorstep.quote import DeliveryMode

CONNECTOR = CarrierPlugin(
    carrier=CARRIER,
    name="Uber Direct",
    mode=DeliveryMode.COURIER,
    credentials=CREDENTIALS,
    connect=connect,
    webhooks=UberDirectWebhooks(),
)

__all__ = ["CONNECTOR"]
