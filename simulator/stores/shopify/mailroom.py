"""Who subscribed to what at the simulated shop, and what is posted to them."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from doorstep.clock import Clock
from simulator.postman import Habits, Postman
from simulator.stores.shopify.envelopes import Envelope, encode, event_body, signature
from simulator.stores.shopify.ledger import Notice
from simulator.stores.shopify.letters import Payload
from simulator.stores.shopify.records import SubscriptionRecord

_FAILURES_UNTIL_REMOVAL = 8
_ROTATION = timedelta(hours=1)
"""How long the old secret may still sign after a rotation."""


@dataclass(slots=True)
class PostHabits:
    """How this shop posts beyond what its platform promises.

    Attributes
    ----------
    drop_probability
        Letters that are never sent.
    uses_events
        Write headers and bodies of next-generation Events instead of the classic ones.
    debounce_s
        World seconds in which a letter equal to the one before, to the same subscription, is left out.
    """

    drop_probability: float = 0.0
    uses_events: bool = False
    debounce_s: float = 0.0


Write = Callable[[str, object], tuple[Payload, str]]
"""Topic and record -> the body and the gid of what it is about."""


class Mailroom:
    """Keeps the subscriptions and posts to them.

    Attributes
    ----------
    subscriptions
        The app's, which its API reads and changes, and those of its configuration.
    sent, dropped
        Letters by topic.
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
        write: Write,
    ) -> None:
        self.subscriptions: list[SubscriptionRecord] = []
        self.habits = habits
        self.own = PostHabits()
        self.sent: Counter[str] = Counter()
        self.dropped: Counter[str] = Counter()
        self._domain = domain
        self._version = version
        self._secret = client_secret
        self._old_secret = ""
        self._old_secret_until: datetime | None = None
        self._postman = postman
        self._clock = clock
        self._rng = rng
        self._write = write
        self._last: dict[int, tuple[bytes, datetime]] = {}

    @property
    def client_secret(self) -> str:
        """What letters are signed with."""
        return self._secret

    def rotate_secret(self, fresh: str) -> None:
        """Sign with another secret; for up to an hour some letters still carry the old one's digest."""
        self._old_secret, self._secret = self._secret, fresh
        self._old_secret_until = self._clock.now() + _ROTATION

    def tell(self, notices: Sequence[Notice]) -> None:
        """Post what one action caused; its letters share an event id."""
        wanted = {record.topic for record in self.subscriptions}
        event_id = ""
        for topic, subject in notices:
            if topic in wanted:
                event_id = event_id or self._new_id()
                self._post(topic, subject, event_id)

    def _post(self, topic: str, subject: object, event_id: str) -> None:
        payload, gid = self._write(topic, subject)
        for subscription in [record for record in self.subscriptions if record.topic == topic]:
            if self._rng.random() < self.own.drop_probability:
                self.dropped[topic] += 1
                continue
            if self.own.uses_events:
                body = encode(event_body(topic, gid, subscription.name), ())
            else:
                body = encode(payload, subscription.include_fields)
            if not self._is_repeat(subscription, body):
                self._send(subscription, body, event_id)

    def _send(self, subscription: SubscriptionRecord, body: bytes, event_id: str) -> None:
        envelope = Envelope(
            topic=subscription.topic,
            domain=self._domain,
            version=self._version,
            delivery_id=self._new_id(),
            event_id=event_id,
            sent_at=self._clock.now(),
            name=subscription.name,
        )
        signed = signature(self._signing_secret(), body)
        headers = envelope.next_generation(signed) if self.own.uses_events else envelope.classic(signed)
        self.sent[subscription.topic] += 1
        self._postman.post(subscription.uri, body, headers, self.habits, self._hears(subscription))

    def _is_repeat(self, subscription: SubscriptionRecord, body: bytes) -> bool:
        if not self.own.debounce_s:
            return False
        now = self._clock.now()
        before = self._last.get(subscription.number)
        self._last[subscription.number] = (body, now)
        return (
            before is not None
            and before[0] == body
            and now - before[1] < timedelta(seconds=self.own.debounce_s)
        )

    def _signing_secret(self) -> str:
        until = self._old_secret_until
        is_rotating = until is not None and self._clock.now() < until
        return self._old_secret if is_rotating and self._rng.random() < 0.5 else self._secret

    def _hears(self, subscription: SubscriptionRecord) -> Callable[[int | None], None]:
        def reaction(status: int | None) -> None:
            if status is not None and 200 <= status < 300:
                subscription.failures = 0
                return
            subscription.failures += 1
            is_worn_out = subscription.failures >= _FAILURES_UNTIL_REMOVAL
            if is_worn_out and not subscription.is_app_specific and subscription in self.subscriptions:
                # Shopify removes a subscription made through the API after eight failures in a row.
                self.subscriptions.remove(subscription)

        return reaction

    def _new_id(self) -> str:
        return str(uuid.UUID(int=self._rng.getrandbits(128), version=4))
