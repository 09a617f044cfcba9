"""DoorDash Drive: Dashers within the hour, or within a window."""

from connectors.couriers.doordash.connector import CREDENTIALS, connect
from connectors.couriers.doordash.limits import LIMITS
from connectors.couriers.doordash.webhook import DoorDashWebhooks
from connectors.couriers.doordash.wording import NAME, SYSTEM
from doorstep.delivery_status import DeliveryStatus
from doorstep.ports import CancelPolicy, CarrierPlugin, QuotePolicy
from doorstep.quote import DeliveryMode

CONNECTOR = CarrierPlugin(
    carrier=SYSTEM,
    name=NAME,
    mode=DeliveryMode.COURIER,
    credentials=CREDENTIALS,
    connect=connect,
    webhooks=DoorDashWebhooks(),
    webhook_secret_field="webhook_authorization",  # noqa: S106 - a field's name
    limits=LIMITS,
    # Every quote is a record of its own at DoorDash, and all calls of a key share 300 a minute.
    quoting=QuotePolicy(timeout_s=5.0, may_hedge=False, cached_s=900),
    # A fee may be due once a Dasher is assigned (seen in public integrations).
    cancelling=CancelPolicy(free_before=DeliveryStatus.COURIER_ASSIGNED),
)

__all__ = ["CONNECTOR"]
