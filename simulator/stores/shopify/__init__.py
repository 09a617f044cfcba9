"""A simulated Shopify shop."""

from simulator.stores.shopify.books import BookRow
from simulator.stores.shopify.faults import Fault
from simulator.stores.shopify.ledger import Refusal
from simulator.stores.shopify.records import CartLine, Company, Customer
from simulator.stores.shopify.shop import FakeShopify

__all__ = ["BookRow", "CartLine", "Company", "Customer", "FakeShopify", "Fault", "Refusal"]
