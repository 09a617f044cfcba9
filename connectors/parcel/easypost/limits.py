"""What we book through EasyPost: one parcel, within one country."""

from __future__ import annotations

from connectors.parcel.easypost.client import SYSTEM
from doorstep.booking import BookingRequest
from doorstep.goods import GoodsTrait, all_needs
from doorstep.limits import CarrierLimits
from doorstep.order import HandoverRequirement
from doorstep.quote import Decline, DeclineReason, QuoteRequest

LIMITS = CarrierLimits(
    # EasyPost's orders of several parcels leave out USPS, and cannot be bought in one step by rate id.
    parcels=1,
    # Dangerous goods need their class and papers, which nobody here knows.
    refused=frozenset({GoodsTrait.HAZARDOUS}),
    # What `delivery_confirmation` of EasyPost's API v2 can ask of all carriers alike.
    handovers=frozenset(
        {
            HandoverRequirement.SIGNATURE,
            HandoverRequirement.ADULT_SIGNATURE,
            HandoverRequirement.ID_CHECK,
            HandoverRequirement.PHONE_NUMBER,
            HandoverRequirement.NO_SAFE_PLACE,
        }
    ),
)
"""No weight and no sides: every carrier behind a key has its own."""


def why_not(request: QuoteRequest | BookingRequest) -> Decline | None:
    """What keeps a parcel carrier from taking this, None where nothing does."""
    return _about_goods(request) or _about_parcels(request) or _about_countries(request)


def _about_goods(request: QuoteRequest | BookingRequest) -> Decline | None:
    unmet = sorted(set(all_needs(request.goods, request.requirements)) - LIMITS.handovers)
    if unmet:
        return _no(DeclineReason.HANDOVER, f"Parcel carriers do not offer {', '.join(unmet)}.")
    refused = sorted(request.goods.traits & LIMITS.refused)
    if refused:
        sentence = f"Labels for {', '.join(refused)} goods need papers that are not made here."
        return _no(DeclineReason.PROHIBITED_GOODS, sentence)
    return None


def _about_parcels(request: QuoteRequest | BookingRequest) -> Decline | None:
    if not request.parcels:
        return _no(DeclineReason.OTHER, "There is no parcel to carry.")
    if len(request.parcels) > 1:
        return _no(DeclineReason.RULE, "EasyPost labels are bought for one parcel; this order has more.")
    return None


def _about_countries(request: QuoteRequest | BookingRequest) -> Decline | None:
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
