"""Notices: what stores' webhooks say is fetched from the store itself, many at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import batched

from doorstep.errors import RemoteError, UnreadablePayload
from doorstep.events import StoreNotified
from doorstep.order import LinkStatus, Store
from doorstep.ports import NoticeKind, RawOrder, StoreConnector
from gateway.flow.articles import learn_articles
from gateway.flow.intake import forget_order, keep_orders
from gateway.flow.linking import places_changed, scopes_changed, store_uninstalled
from gateway.flow.ports import Means
from gateway.flow.privacy import take_privacy_notice
from gateway.flow.reach import may_try, watched
from gateway.flow.records import InboxRecord
from gateway.flow.sync import BATCH

AT_ONCE = 100
"""Webhooks that are taken from the inbox together."""

CLOCKS_APART = timedelta(seconds=2)
"""Webhooks are stamped by one of our processes, orders by another."""


async def take_notices(event: StoreNotified, means: Means) -> None:
    """Work through a store's webhooks in the inbox until none is left.

    A webhook is a hint: what it names is fetched. If the store cannot be asked, the webhooks stay where they
    are for the next try, and walks read what they would have told.
    """
    async with means.begin(event.merchant_id) as work:
        store = await work.accounts.store(event.store_id)
        sync = await work.syncs.get(event.store_id)
    if store is None or not may_try(sync, means.clock.now()):
        return
    while True:
        async with means.begin(event.merchant_id) as work:
            waiting = await work.inbox.waiting(store.id, AT_ONCE)
        if not waiting:
            return
        try:
            await _take(means, store, waiting)
        except RemoteError:
            return


async def _take(means: Means, store: Store, waiting: Sequence[InboxRecord]) -> None:
    about_orders = [record for record in waiting if record.external_id]
    for record in waiting:
        if not record.external_id:
            await _obey(means, store, record)
    if about_orders and store.status is not LinkStatus.DISCONNECTED:
        async with watched(means, store):
            connector = await means.links.store(store.merchant_id, store.id)
            await _fetch(means, store, connector, await _news(means, store, about_orders))
    async with means.begin(store.merchant_id) as work:
        await work.inbox.mark_handled([record.id for record in about_orders], means.clock.now())


async def _obey(means: Means, store: Store, record: InboxRecord) -> None:
    """Do what a notice asks that is about no order."""
    try:
        notice = means.links.read_store_notice(store.platform, record.headers, record.body)
        kind = notice.kind
        if kind is NoticeKind.PRIVACY:
            about = means.links.read_privacy_notice(store.platform, record.headers, record.body)
            await take_privacy_notice(means, store, about)
    except UnreadablePayload:
        kind = NoticeKind.OTHER  # it was read once before it was kept, so nobody else will read it either
    match kind:
        case NoticeKind.UNINSTALLED:
            await store_uninstalled(means, store)
        case NoticeKind.SCOPES:
            await scopes_changed(means, store)
        case NoticeKind.PLACES:
            await places_changed(means, store)
    async with means.begin(store.merchant_id) as work:
        await work.inbox.mark_handled([record.id], means.clock.now())


async def _news(means: Means, store: Store, records: Sequence[InboxRecord]) -> Sequence[str]:
    """Ids that must be fetched: those that were not asked for since the webhook came."""
    told: dict[str, datetime] = {}
    for record in records:
        told[record.external_id] = max(record.received_at, told.get(record.external_id, record.received_at))
    async with means.begin(store.merchant_id) as work:
        read_at: Mapping[str, datetime] = await work.orders.read_times(store.id, list(told))
    return [
        external_id
        for external_id, at in told.items()
        if external_id not in read_at or read_at[external_id] <= at + CLOCKS_APART
    ]


async def _fetch(means: Means, store: Store, connector: StoreConnector, ids: Sequence[str]) -> None:
    found = await connector.fetch_orders(ids) if ids else {}
    for missing in [external_id for external_id, raw in found.items() if raw is None]:
        # Asked twice before it is believed: a store that is unwell may have lost an order for a moment.
        again = await connector.fetch_order(missing)
        if again is None:
            await forget_order(means, store, missing)
        else:
            await keep_orders(means, store, connector, [again])
    raws: dict[str, RawOrder] = {raw.external_id: raw for raw in found.values() if raw is not None}
    for batch in batched(raws.values(), BATCH):
        kept = await keep_orders(means, store, connector, batch)
        await learn_articles(means, store, connector, kept)
