"""What the simulated shop sells: products with one variant each, and how much of them lies where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from simulator.stores.shopify.ledger import Ledger
from simulator.stores.shopify.listing import connection
from simulator.stores.shopify.plain import View, stamp, weight
from simulator.stores.shopify.records import CartLine, Place

_QUANTITIES = ("available", "committed", "incoming", "on_hand", "reserved")


@dataclass(slots=True, eq=False)
class Article:
    """One product, its variant and its inventory item, which share a number here.

    Attributes
    ----------
    levels
        Pieces available, by the number of the location.
    """

    number: int
    line: CartLine
    updated_at: str
    is_tracked: bool = True
    levels: dict[int, int] = field(default_factory=dict)


class Stock:
    """The articles of one shop, by SKU; whatever is ordered exists."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.articles: dict[str, Article] = {}

    def know(self, line: CartLine) -> Article:
        """The article of a cart's line; made at its first mention, a hundred at its location."""
        article = self.articles.get(line.sku)
        if article is None:
            ledger = self._ledger
            article = Article(ledger.next_number(), line, stamp(ledger.now()) or "")
            article.levels[ledger.places[line.location].number] = 100
            self.articles[line.sku] = article
        return article

    def set_level(self, sku: str, place: Place, available: int) -> None:
        """Somebody counts."""
        self.articles[sku].levels[place.number] = available

    def by_number(self, number: int) -> Article | None:
        """The article of that number."""
        return next((article for article in self.articles.values() if article.number == number), None)


class StockViews:
    """Articles as the Admin API shows them."""

    def __init__(self, ledger: Ledger, stock: Stock, place_view: Callable[[Place], View]) -> None:
        self._ledger = ledger
        self._stock = stock
        self._place = place_view

    def product(self, article: Article) -> View:
        """A Product."""
        line = article.line
        return {
            "__typename": "Product",
            "id": f"gid://shopify/Product/{article.number}",
            "title": line.title,
            "handle": line.sku.lower(),
            "status": "ACTIVE",
            "isGiftCard": line.is_gift_card,
            "updatedAt": article.updated_at,
            "tags": list(line.tags),
            "productType": line.product_type,
            "category": _category(line.category),
            "variants": connection([article], self.variant, lambda one: one.number),
        }

    def variant(self, article: Article) -> View:
        """A ProductVariant."""
        line = article.line
        return {
            "__typename": "ProductVariant",
            "id": f"gid://shopify/ProductVariant/{article.number}",
            "sku": line.sku,
            "barcode": None,
            "title": line.variant_title or "Default Title",
            "displayName": f"{line.title} - {line.variant_title or 'Default Title'}",
            "updatedAt": article.updated_at,
            "price": line.unit_price.amount,
            "product": lambda _: self.product(article),
            "inventoryItem": lambda _: self.item(article),
        }

    def item(self, article: Article) -> View:
        """An InventoryItem."""
        line = article.line
        levels = [place for place in self._ledger.places if place.number in article.levels]
        return {
            "__typename": "InventoryItem",
            "id": f"gid://shopify/InventoryItem/{article.number}",
            "sku": line.sku,
            "tracked": article.is_tracked,
            "requiresShipping": line.requires_shipping,
            "updatedAt": article.updated_at,
            "countryCodeOfOrigin": None,
            "harmonizedSystemCode": None,
            "measurement": {
                "id": f"gid://shopify/InventoryItemMeasurement/{article.number}",
                "weight": weight(line.weight_g),
            },
            "variant": lambda _: self.variant(article),
            "inventoryLevels": connection(
                levels, lambda place: self.level(article, place), lambda place: place.number
            ),
            "inventoryLevel": lambda _, **given: next(
                (self.level(article, place) for place in levels if place.gid == given["locationId"]), None
            ),
        }

    def level(self, article: Article, place: Place) -> View:
        """An InventoryLevel."""
        available = article.levels[place.number]
        known = dict.fromkeys(_QUANTITIES, 0) | {"available": available, "on_hand": available}
        return {
            "__typename": "InventoryLevel",
            "id": f"gid://shopify/InventoryLevel/{place.number}?inventory_item_id={article.number}",
            "isActive": True,
            "updatedAt": article.updated_at,
            "location": lambda _: self._place(place),
            "item": lambda _: self.item(article),
            "quantities": lambda _, names: [
                {
                    "id": f"gid://shopify/InventoryQuantity/{place.number}?name={name}",
                    "name": name,
                    "quantity": known[name],
                    "updatedAt": article.updated_at,
                }
                for name in names
                if name in known
            ],
        }

    def levels_at(self, place: Place) -> list[Article]:
        """The articles that a location stocks, in the order of their numbers."""
        return [article for article in self._stock.articles.values() if place.number in article.levels]


def _category(path: str) -> View | None:
    """A TaxonomyCategory; the ids of the real ones are not known here."""
    if not path:
        return None
    level = path.count(">") + 1
    return {
        "__typename": "TaxonomyCategory",
        "id": f"gid://shopify/TaxonomyCategory/sim-{level}",
        "fullName": path,
        "name": path.rpartition(">")[2].strip(),
        "level": level,
    }
