"""A simulated Shopify shop."""

from simulator.stores.shopify.faults import Fault
from simulator.stores.shopify.records import BookRow, CartLine, Customer
from simulator.stores.shopify.shop import FakeShopify

__all__ = ["BookRow", "CartLine", "Customer", "FakeShopify", "Fault"]
