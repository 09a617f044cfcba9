"""EasyPost: labels and tracking of many parcel carriers behind one key."""

from connectors.parcel.easypost.connector import CREDENTIALS, connect
from connectors.parcel.easypost.limits import LIMITS
from connectors.parcel.easypost.webhook import EasyPostWebhooks
from doorstep.ports import CarrierPlugin
from doorstep.quote import DeliveryMode

CONNECTOR = CarrierPlugin(
    carrier="easypost",
    name="EasyPost",
    mode=DeliveryMode.PARCEL,
    credentials=CREDENTIALS,
    connect=connect,
    webhooks=EasyPostWebhooks(),
    limits=LIMITS,
)

__all__ = ["CONNECTOR"]
