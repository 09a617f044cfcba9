"""Tells the app of a simulated shop what happened: to whom it subscribed, signed, with Shopify's habits."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence

from doorstep.clock import Clock
from simulator.postman import Habits, Postman
from simulator.stores.shopify import letters
from simulator.stores.shopify.records import SubscriptionRecord, UnitRecord

_FAILURES_UNTIL_REMOVAL = 8


class Mailroom:
    """Keeps the subscriptions and posts to them.

    Attributes
    ----------
    subscriptions
        The app's, which its API reads and changes.
    """

    def __init__(
        self,
        domain: str,
        version: str,
        client_secret: str,
        habits: Habits,
        postman: Postman,
        clock: Clock,
        rng: random.Random,
    ) -> None:
        self.subscriptions: list[SubscriptionRecord] = []
        self._domain = domain
        self._version = version
        self._client_secret = client_secret
        self._habits = habits
        self._postman = postman
        self._clock = clock
        self._rng = rng

    def tell(
        self, order: letters.Payload, topics: Iterable[str], units: Mapping[str, Sequence[UnitRecord]]
    ) -> None:
        """Post what one action caused; its notices share an event id."""
        event_id = self._new_id()
        for topic in topics:
            self._post(topic, letters.shaped(topic, order), event_id)
        for topic, concerned in units.items():
            for unit in concerned:
                self._post(topic, letters.unit_payload(unit), event_id)

    def _post(self, topic: str, payload: letters.Payload, event_id: str) -> None:
        for subscription in [record for record in self.subscriptions if record.topic == topic]:
            body = letters.encode(payload, subscription.include_fields)
            headers = letters.headers(
                topic=letters.topic_of(topic),
                domain=self._domain,
                version=self._version,
                delivery_id=self._new_id(),
                event_id=event_id,
                sent_at=self._clock.now(),
                signed=letters.signature(self._client_secret, body),
            )
            self._postman.post(subscription.uri, body, headers, self._habits, self._hears(subscription))

    def _hears(self, subscription: SubscriptionRecord) -> Callable[[int | None], None]:
        def reaction(status: int | None) -> None:
            if status is not None and 200 <= status < 300:
                subscription.failures = 0
                return
            subscription.failures += 1
            if subscription.failures >= _FAILURES_UNTIL_REMOVAL and subscription in self.subscriptions:
                # Shopify removes a subscription made through the API after eight failures in a row.
                self.subscriptions.remove(subscription)

        return reaction

    def _new_id(self) -> str:
        return str(uuid.UUID(int=self._rng.getrandbits(128), version=4))
