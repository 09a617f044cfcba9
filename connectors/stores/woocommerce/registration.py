"""Registers our webhooks in a store, switches them on again and repairs them."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from connectors.stores.woocommerce.diagnosis import Fault, failed, failed_with, passed
from connectors.stores.woocommerce.receiver import why_refused
from connectors.stores.woocommerce.store_api import StoreApi
from connectors.stores.woocommerce.webhook import TOPICS
from doorstep.errors import AccountProblem, RemoteRefused
from doorstep.health import HealthCheck
from doorstep.secret import Secret

NAME_PREFIX = "Doorstep "

_SWITCHED_ON = (
    "Was switched off after failed deliveries; switched on again. WooCommerce keeps its count of failures: "
    "one more failed delivery switches it off at once, the first good one clears the count."
)
_PAGE = 100
_MOST_PAGES = 20


async def register(api: StoreApi, callback_url: str, secret: Secret) -> tuple[HealthCheck, ...]:
    """One active webhook a topic with our secret; what stands in the way is said, not raised.

    Raises
    ------
    RemoteUnavailable, UnknownOutcome
        If the store was unwell: call again, it finds what the first call left.
    """
    try:
        rows = await _webhooks(api)
        await _clear_away(api, callback_url, rows)
        present = [row for row in rows if _is_to(row, callback_url)]
        done = [await _settle(api, topic, callback_url, secret, present) for topic in TOPICS]
    except (AccountProblem, RemoteRefused) as error:
        return (failed_with("webhooks", error),)
    return (*done, await receiver_check(api, callback_url))


async def our_webhooks(api: StoreApi) -> list[dict[str, Any]]:
    """Webhooks that carry our name, oldest first."""
    return [row for row in await _webhooks(api) if _has_our_name(row)]


async def _webhooks(api: StoreApi) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for number in range(1, _MOST_PAGES + 1):
        rows = (
            await api.read("webhooks", {"per_page": str(_PAGE), "page": str(number), "status": "all"})
        ).rows()
        found += rows
        if len(rows) < _PAGE:
            break
    return sorted(found, key=lambda row: int(row["id"]))


async def receiver_check(api: StoreApi, callback_url: str) -> HealthCheck:
    """Whether stock WordPress would deliver there at all."""
    host = urlsplit(callback_url).hostname or ""
    refusal = why_refused(callback_url, api.url, await api.addresses_of(host))
    if refusal:
        return failed("webhook_receiver", Fault.RECEIVER_REFUSED, refusal)
    return passed("webhook_receiver", "WordPress takes our address as a receiver.")


async def _clear_away(api: StoreApi, callback_url: str, rows: list[dict[str, Any]]) -> None:
    """Delete webhooks of our name to another address where nobody answered any more.

    We had that address before, or another Doorstep has it: then it answers, and registers anew if it must.
    """
    for row in rows:
        if _has_our_name(row) and not _is_to(row, callback_url) and row.get("status") == "disabled":
            with contextlib.suppress(RemoteRefused):  # somebody else has just deleted it
                await api.write("DELETE", f"webhooks/{row['id']}", parameters={"force": "true"})


async def _settle(
    api: StoreApi,
    topic: str,
    callback_url: str,
    secret: Secret,
    present: list[dict[str, Any]],
) -> HealthCheck:
    name = f"webhook {topic}"
    same = [row for row in present if row.get("topic") == topic]
    kept = next((row for row in same if is_made_by(row, api.key_tail)), None)
    wanted = {"status": "active", "secret": secret.reveal()}
    if kept is None:
        own_name = f"{NAME_PREFIX}{topic} ({api.key_tail})"
        await api.write(
            "POST", "webhooks", {"name": own_name, "topic": topic, "delivery_url": callback_url, **wanted}
        )
    for surplus in same:
        if surplus is not kept:
            await api.write("DELETE", f"webhooks/{surplus['id']}", parameters={"force": "true"})
    if kept is None:
        return passed(name, "Registered." if not same else "Registered anew: another key had made it.")
    # Written every time: the store never shows the secret, so that nobody can see whether it is still ours.
    await api.write("PUT", f"webhooks/{kept['id']}", wanted)
    if kept.get("status") != "active":
        return passed(name, _SWITCHED_ON)
    return passed(name, "Registered and active.")


def is_made_by(row: Mapping[str, Any], key_tail: str) -> bool:
    """Whether a webhook of ours was made with the key that ends so.

    Webhooks show the store as the user sees it who made them, for good: no later change makes another user
    their owner (WC_REST_Webhooks_V1_Controller::update_item). So those of an older key are made anew.
    """
    return str(row.get("name", "")).endswith(f"({key_tail})")


def _is_to(row: Mapping[str, Any], callback_url: str) -> bool:
    return row.get("delivery_url") == callback_url


def _has_our_name(row: Mapping[str, Any]) -> bool:
    return str(row.get("name", "")).startswith(NAME_PREFIX)
