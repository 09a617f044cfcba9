"""Articles of a store as packing and stock see them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dimensions:
    """Sides of one piece as it is packed, millimetres.

    Raises
    ------
    ValueError
        If a side is not positive.
    """

    length_mm: int
    width_mm: int
    height_mm: int

    def __post_init__(self) -> None:
        if min(self.length_mm, self.width_mm, self.height_mm) <= 0:
            raise ValueError("length_mm, width_mm and height_mm must be positive")


@dataclass(frozen=True, slots=True)
class StockLevel:
    """How many pieces lie at one place.

    Attributes
    ----------
    location_external_id
        The store's id of the place; "" where the store has only one.
    available
        None where the store does not count: as many as anybody wants. Negative where it has sold more than
        it has.
    """

    location_external_id: str
    available: int | None


@dataclass(frozen=True, slots=True)
class Product:
    """One article that can be ordered: Shopify's variant, WooCommerce's product or variation.

    Attributes
    ----------
    id, store_id, merchant_id
        Ours; "" until it is kept.
    weight_g, dimensions
        Of one piece; None where the store does not say.
    stock
        () where the store does not say where it lies.
    tags, categories
        The store's own words for it: tags; categories, product type and shipping class. A category may be a
        whole path, "Food > Drinks > Beer".
    """

    external_id: str
    title: str
    sku: str = ""
    weight_g: int | None = None
    dimensions: Dimensions | None = None
    requires_shipping: bool = True
    stock: tuple[StockLevel, ...] = ()
    tags: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    id: str = ""
    store_id: str = ""
    merchant_id: str = ""

    def available_at(self, location_external_id: str) -> int | None:
        """Pieces at a place; None for as many as anybody wants."""
        levels = [level for level in self.stock if level.location_external_id == location_external_id]
        if not levels:
            return None if not self.stock else 0
        return levels[0].available
