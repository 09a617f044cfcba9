"""Webhooks of a simulated WooCommerce, after WC_Webhook and as measured on 10.5.

No retries; the seventh failure in a row disables; switching on again keeps the count; 2xx, 301 and 302 are
successes; the payload is built at delivery; a ping greets a new address and comes back after every delivery
until it was answered with exactly 200; the delivery id is a hash of webhook and second.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from simulator.postman import Habits, Postman
from simulator.stores.woocommerce.shelf import Shelf

MOST_FAILURES = 5
_HABITS = Habits(retry_after_s=(), timeout_s=10.0, redirect_is_success=True)

PayloadOf = Callable[[int], dict[str, Any]]


@dataclass(slots=True)
class Webhook:
    """One registered webhook."""

    id: int
    name: str
    topic: str
    delivery_url: str
    secret: str
    status: str = "active"
    failures: int = 0
    is_ping_due: bool = True

    def shown(self) -> dict[str, Any]:
        """As REST shows it: never with its secret."""
        resource, _, event = self.topic.partition(".")
        return {
            "id": self.id,
            "name": self.name,
            "status": self.status,
            "topic": self.topic,
            "resource": resource,
            "event": event,
            "hooks": [],
            "delivery_url": self.delivery_url,
        }


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
        self._shelf = shelf
        self._postman = postman
        self._payload_of = payload_of
        self._source = source
        self._latency_s = latency_s
        self._waiting: dict[tuple[int, int], datetime] = {}
        self._ids = itertools.count(1)

    def create(self, name: str, topic: str, delivery_url: str, secret: str) -> Webhook:
        """Register and greet."""
        webhook = Webhook(next(self._ids), name, topic, delivery_url, secret)
        self.webhooks[webhook.id] = webhook
        self._ping(webhook)
        return webhook

    def update(self, webhook: Webhook, changes: dict[str, Any]) -> None:
        """Change name, topic, status, secret or delivery_url; a new address is greeted."""
        moved = bool(changes.get("delivery_url")) and changes["delivery_url"] != webhook.delivery_url
        for name in ("name", "topic", "status", "secret", "delivery_url"):
            if changes.get(name):
                setattr(webhook, name, changes[name])
        if webhook.status == "active" and (moved or webhook.is_ping_due):
            self._ping(webhook)

    def fire(self, topic: str, order_id: int) -> None:
        """Plan a delivery to each active webhook of a topic; several changes before it make one."""
        for webhook in self.webhooks.values():
            if webhook.topic == topic and webhook.status == "active":
                delay = timedelta(seconds=self._shelf.rng.uniform(*self._latency_s))
                self._waiting.setdefault((webhook.id, order_id), self._shelf.clock.now() + delay)

    def tick(self, now: datetime) -> None:
        """Deliver what is due. Created and updated wait for random times, so that they may swap places."""
        due = sorted((at, key) for key, at in self._waiting.items() if at <= now)
        for _, key in due:
            del self._waiting[key]
            webhook = self.webhooks.get(key[0])
            if webhook is not None:
                self._deliver(webhook, key[1])

    def _deliver(self, webhook: Webhook, order_id: int) -> None:
        resource, _, event = webhook.topic.partition(".")
        payload = {"id": order_id} if event == "deleted" else self._payload_of(order_id)
        body = json.dumps(payload, separators=(",", ":")).encode()
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
        else:
            self._postman.post(
                webhook.delivery_url, body, headers, _HABITS, lambda status: self._note(webhook, status)
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
        return f"WooCommerce/{self._shelf.settings.version}.0 Hookshot (WordPress/6.9.7)"

    def _refuses(self, url: str) -> bool:
        if self.accepts_any_receiver:
            return False
        parts = urlsplit(url)
        try:
            is_private = not ipaddress.ip_address(parts.hostname or "").is_global
        except ValueError:
            is_private = parts.hostname == "localhost"
        return is_private or parts.port not in {None, 80, 443, 8080}
