"""The simulated shop's mutations on webhook subscriptions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from simulator.stores.shopify.plain import View
from simulator.stores.shopify.records import SubscriptionRecord
from simulator.stores.shopify.views import Views

if TYPE_CHECKING:
    from simulator.stores.shopify.shop import FakeShopify

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Subscribing:
    """Makes, changes and ends subscriptions. The wording of its refusals is from memory, not recorded."""

    def __init__(self, shop: FakeShopify, see: Views) -> None:
        self._shop = shop
        self._see = see

    def fields(self) -> Mapping[str, Callable[..., View]]:
        """Resolvers by the name of their mutation."""
        return {
            "webhookSubscriptionCreate": self._create,
            "webhookSubscriptionUpdate": self._update,
            "webhookSubscriptionDelete": self._delete,
        }

    def _create(self, _info: Any, topic: str, webhookSubscription: View) -> View:  # noqa: N803 - GraphQL's name
        uri = str(webhookSubscription.get("uri") or "")
        trouble = self._refusal(topic, uri)
        if trouble:
            return _refused(trouble)
        record = SubscriptionRecord(self._shop.next_number(), topic, uri, self._shop.now())
        _apply(record, webhookSubscription)
        self._shop.subscriptions.append(record)
        self._shop.writes["webhookSubscriptionCreate", topic] += 1
        return {"webhookSubscription": self._see.subscription(record), "userErrors": []}

    def _update(self, _info: Any, id: str, webhookSubscription: View) -> View:  # noqa: N803, A002 - GraphQL's names
        record = self._find(id)
        if record is None:
            return _refused("Webhook subscription does not exist", field="id")
        uri = webhookSubscription.get("uri")
        if uri is not None and uri != record.uri:
            trouble = self._refusal(record.topic, uri)
            if trouble:
                return _refused(trouble)
        _apply(record, webhookSubscription)
        return {"webhookSubscription": self._see.subscription(record), "userErrors": []}

    def _delete(self, _info: Any, id: str) -> View:  # noqa: A002 - GraphQL's name
        record = self._find(id)
        if record is None:
            error = {"field": ["id"], "message": "Webhook subscription does not exist"}
            return {"deletedWebhookSubscriptionId": None, "userErrors": [error]}
        self._shop.subscriptions.remove(record)
        return {"deletedWebhookSubscriptionId": id, "userErrors": []}

    def _find(self, gid: str) -> SubscriptionRecord | None:
        own = (record for record in self._shop.subscriptions if not record.is_app_specific)
        return next((record for record in own if record.gid == gid), None)

    def _refusal(self, topic: str, uri: str) -> str:
        parts = urlsplit(uri)
        # The real Shopify refuses http everywhere; a simulated one must reach a gateway on this machine.
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            return f"Address protocol {parts.scheme or 'none'}:// is not supported"
        if any(record.topic == topic and record.uri == uri for record in self._shop.subscriptions):
            return "Address for this topic has already been taken"
        return ""


def _apply(record: SubscriptionRecord, given: View) -> None:
    setters: dict[str, Callable[[Any], Any]] = {
        "uri": str,
        "name": str,
        "filter": str,
        "includeFields": tuple,
    }
    for name, convert in setters.items():
        if given.get(name) is not None:
            attribute = "include_fields" if name == "includeFields" else name
            setattr(record, attribute, convert(given[name]))


def _refused(message: str, field: str = "callbackUrl") -> View:
    error = {"field": ["webhookSubscription", field], "message": message}
    return {"webhookSubscription": None, "userErrors": [error]}
