"""Where a store ships from: WooCommerce knows one place, its own address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.stores.woocommerce.fields import plain
from connectors.stores.woocommerce.people import e164
from connectors.stores.woocommerce.store_api import StoreApi
from doorstep.address import Address
from doorstep.order import Location

# Places that keep one offset all year, for "UTC+5:30" in WordPress' settings.
_ODD_OFFSETS = {
    -9.5: "Pacific/Marquesas",
    3.5: "Asia/Tehran",
    4.5: "Asia/Kabul",
    5.5: "Asia/Kolkata",
    5.75: "Asia/Kathmandu",
    6.5: "Asia/Yangon",
    8.75: "Australia/Eucla",
    9.5: "Australia/Darwin",
}


async def locations(api: StoreApi) -> tuple[Location, ...]:
    """The store's base address, named as the site is."""
    rows = (await api.read("settings/general", {"_fields": "id,value"})).rows()
    values = {str(row.get("id")): _setting(row.get("value")) for row in rows}
    index = await api.site_index() or {}
    country, _, province = values.get("woocommerce_default_country", "").partition(":")
    # WooCommerce has no number of the shop's own: our plugin adds the field.
    phone_raw = values.get("doorstep_pickup_phone", "")
    address = Address(
        country=country,
        province=province,
        line1=values.get("woocommerce_store_address", ""),
        line2=values.get("woocommerce_store_address_2", ""),
        city=values.get("woocommerce_store_city", ""),
        postal_code=values.get("woocommerce_store_postcode", ""),
        phone=e164(phone_raw, country),
        phone_raw=phone_raw,
    )
    name = _setting(index.get("name")) or "Store"
    return (Location("", "", name, address, _time_zone(index), external_ids=("store",)),)


def _setting(value: object) -> str:
    return plain(value).strip() if isinstance(value, str) else ""


def _time_zone(index: Mapping[str, Any]) -> str:
    """An IANA name; WordPress also knows bare offsets, of which whole hours and a few others have one."""
    named = index.get("timezone_string")
    if isinstance(named, str) and named:
        return named
    try:
        hours = float(index.get("gmt_offset") or 0)
    except (TypeError, ValueError):
        return "UTC"
    if hours in _ODD_OFFSETS:
        return _ODD_OFFSETS[hours]
    # The sign of Etc zones is turned round: Etc/GMT+5 is five hours behind UTC.
    return f"Etc/GMT{-int(hours):+d}" if hours and hours.is_integer() and -12 <= hours <= 14 else "UTC"
