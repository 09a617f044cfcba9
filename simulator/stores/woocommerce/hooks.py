"""Webhooks of a simulated WooCommerce, after WC_Webhook and as measured on 10.5.

No retries; the seventh failure in a row disables; switching on again keeps the count; 2xx, 301 and 302 are
successes; the payload is built at delivery; a ping greets a new address and comes back after every delivery
until it was answered with exactly 200; the delivery id is a hash of webhook and second.
"""

from __future__ import annotations

import base64
import hashlib
import heapq
import hmac
import ipaddress
import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from simulator.postman import Habits, Postman
from simulator.stores.woocommerce.mail import Mail, Webhook
from simulator.stores.woocommerce.shelf import Shelf
from simulator.stores.woocommerce.wire import php_json

MOST_FAILURES = 5
_TIMEOUT_S = 10.0
_WORDPRESS = {"8.9": "6.5.5"}

PayloadOf = Callable[[int], dict[str, Any]]


class Hooks:
    """All webhooks of one store, and the deliveries that wait.

    Parameters
    ----------
    payload_of
        What REST would show the webhook's owner of an order: an error object where it shows nothing.
    latency_s
        From the change to the delivery, in world seconds: wp-cron takes seconds to minutes.
    accepts_any_receiver
        False is stock WordPress: only ports 80, 443 and 8080 and no private address, told to nobody.

    Attributes
    ----------
    mail
        What happens to deliveries on their way.
    dropped, doubled
        Deliveries that `mail` lost or sent twice so far.
    """

    def __init__(
        self,
        shelf: Shelf,
        postman: Postman,
        payload_of: PayloadOf,
        source: str,
        latency_s: tuple[float, float],
        *,
        accepts_any_receiver: bool,
    ) -> None:
        self.webhooks: dict[int, Webhook] = {}
        self.accepts_any_receiver = accepts_any_receiver
        self.mail = Mail()
        self.dropped = 0
        self.doubled = 0
        self._shelf = shelf
        self._postman = postman
        self._payload_of = payload_of
        self._source = source
        self._latency_s = latency_s
        self._planned: set[tuple[int, int]] = set()
        self._waiting: list[tuple[datetime, int, tuple[int, int]]] = []
        self._numbers = itertools.count()
        self._ids = itertools.count(1)

    @property
    def waiting(self) -> int:
        """Deliveries that wp-cron has not come to yet."""
        return len(self._waiting)

    def create(self, name: str, topic: str, delivery_url: str, secret: str) -> Webhook:
        """Register and greet."""
        now = self._shelf.now()
        webhook = Webhook(next(self._ids), name, topic, delivery_url, secret, now, now)
        self.webhooks[webhook.id] = webhook
        self._ping(webhook)
        return webhook

    def update(self, webhook: Webhook, changes: dict[str, Any]) -> None:
        """Change name, topic, status, secret or delivery_url; a new address is greeted."""
        moved = bool(changes.get("delivery_url")) and changes["delivery_url"] != webhook.delivery_url
        for name in ("name", "topic", "status", "secret", "delivery_url"):
            if changes.get(name):
                setattr(webhook, name, changes[name])
        webhook.modified_at = self._shelf.now()
        if webhook.status == "active" and (moved or webhook.is_ping_due):
            self._ping(webhook)

    def fire(self, topic: str, order_id: int) -> None:
        """Plan a delivery to each active webhook of a topic; several changes before it make one."""
        for webhook in self.webhooks.values():
            key = (webhook.id, order_id)
            if webhook.topic != topic or webhook.status != "active" or key in self._planned:
                continue
            delay = timedelta(seconds=self._shelf.rng.uniform(*self._latency_s) + self.mail.lateness_s())
            self._planned.add(key)
            heapq.heappush(self._waiting, (self._shelf.clock.now() + delay, next(self._numbers), key))

    def tick(self, now: datetime) -> None:
        """Deliver what is due. Created and updated wait for random times, so that they may swap places."""
        due = []
        while self._waiting and self._waiting[0][0] <= now:
            due.append(heapq.heappop(self._waiting)[2])
        for key in self.mail.shuffled(due):
            self._planned.discard(key)
            webhook = self.webhooks.get(key[0])
            if webhook is not None:
                self._deliver(webhook, key[1])

    def _deliver(self, webhook: Webhook, order_id: int) -> None:
        if self.mail.loses():
            self.dropped += 1
            return
        resource, _, event = webhook.topic.partition(".")
        payload = {"id": order_id} if event == "deleted" else self._payload_of(order_id)
        body = php_json(payload)
        digest = hmac.new(webhook.secret.encode(), body, hashlib.sha256).digest()
        second = int(self._shelf.now().timestamp())
        headers = {
            "User-Agent": self._agent,
            "Content-Type": "application/json",
            "X-WC-Webhook-Source": self._source,
            "X-WC-Webhook-Topic": webhook.topic,
            "X-WC-Webhook-Resource": resource,
            "X-WC-Webhook-Event": event,
            "X-WC-Webhook-Signature": base64.b64encode(digest).decode(),
            "X-WC-Webhook-ID": str(webhook.id),
            "X-WC-Webhook-Delivery-ID": hashlib.sha256(f"{webhook.id}{second}".encode()).hexdigest()[:32],
        }
        if self._refuses(webhook.delivery_url):
            self._note(webhook, None)
            return
        habits = Habits(retry_after_s=(), timeout_s=_TIMEOUT_S, redirect_is_success=True)
        copies = 2 if self.mail.doubles() else 1
        self.doubled += copies - 1
        for _ in range(copies):
            self._postman.post(
                webhook.delivery_url, body, headers, habits, lambda status: self._note(webhook, status)
            )

    def _note(self, webhook: Webhook, status: int | None) -> None:
        if status is not None and 200 <= status < 303:
            webhook.failures = 0
        elif webhook.failures > MOST_FAILURES:
            webhook.status = "disabled"
        else:
            webhook.failures += 1
        # Saving the count greets again for as long as no ping was answered with 200.
        if webhook.status == "active" and webhook.is_ping_due:
            self._ping(webhook)

    def _ping(self, webhook: Webhook) -> None:
        webhook.is_ping_due = True
        if self._refuses(webhook.delivery_url):
            return

        def note(status: int | None) -> None:
            webhook.is_ping_due = status != 200

        headers = {"User-Agent": self._agent, "Content-Type": "application/x-www-form-urlencoded"}
        self._postman.post(webhook.delivery_url, f"webhook_id={webhook.id}".encode(), headers, Habits(), note)

    @property
    def _agent(self) -> str:
        version = self._shelf.settings.version
        return f"WooCommerce/{version}.0 Hookshot (WordPress/{_WORDPRESS.get(version, '6.9.7')})"

    def _refuses(self, url: str) -> bool:
        if self.accepts_any_receiver:
            return False
        parts = urlsplit(url)
        try:
            is_private = not ipaddress.ip_address(parts.hostname or "").is_global
        except ValueError:
            is_private = parts.hostname == "localhost"
        return is_private or parts.port not in {None, 80, 443, 8080}
