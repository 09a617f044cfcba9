"""Roadie (beta): drivers who are going that way, in the United States."""

from connectors.couriers.roadie.connector import CARRIER, CREDENTIALS, connect
from connectors.couriers.roadie.limits import LIMITS
from connectors.couriers.roadie.webhook import RoadieWebhooks
from doorstep.delivery_status import DeliveryStatus
from doorstep.ports import CancelPolicy, CarrierPlugin, QuotePolicy
from doorstep.quote import DeliveryMode

CONNECTOR = CarrierPlugin(
    carrier=CARRIER,
    name="Roadie (beta)",
    mode=DeliveryMode.COURIER,
    credentials=CREDENTIALS,
    connect=connect,
    webhooks=RoadieWebhooks(),
    limits=LIMITS,
    # Every call counts against Roadie's ten a second, so none is doubled. How long a price is shown is ours.
    quoting=QuotePolicy(timeout_s=5.0, may_hedge=False, cached_s=600),
    # Roadie publishes no fee: what has a driver is taken to cost.
    cancelling=CancelPolicy(free_before=DeliveryStatus.COURIER_ASSIGNED),
)

__all__ = ["CONNECTOR"]
