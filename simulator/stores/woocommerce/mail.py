"""Webhooks as a simulated WooCommerce keeps them, and what happens to their deliveries on the way."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from simulator.stores.woocommerce.figures import dates
from simulator.stores.woocommerce.settings import Settings

_ACTIONS = {
    "created": ["woocommerce_new_order"],
    "updated": ["woocommerce_update_order", "woocommerce_order_refunded"],
    "deleted": ["wp_trash_post", "woocommerce_trash_order"],
    "restored": ["untrashed_post", "woocommerce_untrash_order"],
}


@dataclass(slots=True)
class Webhook:
    """One registered webhook."""

    id: int
    name: str
    topic: str
    delivery_url: str
    secret: str
    created_at: datetime
    modified_at: datetime
    status: str = "active"
    failures: int = 0
    is_ping_due: bool = True

    def shown(self, settings: Settings, home: str) -> dict[str, Any]:
        """As REST shows it: never with its secret, nor with its failures."""
        resource, _, event = self.topic.partition(".")
        collection = f"{home}/wp-json/wc/v3/webhooks"
        return {
            "id": self.id,
            "name": self.name,
            "status": self.status,
            "topic": self.topic,
            "resource": resource,
            "event": event,
            "hooks": list(_ACTIONS.get(event, ())),
            "delivery_url": self.delivery_url,
            **dates(settings, "date_created", self.created_at),
            **dates(settings, "date_modified", self.modified_at),
            "_links": {
                "self": [{"href": f"{collection}/{self.id}"}],
                "collection": [{"href": collection}],
            },
        }


class Mail:
    """Deliveries dropped, doubled, late and out of order, by probabilities and a seed.

    Parameters
    ----------
    seed
        Makes a run repeatable.
    drops, doubles
        Probability that a delivery is never made (wp-cron died under it), or made twice.
    late, late_up_to_s
        Probability that a delivery waits up to so many further world seconds.
    shuffles
        Whether deliveries that are due together leave in any order.
    """

    def __init__(
        self,
        seed: int = 0,
        *,
        drops: float = 0.0,
        doubles: float = 0.0,
        late: float = 0.0,
        late_up_to_s: float = 600.0,
        shuffles: bool = False,
    ) -> None:
        self._rng = random.Random(seed)
        self._drops, self._doubles, self._late = drops, doubles, late
        self._late_up_to_s = late_up_to_s
        self._shuffles = shuffles

    def lateness_s(self) -> float:
        """World seconds that the next delivery waits beyond its latency."""
        return self._rng.uniform(0, self._late_up_to_s) if self._happens(self._late) else 0.0

    def loses(self) -> bool:
        """Whether the next delivery is never made."""
        return self._happens(self._drops)

    def doubles(self) -> bool:
        """Whether the next delivery is made twice."""
        return self._happens(self._doubles)

    def shuffled(self, due: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        """Those due, in the order in which they leave."""
        order = list(due)
        if self._shuffles:
            self._rng.shuffle(order)
        return order

    def _happens(self, probability: float) -> bool:
        return probability > 0 and self._rng.random() < probability
