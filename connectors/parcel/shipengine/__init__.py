"""ShipEngine (renamed ShipStation API): labels and tracking of many parcel carriers behind one key."""

from connectors.parcel.shipengine.connector import CREDENTIALS, connect
from connectors.parcel.shipengine.limits import LIMITS
from connectors.parcel.shipengine.webhook import ShipEngineWebhooks
from doorstep.ports import CarrierPlugin, QuotePolicy
from doorstep.quote import DeliveryMode

# A rating waits for every carrier behind the key; 200 calls a minute are too few to send any of them twice.
_QUOTING = QuotePolicy(timeout_s=8.0, may_hedge=False)

CONNECTOR = CarrierPlugin(
    carrier="shipengine",
    name="ShipEngine",
    mode=DeliveryMode.PARCEL,
    credentials=CREDENTIALS,
    connect=connect,
    webhooks=ShipEngineWebhooks(),
    limits=LIMITS,
    quoting=_QUOTING,
    publishes_keys=True,
)

__all__ = ["CONNECTOR"]
