"""How a simulated WooCommerce store is set up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta, timezone, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Settings:
    """How the store is set up.

    Attributes
    ----------
    base_path
        Where it lives on its host, "/blog" or "".
    version
        "10.5" or "10.2" (HPOS), or "8.9" (legacy storage): they filter dates and count pages differently.
    time_zone
        An IANA name, or a bare offset in hours, "+5.5".
    price_decimals
        A setting of its own in WooCommerce, so that yen may come with decimals.
    tax_percent
        Added to goods, fees and shipping; 0 where the store does not tax.
    treat_as_https
        PHP's is_ssl() says yes although the simulator itself is reached through http.
    home_url
        The Site Address that signatures are checked against; "" for the one that was called.
    has_fulfillments
        The feature flag of native fulfillments, off by default in WooCommerce 10.5.
    has_shipment_tracking
        The plugin "Advanced Shipment Tracking" is active, with its routes under wc-ast/v3.
    pickup_phone
        A setting that our plugin adds, as its merchant typed it.
    """

    consumer_key: str
    consumer_secret: str
    base_path: str = ""
    version: str = "10.5"
    time_zone: str = "America/New_York"
    currency: str = "USD"
    price_decimals: int = 2
    tax_percent: Decimal = Decimal(0)
    weight_unit: str = "kg"
    dimension_unit: str = "cm"
    country: str = "US:NY"
    treat_as_https: bool = False
    home_url: str = ""
    has_fulfillments: bool = False
    has_shipment_tracking: bool = False
    pickup_phone: str = ""

    @property
    def is_hpos(self) -> bool:
        """Whether orders lie in tables of their own."""
        return self.version.startswith("10")

    @property
    def tells_of_restoring(self) -> bool:
        """Whether an order taken out of the trash fires order.restored: so on 8.9, 10.0 and 10.2."""
        major, _, minor = self.version.partition(".")
        return (int(major), int(minor)) < (10, 5)

    @property
    def zone(self) -> tzinfo:
        """The store's time zone."""
        if self.is_bare_offset:
            return timezone(timedelta(hours=float(self.time_zone)))
        return ZoneInfo(self.time_zone)

    @property
    def is_bare_offset(self) -> bool:
        """Whether the merchant chose "UTC+5:30" instead of a place."""
        return self.time_zone[:1] in "+-"
