"""The simulated shop's checkout as far as delivery goes: it asks its carrier services for rates.

One call for each place that a part of the cart leaves from; the answers are added up by their codes. Answers
are kept for fifteen minutes and failures for half a minute, a call has ten seconds at most and fewer when
many are made, and no call is repeated (Shopify's description of DeliveryCarrierService, Admin API 2026-10).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import aiohttp

from doorstep.address import Address
from doorstep.money import Money
from simulator.stores.shopify.carrier_services import CarrierServiceRecord
from simulator.stores.shopify.records import CartLine

if TYPE_CHECKING:
    from simulator.stores.shopify.shop import FakeShopify

KEPT_FOR, FAILED_FOR = timedelta(minutes=15), timedelta(seconds=30)
_MINUTE = timedelta(minutes=1)
_TIMEOUTS_MS = ((3_000, 3_000), (1_500, 5_000), (0, 10_000))
"""Calls a minute from which a call has so many milliseconds."""


@dataclass(frozen=True, slots=True)
class RateCall:
    """A call as it left, and the status that came back; 0 where nothing did."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    status: int


@dataclass(frozen=True, slots=True)
class ShownRate:
    """A rate that the shopper may pick."""

    code: str
    name: str
    description: str
    price: Money


@dataclass(frozen=True, slots=True)
class Offered:
    """What the checkout shows; `is_backup` where a call failed and the merchant's own rates are shown."""

    rates: tuple[ShownRate, ...]
    is_backup: bool = False


@dataclass
class Checkout:
    """Asks for rates.

    Attributes
    ----------
    calls
        All that were made, the last one last.
    """

    shop: FakeShopify
    calls: list[RateCall] = field(default_factory=list)
    _kept: dict[bytes, tuple[datetime, list[dict[str, Any]] | None]] = field(default_factory=dict)
    _recent: deque[datetime] = field(default_factory=deque)

    async def rates(self, address: Address, lines: Sequence[CartLine], locale: str = "en") -> Offered:
        """What a shopper with this cart and address is shown."""
        carried = [line for line in lines if line.requires_shipping and not line.is_gift_card]
        answers: list[list[dict[str, Any]]] = []
        active = [record for record in self.shop.carrier_services.records if record.is_active]
        for record in active if carried else ():
            for location in sorted({line.location for line in carried}):
                theirs = [line for line in carried if line.location == location]
                answer = await self._ask(record, self._body(address, theirs, location, locale))
                if answer is None:
                    return Offered((), is_backup=True)
                answers.append(answer)
        return Offered(tuple(self._summed(answers)))

    def _summed(self, answers: Sequence[Sequence[Mapping[str, Any]]]) -> list[ShownRate]:
        """What every place offers, by its code."""
        by_code = [{str(rate["service_code"]): rate for rate in answer} for answer in answers]
        shared = [code for code in by_code[0] if all(code in one for one in by_code)] if by_code else []
        return [
            ShownRate(
                code,
                str(by_code[0][code]["service_name"]),
                str(by_code[0][code]["description"]),
                _in_units(sum(int(one[code]["total_price"]) for one in by_code), self.shop.currency),
            )
            for code in shared
        ]

    async def _ask(self, record: CarrierServiceRecord, body: bytes) -> list[dict[str, Any]] | None:
        """The rates; None where the service failed."""
        now, key = self.shop.clock.now(), f"{record.number} ".encode() + body
        until, kept = self._kept.get(key, (now, None))
        if now < until:
            return kept
        found = await self._call(record.callback_url, body, self._timeout_ms(now))
        self._kept[key] = (now + (FAILED_FOR if found is None else KEPT_FOR), found)
        return found

    async def _call(self, url: str, body: bytes, timeout_ms: int) -> list[dict[str, Any]] | None:
        signed = hmac.new(self.shop.mailroom.client_secret.encode(), body, hashlib.sha256).digest()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Ruby",
            "X-Shopify-Shop-Domain": self.shop.domain,
            "X-Shopify-Hmac-Sha256": base64.b64encode(signed).decode(),
            "X-Shopify-Timeout": str(timeout_ms),
        }
        status, found = 0, None
        timeout = aiohttp.ClientTimeout(total=timeout_ms / 1000)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(url, data=body, headers=headers, allow_redirects=False) as response,
            ):
                status = response.status
                found = (await response.json())["rates"] if 200 <= status < 300 else None
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError):
            found = None
        self.calls.append(RateCall(url, body, headers, status))
        return found

    def _timeout_ms(self, now: datetime) -> int:
        self._recent.append(now)
        while self._recent[0] <= now - _MINUTE:
            self._recent.popleft()
        return next(given for calls, given in _TIMEOUTS_MS if len(self._recent) > calls)

    def _body(self, address: Address, lines: Sequence[CartLine], location: int, locale: str) -> bytes:
        subtotal = sum(_subunits(line.unit_price) * line.quantity for line in lines)
        totals = {"subtotal_price": str(subtotal), "total_price": str(subtotal), "discount_amount": "0"}
        rate = {
            "origin": _place(self.shop.places[location].address, company=self.shop.places[location].name),
            "destination": _place(address),
            "items": [self._item(line) for line in lines],
            "currency": self.shop.currency,
            "locale": locale,
            "order_totals": totals,
        }
        return json.dumps({"rate": rate}, separators=(",", ":")).encode()

    def _item(self, line: CartLine) -> dict[str, object]:
        number = self.shop.stock.know(line).number
        return {
            "name": line.title,
            "sku": line.sku,
            "quantity": line.quantity,
            "grams": line.weight_g,
            "price": _subunits(line.unit_price),
            "vendor": self.shop.domain.partition(".")[0],
            "requires_shipping": line.requires_shipping,
            "taxable": True,
            "fulfillment_service": "manual",
            "properties": dict(line.properties) or None,
            "product_id": number,
            "variant_id": number,
        }


def _place(address: Address, company: str | None = None) -> dict[str, object]:
    """Names, streets and numbers as far as Shopify sends them to services of apps; the rest is null."""
    unknown = dict.fromkeys(("address3", "phone", "fax", "email", "address_type"))
    return unknown | {
        "country": address.country,
        "postal_code": address.postal_code,
        "province": address.province or None,
        "city": address.city,
        "name": address.name or None,
        "address1": address.line1,
        "address2": address.line2 or None,
        "company_name": company,
    }


def _subunits(price: Money) -> int:
    """Hundredths of the major unit, whatever the currency has."""
    return int(Decimal(price.amount) * 100)


def _in_units(subunits: int, currency: str) -> Money:
    return Money.parse_rounding(f"{Decimal(subunits) / 100:.2f}", currency)
