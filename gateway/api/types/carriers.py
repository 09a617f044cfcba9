"""Carriers."""

from __future__ import annotations

from doorstep.quote import DeliveryMode
from gateway.api.context import Context
from gateway.api.marks import SHOPPER, shape
from gateway.api.records import CarrierCard


@shape(to=SHOPPER)
class Carrier:
    """A way to deliver."""

    code: str
    name: str
    mode: DeliveryMode

    @staticmethod
    def of(card: CarrierCard) -> Carrier:
        return Carrier(code=card.code, name=card.name, mode=card.mode)


async def load_carrier(context: Context, code: str) -> Carrier:
    """The carrier; one whose connector is gone is shown by its code."""
    card = await context.loaders.carrier.load(code)
    return Carrier.of(card or CarrierCard(code, code, DeliveryMode.OTHER))
