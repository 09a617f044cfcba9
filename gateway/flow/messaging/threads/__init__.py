"""Threads: shopper, driver and desk write to one another about a delivery."""
