"""ShipEngine's rates as offers, and what its carriers could not do as declines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from connectors.parcel.shipengine.charges import RATE_PARTS, total_of
from connectors.parcel.shipengine.client import SYSTEM
from connectors.parcel.shipengine.promises import promise_of, transit_of
from connectors.parcel.shipengine.refusals import decline_of
from connectors.parcel.shipengine.shipments import OWN_BOX, made_for
from doorstep.json_reading import Json, child, children, text
from doorstep.money import Money
from doorstep.quote import (
    CarrierAnswer,
    CarrierQuote,
    Decline,
    DeclineReason,
    DeliveryMode,
    PriceBasis,
    QuoteRequest,
    VehicleKind,
)

LIFETIME = timedelta(hours=24)
"""Ours: ShipEngine publishes no lifetime of rates; older ones are asked for again."""

# Flat-rate boxes, envelopes and the like are the carriers' own; goods are packed in boxes of ours.
_CARRIERS_PACKAGING = re.compile(r"flat_rate|envelope|letter|box|pak|tube|card")

_RESOLD = "usps"


@dataclass(frozen=True, slots=True)
class PricedRate:
    """A rate that can be read, of a parcel in a box of ours."""

    rate: Json
    price: Money

    @property
    def service(self) -> str:
        """ "ups.ups_ground": our code of the service, the same for every account with that carrier."""
        return service_of(self.rate)

    @property
    def package_code(self) -> str:
        """What the box is called in a label."""
        return text(self.rate, "package_type") or OWN_BOX


def service_of(rate: Json) -> str:
    """The carrier's code and the service's, "" where one is missing."""
    carrier, service = text(rate, "carrier_code"), text(rate, "service_code")
    return f"{carrier}.{service}" if carrier and service else ""


def read_rates(body: Json, request: QuoteRequest, unfit: Mapping[str, str]) -> CarrierAnswer:
    """The answer to POST /rates; partial failures arrive with 200, beside the rates of the others.

    Parameters
    ----------
    unfit
        Services that cannot be had for these goods -> why, as the end of a sentence.
    """
    response = child(body, "rate_response")
    return _read(children(response, "rates"), _failures(response), request, unfit, PriceBasis.LIVE)


def read_estimates(rates: object, request: QuoteRequest, unfit: Mapping[str, str]) -> CarrierAnswer:
    """The answer to POST /rates/estimate: a plain list of rates that have no ids."""
    listed = children({"rates": rates}, "rates")
    return _read(listed, [], request, unfit, PriceBasis.ESTIMATE)


def cheapest(rates: Iterable[Json]) -> dict[str, PricedRate]:
    """One rate for each service: in our own box where there is one, and of those the cheapest.

    A service comes once for each kind of packaging, and once for each account with its carrier.
    """
    best: dict[str, PricedRate] = {}
    for rate in rates:
        price, service = total_of(rate, RATE_PARTS), service_of(rate)
        if price is None or not service or is_invalid(rate):
            continue
        if _CARRIERS_PACKAGING.search(text(rate, "package_type")):
            continue
        found = PricedRate(rate, price)
        known = best.get(service)
        if known is None or _order(found) < _order(known):
            best[service] = found
    return best


def is_invalid(rate: Json) -> bool:
    """Whether the carrier gave the rate and says in the same breath that it cannot be had."""
    return text(rate, "validation_status") == "invalid" or bool(rate.get("error_messages"))


def title_of(rate: Json) -> str:
    """ "UPS", "UPS® Ground" -> "UPS Ground": the carrier's name once, without signs.

    The name of one who sells the post's labels ("Stamps.com") is left out where the service has the post's.
    """
    carrier = text(rate, "carrier_friendly_name") or text(rate, "carrier_code")
    service = re.sub("[®™℠]", "", text(rate, "service_type") or text(rate, "service_code")).strip()
    has_name = service.casefold().startswith((carrier.casefold(), _RESOLD))
    return service if has_name else f"{carrier} {service}"


def _read(
    rates: Iterable[Json],
    failures: Iterable[Decline],
    request: QuoteRequest,
    unfit: Mapping[str, str],
    basis: PriceBasis,
) -> CarrierAnswer:
    quotes: list[CarrierQuote] = []
    declined = list(failures)
    listed = list(rates)
    declined += [decline_of(rate) for rate in listed if is_invalid(rate)]
    for found in cheapest(listed).values():
        name = title_of(found.rate)
        if found.price.currency != request.value.currency:
            sentence = f"{name} is charged in {found.price.currency}, not in {request.value.currency}."
            declined.append(Decline(SYSTEM, DeclineReason.RULE, sentence))
        elif found.service in unfit:
            declined.append(Decline(SYSTEM, DeclineReason.RULE, f"{name} {unfit[found.service]}."))
        else:
            quotes.append(_offer(found, request, basis))
    return CarrierAnswer(tuple(quotes), tuple(dict.fromkeys(declined)))


def _failures(response: Json) -> list[Decline]:
    return [decline_of(entry) for name in ("errors", "invalid_rates") for entry in children(response, name)]


def _offer(found: PricedRate, request: QuoteRequest, basis: PriceBasis) -> CarrierQuote:
    rate = found.rate
    expires_at = request.asked_at + LIFETIME
    data = {
        "carrier_id": text(rate, "carrier_id"),
        "service_code": text(rate, "service_code"),
        "package_code": found.package_code,
        "price": found.price.amount,
        "currency": found.price.currency,
        "expires_at": expires_at.isoformat(),
    }
    if basis is PriceBasis.LIVE:
        # Without it, booking asks for the price again.
        data["made_for"] = made_for(request)
    return CarrierQuote(
        carrier=SYSTEM,
        service=found.service,
        title=title_of(rate),
        mode=DeliveryMode.PARCEL,
        vehicle=VehicleKind.VAN,
        price=found.price,
        price_basis=basis,
        promise=promise_of(rate, request),
        expires_at=expires_at,
        booking_data=data,
        transit=transit_of(rate),
    )


def _order(found: PricedRate) -> tuple[bool, str, int]:
    is_ours = found.package_code == OWN_BOX
    return not is_ours, found.price.currency, found.price.minor
