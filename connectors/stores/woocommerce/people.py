"""Where an order goes and who takes it in: WooCommerce's billing and shipping blocks -> `Address`. Pure."""

from __future__ import annotations

import re

import phonenumbers

from connectors.stores.woocommerce.fields import Node
from doorstep.address import Address

# LocalPickupUtils of WooCommerce 10: the classic and the Blocks checkout; and the plugin Local Pickup Plus.
PICKUP_METHODS = frozenset({"local_pickup", "pickup_location", "local_pickup_plus"})

_WISH, _SAFE_PLACE = "_doorstep_instructions", "_doorstep_safe_place"

_COUNTRY = re.compile(r"[A-Z]{2}")


def destination_of(order: Node) -> Address | None:
    """The delivery address; None where the order has none.

    An order without a shipping address goes to the billing address only where WooCommerce itself means so:
    `WC_Order::needs_shipping_address()`, that is, it has a shipping method other than pickup. The shop then
    ships to billing addresses, or a plugin left the copy out.
    """
    shipping, billing = order["shipping"], order["billing"]
    if _is_given(shipping):
        return _address(order, shipping)
    if _is_given(billing) and any(method not in PICKUP_METHODS for method in shipping_methods(order)):
        return _address(order, billing)
    return None


def shipping_methods(order: Node) -> tuple[str, ...]:
    """Ids of the shipping methods that the shopper chose, "flat_rate"."""
    return tuple(line["method_id"].text() for line in order["shipping_lines"])


def company_of(order: Node) -> str:
    """The firm that buys: billing's, else the one that the goods go to; "" for a person."""
    blocks = [block for block in (order["billing"], order["shipping"]) if block.value is not None]
    return next((name for block in blocks if (name := block["company"].text())), "")


def _is_given(block: Node) -> bool:
    # WC_Order::has_shipping_address() looks at these two alone: a country is always there in some shops.
    return block.value is not None and bool(block["address_1"].text() or block["address_2"].text())


def _address(order: Node, block: Node) -> Address:
    country = _country(block)
    phone, phone_raw = _phone(order, block, country)
    return Address(
        country=country,
        name=f"{block['first_name'].text()} {block['last_name'].text()}".strip(),
        company=block["company"].text(),
        line1=_one_line(block["address_1"]),
        line2=_one_line(block["address_2"]),
        city=block["city"].text(),
        province=block["state"].text(),
        postal_code=block["postcode"].text(),
        phone=phone,
        phone_raw=phone_raw,
        email=order["billing"]["email"].text() if order["billing"].value is not None else "",
        instructions=_instructions(order),
    )


def _instructions(order: Node) -> str:
    """What the driver has to know: our plugin's two fields, and the note that any checkout has."""
    meta = {one["key"].value: one["value"] for one in order["meta_data"]}
    # Any plugin writes what it likes into meta: what is no text is not for us.
    said = [meta[name].lines() if _is_text(meta.get(name)) else "" for name in (_WISH, _SAFE_PLACE)]
    wish, safe_place = said
    # Before WooCommerce 8.9 the blocks have no place for our fields: shoppers have the note alone.
    lines = (wish, f"If nobody opens: {safe_place}" if safe_place else "", order["customer_note"].lines())
    return "\n".join(dict.fromkeys(line for line in lines if line))


def _is_text(value: Node | None) -> bool:
    return value is not None and isinstance(value.value, str)


def _country(block: Node) -> str:
    country = block["country"].text().upper()
    if country and not _COUNTRY.fullmatch(country):
        raise block["country"].unreadable("an ISO 3166-1 code of two letters was expected")
    return country


def _phone(order: Node, block: Node, country: str) -> tuple[str | None, str]:
    """E.164 and as written; most checkouts ask for the phone with billing and leave shipping's empty."""
    raw = block["phone"].text()
    billing = order["billing"]
    if not raw and billing.value is not None:
        raw, country = billing["phone"].text(), _country(billing) or country
    return e164(raw, country), raw


def e164(raw: str, country: str) -> str | None:
    """A number as carriers take it; None where it is none."""
    try:
        number = phonenumbers.parse(raw, country or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _one_line(field: Node) -> str:
    return ", ".join(line for line in field.lines().splitlines() if line)
