"""Stuart: couriers on demand and by appointment, in European cities."""

from connectors.couriers.stuart.connector import CARRIER, CREDENTIALS, connect
from connectors.couriers.stuart.sizes import LIMITS
from connectors.couriers.stuart.tour import MOST_STOPS
from connectors.couriers.stuart.webhook import StuartWebhooks
from doorstep.delivery_status import DeliveryStatus
from doorstep.ports import CancelPolicy, CarrierPlugin, QuotePolicy
from doorstep.quote import DeliveryMode

CONNECTOR = CarrierPlugin(
    carrier=CARRIER,
    name="Stuart",
    mode=DeliveryMode.COURIER,
    credentials=CREDENTIALS,
    connect=connect,
    webhooks=StuartWebhooks(),
    limits=LIMITS,
    most_stops=MOST_STOPS,
    # Ours: prices follow how busy couriers are, and asking for one costs nothing.
    quoting=QuotePolicy(timeout_s=5.0, may_hedge=True, cached_s=300),
    # Stuart's help centre, 2026: within two minutes of ordering, and later as long as nobody is assigned.
    cancelling=CancelPolicy(free_before=DeliveryStatus.COURIER_ASSIGNED, free_for_s=120),
)

__all__ = ["CONNECTOR"]
