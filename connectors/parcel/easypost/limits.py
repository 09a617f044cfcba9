"""What we book through EasyPost: one parcel, within one country."""

from __future__ import annotations

from connectors.parcel.easypost.client import SYSTEM
from doorstep.delivery import BookingRequest
from doorstep.order import HandoverRequirement
from doorstep.quote import Decline, DeclineReason, QuoteRequest

_CANNOT_DO = frozenset(
    {
        HandoverRequirement.COLD_CHAIN,
        HandoverRequirement.TWO_PERSON,
        HandoverRequirement.PIN,
        HandoverRequirement.PHOTO,
        HandoverRequirement.OTHER,
    }
)


def why_not(request: QuoteRequest | BookingRequest) -> Decline | None:
    """What keeps a parcel carrier from taking this, None where nothing does."""
    unmet = sorted(_CANNOT_DO & set(request.requirements))
    if unmet:
        return _no(DeclineReason.RULE, f"Parcel carriers do not offer {', '.join(unmet)}.")
    if not request.parcels:
        return _no(DeclineReason.OTHER, "There is no parcel to carry.")
    if len(request.parcels) > 1:
        # EasyPost's orders of several parcels leave out USPS, and cannot be bought in one step by rate id.
        return _no(DeclineReason.RULE, "EasyPost labels are bought for one parcel; this order has more.")
    countries = {request.pickup.country, request.dropoff.country}
    if "" in countries:
        return _no(DeclineReason.ADDRESS_PROBLEM, "EasyPost needs the country of both addresses.")
    if len(countries) > 1:
        return _no(
            DeclineReason.RULE, "Parcels across a border need customs papers, which are not made here."
        )
    return None


def _no(reason: DeclineReason, sentence: str) -> Decline:
    return Decline(SYSTEM, reason, sentence)
