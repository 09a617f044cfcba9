"""What orders leave out: weights and sides of their products, and the units the store measures in."""

from __future__ import annotations

import itertools
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors.stores.woocommerce.articles import FIELDS, PARENT_FIELDS, article_of
from connectors.stores.woocommerce.fields import Node
from connectors.stores.woocommerce.store_api import StoreApi
from doorstep.clock import Clock
from doorstep.errors import AccountProblem, UnreadablePayload
from doorstep.product import Product

Row = dict[str, Any]

_ARTICLE = re.compile(r"([1-9]\d{0,18})(?:/([1-9]\d{0,18}))?")
_FIELDS = "id,virtual,weight,dimensions"
_PAGE = 100
_UNIT_SETTINGS = {"woocommerce_weight_unit": "weight", "woocommerce_dimension_unit": "dimension"}


class Catalog:
    """Products and units of one store, remembered for a while.

    Parameters
    ----------
    keep
        How long what was read is believed; merchants seldom change a weight.
    """

    def __init__(self, api: StoreApi, clock: Clock, keep: timedelta = timedelta(minutes=15)) -> None:
        self._api = api
        self._clock = clock
        self._keep = keep
        self._products: dict[int, tuple[datetime, Row | None]] = {}
        self._parent_rows: dict[str, tuple[datetime, Row]] = {}
        self._units: tuple[datetime, dict[str, str]] | None = None

    async def units(self) -> dict[str, str]:
        """{"weight": "kg", "dimension": "cm"} as the store words them; {} where the key may not see them."""
        now = self._clock.now()
        if self._units is None or now - self._units[0] >= self._keep:
            self._units = (now, await self._read_units())
        return self._units[1]

    async def products_of(self, orders: Iterable[Mapping[str, Any]]) -> dict[str, Row]:
        """Products and variations of all lines by id, as text; deleted ones are missing."""
        wanted = {pair for order in orders for pair in _products_in(order)}
        await self._learn(wanted)
        found = (
            (item, self._known(item)) for item in (variation or product for product, variation in wanted)
        )
        return {str(item): product for item, product in found if product is not None}

    async def articles(self, external_ids: Sequence[str]) -> tuple[Product, ...]:
        """Articles as the store has them this moment, in the order given; unknown and unreadable ones are
        left out.
        """
        known = [match for match in map(_ARTICLE.fullmatch, dict.fromkeys(external_ids)) if match]
        by_place: defaultdict[str, list[str]] = defaultdict(list)
        for match in known:
            place = f"products/{match[1]}/variations" if match[2] else "products"
            by_place[place].append(match[2] or match[1])
        units = Node(await self.units(), ("units",)) if known else Node(None)
        rows: dict[tuple[str, str], Row] = {}
        for place, ids in by_place.items():
            rows |= {(place, str(row.get("id"))): row for row in await self._rows(place, ids, FIELDS)}
        parents = await self._parents(rows, {match[1] for match in known if match[2]})
        found = []
        for match in known:
            place = f"products/{match[1]}/variations" if match[2] else "products"
            row = rows.get((place, match[2] or match[1]))
            parent = parents.get(match[1], {}) if match[2] else None
            if row is not None and (article := _article(match[0], row, units, parent)) is not None:
                found.append(article)
        return tuple(found)

    async def articles_by_sku(self, skus: Sequence[str]) -> tuple[Product, ...]:
        """Articles with exactly these SKUs; unknown and unreadable ones are left out.

        `sku` takes several parted by commas and finds variations as well
        (WC_REST_Products_Controller::prepare_objects_query, WooCommerce 10), so a SKU with a comma in it is
        not asked for.
        """
        wanted = [sku for sku in dict.fromkeys(skus) if sku and "," not in sku]
        rows: dict[str, Row] = {}
        for batch in itertools.batched(wanted, _PAGE // 2):
            query = {"sku": ",".join(batch), "per_page": str(_PAGE), "_fields": f"{FIELDS},parent_id"}
            answer = await self._api.read("products", query)
            rows |= {_external_id(row): row for row in answer.rows() if row.get("sku") in batch}
        units = Node(await self.units(), ("units",)) if rows else Node(None)
        read = {("products", id_): row for id_, row in rows.items()}
        owners = {id_: id_.partition("/")[0] for id_ in rows if "/" in id_}
        parents = await self._parents(read, set(owners.values()))
        articles = (
            _article(id_, row, units, parents.get(owners[id_], {}) if id_ in owners else None)
            for id_, row in rows.items()
        )
        return tuple(article for article in articles if article is not None)

    async def _parents(self, rows: Mapping[tuple[str, str], Row], ids: set[str]) -> dict[str, Row]:
        """The products that variations are of, by id: read already, remembered from before, or read now."""
        now = self._clock.now()
        self._parent_rows = {
            id_: entry for id_, entry in self._parent_rows.items() if now - entry[0] < self._keep
        }
        known = {id_: row for id_ in ids if (row := rows.get(("products", id_))) is not None}
        known |= {id_: entry[1] for id_ in ids - set(known) if (entry := self._parent_rows.get(id_))}
        read = await self._rows("products", sorted(ids - set(known), key=int), PARENT_FIELDS)
        fresh = {str(row.get("id")): row for row in read}
        self._parent_rows.update((id_, (now, row)) for id_, row in fresh.items())
        return known | fresh

    def _known(self, product_id: int) -> Row | None:
        entry = self._products.get(product_id)
        return entry[1] if entry else None

    async def _learn(self, wanted: set[tuple[int, int]]) -> None:
        now = self._clock.now()
        self._products = {
            product_id: entry for product_id, entry in self._products.items() if now - entry[0] < self._keep
        }
        unknown = {pair for pair in wanted if (pair[1] or pair[0]) not in self._products}
        simple = sorted({product for product, variation in unknown if not variation})
        await self._read_into("products", simple, now)
        # A variation is only found under its parent (WooCommerce REST v3).
        for parent in sorted({product for product, variation in unknown if variation}):
            variations = sorted(
                variation for product, variation in unknown if product == parent and variation
            )
            await self._read_into(f"products/{parent}/variations", variations, now)

    async def _read_into(self, endpoint: str, ids: list[int], now: datetime) -> None:
        rows = {row.get("id"): row for row in await self._rows(endpoint, map(str, ids), _FIELDS)}
        self._products.update((product_id, (now, rows.get(product_id))) for product_id in ids)

    async def _rows(self, endpoint: str, ids: Iterable[str], fields: str) -> list[Row]:
        found: list[Row] = []
        for batch in itertools.batched(ids, _PAGE):
            # A list goes as one comma-separated value: repeated ones break the signature over http.
            answer = await self._api.read(
                endpoint,
                {"include": ",".join(batch), "per_page": str(_PAGE), "_fields": fields},
                may_be_missing=True,
            )
            found += answer.rows() if answer.payload is not None else []
        return found

    async def _read_units(self) -> dict[str, str]:
        try:
            rows = (await self._api.read("settings/products", {"_fields": "id,value"})).rows()
        except AccountProblem:
            # Settings need more rights than orders: weights then stay unknown, orders still come in.
            return {}
        return {
            _UNIT_SETTINGS[row["id"]]: str(row.get("value", ""))
            for row in rows
            if row.get("id") in _UNIT_SETTINGS
        }


def _external_id(row: Row) -> str:
    """As lines of orders name it, see `goods.article_id`."""
    parent_id = row.get("parent_id") or 0
    return f"{parent_id}/{row.get('id')}" if parent_id else str(row.get("id"))


def _article(external_id: str, row: Row, units: Node, parent: Row | None) -> Product | None:
    try:
        of_parent = None if parent is None else Node.of_json(json.dumps(parent))
        node = Node.of_json(json.dumps(row)).under("products", external_id)
        return article_of(external_id, node, units, of_parent)
    except UnreadablePayload:
        return None  # a weight of "heavy" shows at the orders that hold the article


def _products_in(order: Mapping[str, Any]) -> set[tuple[int, int]]:
    """(product, variation or 0) of every line whose product still exists."""
    lines = order.get("line_items")
    found: set[tuple[int, int]] = set()
    for line in lines if isinstance(lines, list) else []:
        product, variation = line.get("product_id"), line.get("variation_id") or 0
        # 0 stands for a product that was deleted (measured on 10.5).
        if isinstance(product, int) and product > 0 and isinstance(variation, int):
            found.add((product, variation))
    return found
