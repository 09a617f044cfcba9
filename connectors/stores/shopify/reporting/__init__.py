"""Letting a Shopify shop show how a delivery stands: exactly once, also when answers are lost."""

from connectors.stores.shopify.reporting.compare import HOLD_HANDLE
from connectors.stores.shopify.reporting.reporter import report

__all__ = ["HOLD_HANDLE", "report"]
