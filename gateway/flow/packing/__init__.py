"""Packing: what is known of the articles of an order or a cart, and the parcels that they fill."""

from gateway.flow.packing.lines import LoadLine, article_ids, lines_of_cart, lines_of_order
from gateway.flow.packing.table import Load, PackingTable, estimate_of
from gateway.flow.packing.traits import goods_of
from gateway.flow.packing.wanted import WantedArticles

__all__ = [
    "Load",
    "LoadLine",
    "PackingTable",
    "WantedArticles",
    "article_ids",
    "estimate_of",
    "goods_of",
    "lines_of_cart",
    "lines_of_order",
]
