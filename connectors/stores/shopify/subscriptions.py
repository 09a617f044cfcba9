"""Registering our webhooks with a shop and keeping them right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from connectors.stores.shopify import diagnosis
from connectors.stores.shopify.answers import read_page
from connectors.stores.shopify.client import ShopifyClient
from connectors.stores.shopify.documents import WEBHOOK_CREATE, WEBHOOK_UPDATE, WEBHOOKS
from connectors.stores.shopify.link import is_loopback
from connectors.stores.shopify.payload import Field
from connectors.stores.shopify.topics import TOPICS
from doorstep.errors import RemoteError, UnknownOutcome
from doorstep.health import HealthCheck

_NAME = "doorstep"
_PAGES = 20


@dataclass(frozen=True, slots=True)
class Subscription:
    """One webhook subscription as the shop has it."""

    id: str
    topic: str
    uri: str
    name: str
    is_whole: bool


async def list_subscriptions(client: ShopifyClient) -> tuple[Subscription, ...]:
    """The app's own subscriptions in this shop."""
    found: list[Subscription] = []
    after: str | None = None
    for _ in range(_PAGES):
        answer = await client.send(WEBHOOKS, {"after": after})
        nodes, after = read_page(Field(answer.data)["webhookSubscriptions"])
        found += [_subscription(node) for node in nodes]
        if after is None:
            break
    return tuple(found)


def missing_topics(existing: Iterable[Subscription]) -> frozenset[str]:
    """Topics of ours that nobody is told of."""
    return frozenset(TOPICS) - {subscription.topic for subscription in existing}


async def ensure(
    client: ShopifyClient, callback_url: str, *, is_signed_with: bool
) -> tuple[HealthCheck, ...]:
    """Register, switch on again and repair; never raises for what a shop does.

    Parameters
    ----------
    is_signed_with
        Whether the secret that webhooks are checked with is the app's client secret. Shopify takes no other:
        with another every webhook would be turned away.
    """
    if not is_signed_with:
        text = (
            "Shopify signs webhooks with the app's client secret; the secret given for checking them is "
            "another one. Verify with the credential client_secret."
        )
        return (HealthCheck("webhooks", False, text, "webhook_secret_mismatch"),)
    try:
        return await repair(client, callback_url)
    except RemoteError as error:
        return (diagnosis.of_error(error),)


async def repair(client: ShopifyClient, callback_url: str) -> tuple[HealthCheck, ...]:
    """Bring the shop's subscriptions to what we need; another address's subscriptions are left alone."""
    refusal = _callback_refusal(client, callback_url)
    if refusal is not None:
        return (refusal,)
    existing = await list_subscriptions(client)
    created, updated, problems = 0, 0, []
    for topic in TOPICS:
        ours = _ours(existing, topic, callback_url)
        if ours is not None and ours.uri == callback_url and ours.is_whole:
            continue
        trouble = await _put(client, topic, callback_url, ours)
        if trouble:
            problems.append(f"{topic}: {trouble}")
        elif ours is None:
            created += 1
        else:
            updated += 1
    if problems:
        text = f"Shopify refused {len(problems)} of {len(TOPICS)} webhooks ({problems[0]})."
        return (HealthCheck("webhooks", False, text, "webhook_refused"),)
    text = f"All {len(TOPICS)} webhooks are registered: {created} new, {updated} repaired."
    return (HealthCheck("webhooks", True, text),)


def _callback_refusal(client: ShopifyClient, callback_url: str) -> HealthCheck | None:
    """Shopify posts to https alone; a simulator on this machine also posts to this machine."""
    if callback_url.startswith("https://"):
        return None
    is_plain = callback_url.startswith("http://")
    if is_plain and client.link.is_loopback and is_loopback(callback_url):
        return None
    text = (
        "Shopify posts webhooks to https:// addresses alone. Give the gateway a public https:// address; "
        "until then changes are found by polling."
    )
    return HealthCheck("webhooks", False, text, "webhook_callback_not_https")


def _ours(existing: Iterable[Subscription], topic: str, callback_url: str) -> Subscription | None:
    """The subscription to keep for a topic: at our address, or under our name at an address we had before."""
    of_topic = [subscription for subscription in existing if subscription.topic == topic]
    at_address = [subscription for subscription in of_topic if subscription.uri == callback_url]
    by_name = [subscription for subscription in of_topic if subscription.name.startswith(_NAME)]
    return next(iter([*at_address, *by_name]), None)


async def _put(client: ShopifyClient, topic: str, callback_url: str, old: Subscription | None) -> str:
    """Create or update one; gives Shopify's words where it refuses."""
    wanted: dict[str, object] = {"uri": callback_url, "format": "JSON", "name": _name(topic)}
    if old is None:
        document, key = WEBHOOK_CREATE, "webhookSubscriptionCreate"
        variables: dict[str, object] = {"topic": topic, "subscription": wanted}
    else:
        document, key = WEBHOOK_UPDATE, "webhookSubscriptionUpdate"
        # Filters and field lists would hide changes from us.
        whole = {} if old.is_whole else {"includeFields": [], "filter": ""}
        variables = {"id": old.id, "subscription": {**wanted, **whole}}
    try:
        answer = await client.send(document, variables)
    except UnknownOutcome:
        existing = await list_subscriptions(client)
        found = _ours(existing, topic, callback_url)
        return "" if found is not None and found.uri == callback_url else "its answer was lost, try again"
    errors = [error["message"].text_or_empty() for error in Field(answer.data)[key]["userErrors"].items()]
    return "; ".join(errors)[:200]


def _name(topic: str) -> str:
    """At most 50 letters, digits, hyphens and underscores."""
    short = topic.replace("FULFILLMENT_ORDERS_", "FO_").replace("_PREPARED_FOR_", "_FOR_")
    return f"{_NAME}-{short.lower().replace('_', '-')}"


def _subscription(node: Field) -> Subscription:
    return Subscription(
        id=node["id"].text(),
        topic=node["topic"].text(),
        uri=node["uri"].text_or_empty(),
        name=node["name"].text_or_empty(),
        is_whole=node["format"].text_or_empty() == "JSON"
        and not node["filter"].text_or_empty()
        and not node["includeFields"].value,
    )
