"""Articles with their weight and where they lie, Admin API 2026-10.

What Shopify calls a variant is what is packed. It knows no lengths and widths of one, so `dimensions` are
never known from here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import batched

from connectors.stores.shopify.answers import SYSTEM, read_page
from connectors.stores.shopify.client import ShopifyClient
from connectors.stores.shopify.documents import MORE_STOCK, PRODUCT_BY_ID, PRODUCTS_FOUND, Document
from connectors.stores.shopify.lookup import by_numbers
from connectors.stores.shopify.measures import weight_g
from connectors.stores.shopify.payload import Field
from doorstep.errors import AccountProblem, UnreadablePayload
from doorstep.product import Product, StockLevel

_VARIANT_GID = "gid://shopify/ProductVariant/"
_PAGE = 100
_BY_SKU = 50
_FEW = 3


async def find_products(client: ShopifyClient, external_ids: Sequence[str]) -> tuple[Product, ...]:
    """The variants of these gids; those that Shopify does not have, or tells in disorder, are left out.

    Raises
    ------
    AccountProblem
        If the app may not see articles or stock.
    """
    wanted = list(dict.fromkeys(gid for gid in external_ids if _is_variant(gid)))
    found: dict[str, Product] = {}
    if len(wanted) > _FEW:
        for start in range(0, len(wanted), _PAGE):
            batch = wanted[start : start + _PAGE]
            variables = {"first": len(batch), "query": by_numbers(batch)}
            data = await _ask(client, PRODUCTS_FOUND, variables)
            nodes, _ = read_page(data["productVariants"])
            for node in nodes:
                product = await _product_or_none(client, node)
                if product is not None:
                    found[product.external_id] = product
    for gid in wanted:
        if gid not in found:
            # A search does not find what was made a moment ago.
            variant = (await _ask(client, PRODUCT_BY_ID, {"id": gid}))["productVariant"]
            product = await _product_or_none(client, variant) if variant else None
            if product is not None:
                found[gid] = product
    return tuple(found[gid] for gid in wanted if gid in found)


async def find_by_sku(client: ShopifyClient, skus: Sequence[str]) -> tuple[Product, ...]:
    """The variants with exactly these SKUs; what a search does not find yet is left out.

    Raises
    ------
    AccountProblem
        If the app may not see articles or stock.
    """
    # Quotes and backslashes cannot be told from Shopify's search syntax with certainty.
    wanted = [sku for sku in dict.fromkeys(skus) if sku and not set(sku) & set("\"\\'")]
    found: dict[str, Product] = {}
    for batch in batched(wanted, _BY_SKU):
        query = " OR ".join(f'sku:"{sku}"' for sku in batch)
        # A SKU may stand for several variants.
        data = await _ask(client, PRODUCTS_FOUND, {"first": 2 * len(batch), "query": query})
        nodes, _ = read_page(data["productVariants"])
        for node in nodes:
            product = await _product_or_none(client, node)
            if product is not None and product.sku in batch:
                found[product.external_id] = product
    return tuple(found.values())


async def _ask(client: ShopifyClient, document: Document, variables: Mapping[str, object]) -> Field:
    """The answer's data; what is denied leaves a hole where the article was, which is no absence."""
    answer = await client.send(document, variables)
    if answer.denied:
        text = "Shopify denies the app the shop's stock; an access scope is missing, perhaps read_inventory"
        raise AccountProblem(text, system=SYSTEM, raw_code="ACCESS_DENIED")
    return Field(answer.data)


async def _product_or_none(client: ShopifyClient, variant: Field) -> Product | None:
    """The article; None where it is in disorder, which must not cost the others theirs."""
    try:
        return await _product(client, variant)
    except UnreadablePayload:
        return None


async def _product(client: ShopifyClient, variant: Field) -> Product:
    item = variant["inventoryItem"]
    measurement = item["measurement"]
    return Product(
        external_id=variant["id"].text(),
        title=variant["displayName"].text_or_empty(),
        sku=variant["sku"].text_or_empty(),
        weight_g=weight_g(measurement["weight"]) if measurement else None,
        requires_shipping=item["requiresShipping"].flag(True),
        stock=await _stock(client, item),
        tags=_tags(variant["product"]),
        categories=_categories(variant["product"]),
    )


def _tags(product: Field) -> tuple[str, ...]:
    return tuple(tag.text_or_empty() for tag in product["tags"].items()) if product else ()


def _categories(product: Field) -> tuple[str, ...]:
    """The merchant's own product type, and the path in Shopify's standard taxonomy.

    The Admin API has no field that says of an article that it is hazardous or for adults alone (2026-10).
    """
    if not product:
        return ()
    category = product["category"]
    path = category["fullName"].text_or_empty() if category else ""
    return tuple(words for words in (product["productType"].text_or_empty(), path) if words)


async def _stock(client: ShopifyClient, item: Field) -> tuple[StockLevel, ...]:
    """How many lie at each location."""
    is_counted = item["tracked"].flag(True)
    nodes, after = read_page(item["inventoryLevels"])
    while after is not None:
        variables = {"id": item["id"].text(), "after": after}
        holder = (await _ask(client, MORE_STOCK, variables))["inventoryItem"]
        if not holder:
            break  # deleted meanwhile
        more, after = read_page(holder["inventoryLevels"])
        nodes += more
    return tuple(StockLevel(node["location"]["id"].text(), _available(node, is_counted)) for node in nodes)


def _available(level: Field, is_counted: bool) -> int | None:
    """Pieces that may be sold; below zero where more were sold than there are."""
    if not is_counted:
        return None
    for quantity in level["quantities"].items():
        if quantity["name"].text_or_empty() == "available":
            return quantity["quantity"].integer()
    return None


def _is_variant(gid: str) -> bool:
    return gid.startswith(_VARIANT_GID) and gid.removeprefix(_VARIANT_GID).isdecimal()
