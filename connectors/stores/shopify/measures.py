"""Weights as Shopify writes them. Pure."""

from __future__ import annotations

from connectors.stores.shopify.payload import Field

_GRAMS = {"GRAMS": 1.0, "KILOGRAMS": 1000.0, "OUNCES": 28.349523125, "POUNDS": 453.59237}


def weight_g(weight: Field) -> int | None:
    """Grams; None for 0, which is what Shopify has where nobody entered a weight, and for unknown units."""
    if not weight:
        return None
    value = weight["value"].number()
    if value < 0:
        raise weight["value"].unreadable("is negative")
    grams = _GRAMS.get(weight["unit"].text_or_empty())
    return None if grams is None or value == 0 else max(1, round(value * grams))
