"""Stuart: couriers on demand and by appointment, in European cities."""

from connectors.couriers.stuart.connector import CARRIER, CREDENTIALS, connect
from connectors.couriers.stuart.sizes import LIMITS
from connectors.couriers.stuart.webhook import StuartWebhooks
from doorstep.ports import CarrierPlugin, QuotePolicy
from doorstep.quote import DeliveryMode

CONNECTOR = CarrierPlugin(
    carrier=CARRIER,
    name="Stuart",
    mode=DeliveryMode.COURIER,
    credentials=CREDENTIALS,
    connect=connect,
    webhooks=StuartWebhooks(),
    limits=LIMITS,
    # Ours: prices follow how busy couriers are, and asking for one costs nothing.
    quoting=QuotePolicy(timeout_s=5.0, may_hedge=True, cached_s=300),
)

__all__ = ["CONNECTOR"]
