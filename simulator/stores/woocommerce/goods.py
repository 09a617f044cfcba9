"""What a simulated WooCommerce sells, and how REST shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any


@dataclass(frozen=True, slots=True)
class Product:
    """An article, or with a `parent_id` one variation of it. Weight and sides in the store's units.

    Attributes
    ----------
    stock
        Pieces on hand; None where the merchant does not count them.
    tags, categories
        Names; variations have none of their own.
    """

    id: int
    sku: str
    name: str
    price: str
    weight: str = ""
    sides: tuple[str, str, str] = ("", "", "")
    is_virtual: bool = False
    parent_id: int = 0
    is_downloadable: bool = False
    stock: int | None = None
    tags: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    shipping_class: str = ""


PRODUCTS = (
    Product(13, "BREAD-1", "Sourdough loaf", "6.50", "0.75", ("30", "14", "12")),
    Product(14, "FLOW-1", "Flower bouquet", "49.00", "1.2", ("50", "25", "25"), tags=("Fragile",)),
    Product(
        16,
        "FISH-1",
        "Frozen fish box",
        "35.00",
        "4",
        ("40", "30", "20"),
        stock=40,
        categories=("Fish & seafood",),
        shipping_class="frozen",
    ),
    Product(18, "GIFT-25", "Gift card (virtual)", "25.00", is_virtual=True),
    Product(19, "EBOOK", "Ebook (downloadable)", "9.99", is_virtual=True, is_downloadable=True),
    Product(21, "CAKE", "Cake", "30.00", stock=7, tags=("Keep refrigerated",), categories=("Cakes",)),
    Product(22, "CAKE-L", "Cake, large", "42.00", "2.5", ("32", "32", "15"), parent_id=21),
)


def shown_product(product: Product, products: Mapping[int, Product], home: str) -> dict[str, Any]:
    """A product or variation as REST v3 shows it, after WooCommerce's product controllers."""
    length, width, height = product.sides
    parent = products.get(product.parent_id)
    variations = [other.id for other in products.values() if other.parent_id == product.id]
    where = f"products/{parent.id}/variations" if parent else "products"
    kind = "variation" if parent else "variable" if variations else "simple"
    return {
        "id": product.id,
        "name": product.name,
        "slug": product.sku.lower(),
        "permalink": f"{home}/product/{product.sku.lower()}/",
        "type": kind,
        "status": "publish",
        "catalog_visibility": "visible",
        "description": "",
        "sku": product.sku,
        "global_unique_id": "",
        "price": product.price,
        "regular_price": product.price,
        "sale_price": "",
        "on_sale": False,
        "purchasable": True,
        "virtual": product.is_virtual,
        "downloadable": product.is_downloadable,
        "tax_status": "taxable",
        "tax_class": "",
        **_stock_fields(product, parent),
        "weight": product.weight,
        "dimensions": {"length": length, "width": width, "height": height},
        "shipping_required": not product.is_virtual,
        "shipping_class": product.shipping_class,
        "shipping_class_id": 0,
        "parent_id": product.parent_id,
        **({} if parent else _terms(product)),
        "images": [],
        "attributes": [],
        "variations": variations,
        "meta_data": [],
        "_links": {
            "self": [{"href": f"{home}/wp-json/wc/v3/{where}/{product.id}"}],
            "collection": [{"href": f"{home}/wp-json/wc/v3/{where}"}],
        },
    }


def _terms(product: Product) -> dict[str, Any]:
    """Tags and categories, which REST v3 shows of products alone; names are escaped as in HTML."""
    named = {"tags": product.tags, "categories": product.categories}
    return {
        kind: [
            {"id": number, "name": escape(name), "slug": name.lower().replace(" ", "-")}
            for number, name in enumerate(names, start=1)
        ]
        for kind, names in named.items()
    }


def _stock_fields(product: Product, parent: Product | None) -> dict[str, Any]:
    # A variation that is not counted by itself says "parent" where others say true or false.
    counted: bool | str = product.stock is not None
    stock = product.stock
    if parent is not None and stock is None and parent.stock is not None:
        counted, stock = "parent", parent.stock
    return {
        "manage_stock": counted,
        "stock_quantity": stock,
        "backorders": "no",
        "stock_status": "instock" if stock is None or stock > 0 else "outofstock",
    }
