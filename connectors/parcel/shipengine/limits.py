"""What goes through ShipEngine at all; the carriers behind it differ and decide the rest."""

from __future__ import annotations

from connectors.parcel.shipengine.client import SYSTEM
from doorstep.booking import BookingRequest
from doorstep.goods import GoodsTrait, all_needs
from doorstep.limits import CarrierLimits
from doorstep.order import HandoverRequirement
from doorstep.quote import Decline, DeclineReason, QuoteRequest

LIMITS = CarrierLimits(
    # Dangerous goods need their UN number and packing group, which nobody here knows.
    refused=frozenset({GoodsTrait.HAZARDOUS}),
    handovers=frozenset(
        {
            HandoverRequirement.SIGNATURE,
            HandoverRequirement.ADULT_SIGNATURE,
            HandoverRequirement.ID_CHECK,
            HandoverRequirement.PIN,
            HandoverRequirement.PHONE_NUMBER,
            HandoverRequirement.NO_SAFE_PLACE,
        }
    ),
)
"""No weight and no sides: from the post to pallets, every carrier behind a key has its own."""


def why_not(request: QuoteRequest | BookingRequest) -> Decline | None:
    """What keeps us from asking for a label, None where nothing does."""
    unmet = sorted(set(all_needs(request.goods, request.requirements)) - LIMITS.handovers)
    if unmet:
        return _no(DeclineReason.HANDOVER, f"Parcel carriers do not offer {', '.join(unmet)}.")
    refused = sorted(request.goods.traits & LIMITS.refused)
    if refused:
        sentence = f"Labels for {', '.join(refused)} goods need papers that are not made here."
        return _no(DeclineReason.PROHIBITED_GOODS, sentence)
    if not request.parcels:
        return _no(DeclineReason.OTHER, "There is no parcel to carry.")
    countries = {request.pickup.country, request.dropoff.country}
    if "" in countries:
        return _no(DeclineReason.ADDRESS_PROBLEM, "ShipEngine needs the country of both addresses.")
    if len(countries) > 1:
        return _no(
            DeclineReason.RULE, "Parcels across a border need customs papers, which are not made here."
        )
    return None


def _no(reason: DeclineReason, sentence: str) -> Decline:
    return Decline(SYSTEM, reason, sentence)
