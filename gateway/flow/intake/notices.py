"""Notices: what stores' webhooks say is fetched from the store itself, many at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import batched

from doorstep.errors import DoorstepError, RemoteRefused, UnreadablePayload
from doorstep.events import StoreNotified
from doorstep.order import LinkStatus, Store
from doorstep.ports import NoticeKind, RawOrder, StoreConnector, StoreNotice
from gateway.flow.intake.articles import learn_articles
from gateway.flow.intake.keep import forget_order, keep_orders
from gateway.flow.intake.linking import places_changed, scopes_changed, store_uninstalled
from gateway.flow.intake.quarantine import quarantine
from gateway.flow.intake.reach import may_try, watched
from gateway.flow.intake.sync import BATCH
from gateway.flow.ports import Means
from gateway.flow.privacy.requests import take_privacy_notice
from gateway.flow.records import InboxRecord

AT_ONCE = 200
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
    left: set[str] = set()
    is_away = False
    while not is_away:
        async with means.begin(event.merchant_id) as work:
            waiting = await work.inbox.waiting(store.id, AT_ONCE, but_not=left)
        if not waiting:
            return
        about_orders = [record for record in waiting if record.external_id]
        try:
            await _take_orders(means, store, about_orders)
        except DoorstepError:
            is_away = True
        except Exception as error:
            # The turn of this store is not kept for a try in an hour: the chore that catches up comes sooner.
            is_away = means.passes_by_itself(error) or not await _take_each(means, store, about_orders)
        for record in waiting:
            # One that cannot be obeyed now holds up nobody; it waits for the next time.
            with suppress(DoorstepError):
                if not record.external_id:
                    await _obey(means, store, record)
        left.update(record.id for record in waiting)


async def _take_orders(means: Means, store: Store, about: Sequence[InboxRecord]) -> None:
    if about and store.status is not LinkStatus.DISCONNECTED:
        async with watched(means, store):
            connector = await means.links.store(store.merchant_id, store.id)
            await _fetch(means, store, connector, await _news(means, store, about))
    async with means.begin(store.merchant_id) as work:
        await work.inbox.mark_handled([record.id for record in about], means.clock.now())


async def _take_each(means: Means, store: Store, about: Sequence[InboxRecord]) -> bool:
    """One webhook after the other, since one of them breaks us: that one goes to quarantine.

    Says whether the store could be asked.
    """
    for record in about:
        try:
            await _take_orders(means, store, [record])
        except DoorstepError:
            return False
        except Exception as error:
            if means.passes_by_itself(error):
                return False
            at = means.clock.now()
            slip = UnreadablePayload(f"Doorstep failed at this order ({type(error).__name__}).")
            async with means.begin(store.merchant_id) as work:
                await quarantine(work, store, RawOrder(record.external_id, "", at, at), slip, at)
                await work.inbox.mark_handled([record.id], at)
    return True


async def _obey(means: Means, store: Store, record: InboxRecord) -> None:
    """Do what a notice asks that is about no order."""
    notice = await _read(means, store, record)
    match notice.kind if notice else NoticeKind.OTHER:
        case NoticeKind.PRIVACY:
            about = means.links.read_privacy_notice(store.platform, record.headers, record.body)
            await take_privacy_notice(means, store, about, record.received_at)
        case NoticeKind.UNINSTALLED:
            await store_uninstalled(means, store)
        case NoticeKind.SCOPES:
            await scopes_changed(means, store)
        case NoticeKind.PLACES:
            await places_changed(means, store)
    async with means.begin(store.merchant_id) as work:
        await work.inbox.mark_handled([record.id], means.clock.now())


async def _read(means: Means, store: Store, record: InboxRecord) -> StoreNotice | None:
    """What it says; it was read once before it was kept, so whoever cannot read it now never will."""
    if not record.body:
        async with means.begin(store.merchant_id) as work:
            record = await work.inbox.get(record.id) or record
    try:
        return means.links.read_store_notice(store.platform, record.headers, record.body)
    except UnreadablePayload:
        return None


async def _news(
    means: Means, store: Store, records: Sequence[InboxRecord]
) -> Mapping[str, Sequence[InboxRecord]]:
    """What must be fetched, with the webhooks about it: what was not asked for since they came."""
    told: dict[str, list[InboxRecord]] = {}
    for record in records:
        told.setdefault(record.external_id, []).append(record)
    async with means.begin(store.merchant_id) as work:
        read_at = await work.orders.read_times(store.id, list(told))
    return {
        external_id: about
        for external_id, about in told.items()
        if external_id not in read_at
        or read_at[external_id] <= max(record.received_at for record in about) + CLOCKS_APART
    }


async def _fetch(
    means: Means, store: Store, connector: StoreConnector, news: Mapping[str, Sequence[InboxRecord]]
) -> None:
    asked_at = means.clock.now()
    found = await _ask(means, store, connector, list(news)) if news else {}
    raws: dict[str, RawOrder] = {raw.external_id: raw for raw in found.values() if raw is not None}
    for external_id in [name for name, raw in found.items() if raw is None]:
        # Asked twice before it is believed: a store that is unwell may have lost an order for a moment.
        again = await connector.fetch_order(external_id)
        if again is not None:
            raws[again.external_id] = again
        elif not await _is_hidden(means, store, connector, external_id, news[external_id]):
            await forget_order(means, store, external_id, asked_at)
    for batch in batched(raws.values(), BATCH):
        kept = await keep_orders(means, store, connector, batch)
        await learn_articles(means, store, connector, kept)


async def _ask(
    means: Means, store: Store, connector: StoreConnector, ids: Sequence[str]
) -> Mapping[str, RawOrder | None]:
    """All of them; where the store refuses one, that one goes to quarantine and the others are fetched."""
    with suppress(RemoteRefused):
        return await connector.fetch_orders(ids)
    found: dict[str, RawOrder | None] = {}
    for external_id in ids:
        at = means.clock.now()
        try:
            found[external_id] = await connector.fetch_order(external_id)
        except RemoteRefused as refusal:
            async with means.begin(store.merchant_id) as work:
                await quarantine(work, store, RawOrder(external_id, "", at, at), refusal, at)
    return found


async def _is_hidden(
    means: Means,
    store: Store,
    connector: StoreConnector,
    external_id: str,
    about: Sequence[InboxRecord],
) -> bool:
    """Whether the store has the order and does not show it to us; a notice of its deletion says no."""
    for record in about:
        notice = await _read(means, store, record)
        if notice is not None and notice.is_deletion:
            return False
    shown: datetime | None = await connector.shows_since()
    async with means.begin(store.merchant_id) as work:
        known = await work.orders.by_external_id(store.id, external_id)
    return shown is not None and known is not None and known.placed_at < shown
