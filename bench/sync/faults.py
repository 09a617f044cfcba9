"""Everything that goes wrong between the stores and the gateway, and its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bench.sync.stores import Stores
from simulator.stores.shopify import Fault
from simulator.stores.shopify.letters import SHOPIFY_HABITS
from simulator.stores.woocommerce import Mail, Trouble

DROPPED, DOUBLED = 0.10, 0.20
"""Shares of webhooks."""

LATE, LATE_UP_TO_S = 0.3, 120.0
"""Share of webhooks that wait, and up to how many world seconds, so that later ones overtake them."""

_OUTAGE_S = 4 * 3600.0
_STEPS, _STEP_PAUSE_S = 16, 0.3

_WOOCOMMERCE = {
    Trouble.HTML_503: 0.008,
    Trouble.HTML_500: 0.006,
    Trouble.HTML_429: 0.005,
    Trouble.JSON_429: 0.005,
    Trouble.LOST_REPLY: 0.015,
    Trouble.HALF_BODY: 0.008,
    Trouble.CUT_OFF: 0.005,
    Trouble.PHP_WARNING: 0.004,
    Trouble.HTML_200: 0.004,
}
_SHOPIFY = {
    Fault.SERVER_ERROR: 0.006,
    Fault.BAD_GATEWAY: 0.005,
    Fault.UNAVAILABLE: 0.005,
    Fault.TOO_MANY_REQUESTS: 0.004,
    Fault.THROTTLED: 0.004,
    Fault.INTERNAL_ERROR: 0.005,
    Fault.CUT_BEFORE: 0.005,
    Fault.CUT_AFTER: 0.008,
    Fault.HALF_BODY: 0.008,
}
_SHOPIFY_WRITES = {**_SHOPIFY, Fault.CUT_AFTER: 0.06, Fault.HALF_BODY: 0.03}
_LOST_AFTER_COMMIT = {Trouble.LOST_REPLY, Trouble.HALF_BODY, Trouble.CUT_OFF, Trouble.HTML_500}


class BadTimes:
    """The weather over both stores.

    Parameters
    ----------
    times
        How often calls go wrong, as a multiple of the chances above.

    Attributes
    ----------
    outages, unsubscribed
        How often a store was gone for hours, and webhooks were taken away or switched off.
    """

    def __init__(self, stores: Stores, seed: int, times: float = 1.0) -> None:
        self.outages = 0
        self.unsubscribed = 0
        self._stores = stores
        self._seed = seed
        self._times = times

    def begin(self) -> None:
        """From now on everything that may go wrong does, by chance."""
        shopify, woocommerce = self._stores.shopify, self._stores.woocommerce
        shopify.mailroom.own.drop_probability = DROPPED
        shopify.mailroom.habits = replace(
            SHOPIFY_HABITS, repeat_probability=DOUBLED, delay_probability=LATE, delay_up_to_s=LATE_UP_TO_S
        )
        shopify.search_lag_s = 8.0
        shopify.faults.chances = _scaled(_SHOPIFY, self._times)
        shopify.faults.chances_of_writes = _scaled(_SHOPIFY_WRITES, self._times)
        woocommerce.hooks.mail = Mail(
            self._seed, drops=DROPPED, doubles=DOUBLED, late=LATE, late_up_to_s=LATE_UP_TO_S, shuffles=True
        )
        woocommerce.door.weather.by_chance(_scaled(_WOOCOMMERCE, self._times), self._seed)

    def end(self) -> None:
        """Everything answers again; webhooks arrive."""
        shopify, woocommerce = self._stores.shopify, self._stores.woocommerce
        shopify.mailroom.own.drop_probability = 0.0
        shopify.mailroom.habits = SHOPIFY_HABITS
        shopify.search_lag_s = 0.0
        shopify.faults.chances = shopify.faults.chances_of_writes = {}
        shopify.faults.outage_until = None
        woocommerce.hooks.mail = Mail(self._seed)
        woocommerce.door.weather.by_chance({}, self._seed)
        woocommerce.door.weather.outage(0.0)

    def unsubscribe_shopify(self) -> None:
        """The app's subscriptions are gone, as after eight failures in a row."""
        self.unsubscribed += len(self._stores.shopify.subscriptions)
        self._stores.shopify.subscriptions.clear()

    def switch_webhooks_off(self) -> None:
        """WooCommerce has disabled its webhooks, as after six failures in a row."""
        for webhook in self._stores.woocommerce.hooks.webhooks.values():
            webhook.status = "disabled"
            self.unsubscribed += 1

    async def shopify_is_gone(self) -> None:
        """For four hours of the world nobody gets through."""
        self._stores.shopify.go_down(_OUTAGE_S)
        self.outages += 1
        await self._stores.pass_time(_OUTAGE_S, steps=_STEPS, pause_s=_STEP_PAUSE_S)

    async def woocommerce_is_gone(self) -> None:
        """The same; its webhooks rest as well."""
        self._stores.woocommerce.door.weather.outage(_OUTAGE_S)
        self.outages += 1
        await self._stores.pass_time(_OUTAGE_S, steps=_STEPS, pause_s=_STEP_PAUSE_S)

    def figures(self) -> Mapping[str, int]:
        """What really happened, by name."""
        shopify, hooks = self._stores.shopify, self._stores.woocommerce.hooks
        met, troubles = shopify.faults.met, self._stores.weather.met
        lost = met[Fault.CUT_AFTER] + met[Fault.HALF_BODY]
        return {
            "webhooks_dropped": hooks.dropped + shopify.mailroom.dropped.total(),
            "webhooks_doubled": hooks.doubled + self._stores.postman.repeated,
            "outages": self.outages,
            "subscriptions_lost": self.unsubscribed,
            "throttled": met[Fault.THROTTLED]
            + met[Fault.TOO_MANY_REQUESTS]
            + troubles[Trouble.HTML_429]
            + troubles[Trouble.JSON_429],
            "server_errors": met[Fault.SERVER_ERROR]
            + met[Fault.BAD_GATEWAY]
            + met[Fault.UNAVAILABLE]
            + troubles[Trouble.HTML_500]
            + troubles[Trouble.HTML_503],
            "replies_lost": lost + sum(troubles[kind] for kind in _LOST_AFTER_COMMIT),
        }


def _scaled[Kind](chances: Mapping[Kind, float], times: float) -> dict[Kind, float]:
    return {kind: chance * times for kind, chance in chances.items()}
