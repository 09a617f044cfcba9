"""WooCommerce, read by itself from real stores: the connector's reading is another one."""

from __future__ import annotations

from simulator.stores.woocommerce.books import Write
from simulator.stores.woocommerce.granting import Decision
from simulator.stores.woocommerce.mail import Mail
from simulator.stores.woocommerce.serving import served
from simulator.stores.woocommerce.shop import CONSUMER_KEY, CONSUMER_SECRET, FakeWooCommerce
from simulator.stores.woocommerce.troubles import Trouble

__all__ = [
    "CONSUMER_KEY",
    "CONSUMER_SECRET",
    "Decision",
    "FakeWooCommerce",
    "Mail",
    "Trouble",
    "Write",
    "served",
]
