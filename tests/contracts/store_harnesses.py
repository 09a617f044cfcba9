"""Which stores the contract suite runs over: another one joins with one more `Harness` in `HARNESSES`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from doorstep.order import StorePlatform
from doorstep.ports import StoreConnector, StoreLink
from doorstep.secret import Secret
from simulator.clock import WorldClock
from simulator.postman import Postman
from tests.contracts.shopify_shop import ShopifyShop, impatient_shopify
from tests.contracts.store_shop import Shop
from tests.contracts.woocommerce_shop import WooCommerceShop, impatient_woocommerce


@dataclass(frozen=True, slots=True)
class Harness:
    """How a store joins.

    Attributes
    ----------
    impatient
        Links it as its plug-in does, but without pauses before another try.
    wrong_credentials
        What to change to be refused.
    """

    build: Callable[[WorldClock, Postman], Shop]
    impatient: Callable[[StoreLink], StoreConnector]
    wrong_credentials: Mapping[str, str]


HARNESSES: Mapping[StorePlatform, Harness] = {
    StorePlatform.SHOPIFY: Harness(ShopifyShop, impatient_shopify, {"access_token": "shpat_canary_77aa"}),
    StorePlatform.WOOCOMMERCE: Harness(
        WooCommerceShop, impatient_woocommerce, {"consumer_secret": "cs_canary_77aa"}
    ),
}


def link_of(given: Mapping[str, Any], clock: Any, **changes: str) -> StoreLink:
    """What a merchant entered."""
    credentials = {name: Secret(value) for name, value in {**given, **changes}.items() if name != "url"}
    return StoreLink(given["url"], credentials, clock=clock)
