"""Tells a WooCommerce store how deliveries stand: meta, fulfillments, status and notes."""

from connectors.stores.woocommerce.reporting.reporter import Reporter

__all__ = ["Reporter"]
