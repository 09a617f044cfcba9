"""Shopify's CarrierService: one call for each place that a cart leaves from (Admin API 2026-10)."""
