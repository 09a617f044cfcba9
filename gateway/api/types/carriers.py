"""Carriers."""

from __future__ import annotations

from doorstep.quote import DeliveryMode
from gateway.api.context import Context, Info
from gateway.api.marks import SHOPPER, resolved, shape
from gateway.api.ports.records import CarrierCard
from gateway.api.scores import load_scorecard
from gateway.api.types.scorecards import Scorecard, UnknownCarrierCode

MOST_CODES = 200


@shape(to=SHOPPER)
class Carrier:
    """A way to deliver."""

    code: str
    name: str
    mode: DeliveryMode

    @staticmethod
    def of(card: CarrierCard) -> Carrier:
        return Carrier(code=card.code, name=card.name, mode=card.mode)

    @resolved(to=(), points=5)
    async def scorecard(self, info: Info, days: int = 30) -> Scorecard | None:
        """How it did, all of the merchant's accounts with it together; null where there is none."""
        account_ids = await info.context.loaders.account_ids_of.load(self.code)
        return Scorecard.maybe(await load_scorecard(info.context, set(account_ids), days))

    @resolved(to=(), most=MOST_CODES, usual=3)
    async def unknown_codes(self, info: Info) -> list[UnknownCarrierCode]:
        """What it said that no table here knows."""
        known = await info.context.loaders.unknown_codes.load("")
        return [UnknownCarrierCode.of(one) for one in known if one.carrier == self.code][:MOST_CODES]


async def load_carrier(context: Context, code: str) -> Carrier:
    """The carrier; one whose connector is gone is shown by its code."""
    card = await context.loaders.carrier.load(code)
    return Carrier.of(card or CarrierCard(code, code, DeliveryMode.OTHER))
