"""Send: what lies in the outbox goes out, unless it is stale, unwanted, too much or at a wrong hour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from doorstep.delivery import Delivery
from doorstep.errors import DoorstepError, RemoteUnavailable, UnknownOutcome
from doorstep.merchant import Merchant
from doorstep.notice import (
    Letter,
    Notice,
    NoticeChannel,
    NoticeEvent,
    NoticeFault,
    NoticeRefused,
    NoticeStatus,
    NoticeUpdate,
    Taken,
)
from doorstep.thread import Participant
from doorstep.visibility import TrackingAudience, as_seen
from gateway.flow.messaging.people.failing import by_another_way, drop, fail
from gateway.flow.messaging.people.occasions import is_stale, valid_s
from gateway.flow.messaging.people.quiet import quiet_until
from gateway.flow.messaging.people.recipients import address_of
from gateway.flow.messaging.people.tell import may_write
from gateway.flow.messaging.people.templates import choose, fill, language_of, values_of, variables_of
from gateway.flow.messaging.people.unreachable import settle_reached
from gateway.flow.messaging.threads.masking import shown_to
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.ports.notices import LinkedNotifier
from gateway.flow.watching.incidents import name_of

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 20
BUDGET_S = 20.0
LEASE = timedelta(minutes=3)
"""A notice that was begun and of which nothing was heard for so long is looked for: a process died."""

UNHEARD = timedelta(minutes=10)
"""A callback that was lost stays lost: then the provider is asked."""

ASKED_FOR = timedelta(hours=24)

PHOTO = "📷"
"""What stands for a photo without words, in every language."""


@dataclass(frozen=True, slots=True)
class _Ready:
    """A notice that is about to go out.

    Attributes
    ----------
    was_begun
        Somebody tried before, and it is not known what came of it.
    """

    notice: Notice
    letter: Letter
    linked: LinkedNotifier
    was_begun: bool


async def send_due(means: Means, merchant_id: str) -> int:
    """Send what is due of a merchant, one after the other; how many were looked at."""
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        due = await work.notices.claim(now, now + LEASE, MOST_AT_ONCE)
    for notice in due:
        ready = await _prepare(means, notice)
        if ready is not None:
            await _send(means, ready)
    return len(due)


async def look_after(means: Means, merchant_id: str) -> int:
    """Ask providers for what they took and said nothing of since; how many were asked for."""
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        silent = await work.notices.unsettled(now - ASKED_FOR, now - UNHEARD, MOST_AT_ONCE)
    for notice in silent:
        try:
            linked = await means.notifiers.of(merchant_id, notice.account_id)
            update = await linked.notifier.look(notice.provider_id, BUDGET_S) if linked is not None else None
        except (DoorstepError, NoticeRefused):
            continue
        except Exception as slip:  # a connector's own mistake must not stop the others
            log.warning("a notice could not be asked for", notice_id=notice.id, error=type(slip).__name__)
            continue
        if linked is None:
            continue
        async with means.begin(merchant_id) as work:
            await take_update(means, work, notice.account_id, update or _nothing_new(notice))
    return len(silent)


async def take_update(means: Means, work: UnitOfWork, account_id: str, update: NoticeUpdate) -> None:
    """Write down what a provider says of a notice; what says less than is known changes nothing."""
    found = await work.notices.taken_as(account_id, update.provider_id)
    notice = (await _locked(work, found))[1] if found is not None else None
    if notice is None:
        return
    if not notice.raised_to(update.status):
        await work.notices.put(replace(notice, sent_at=notice.sent_at or means.clock.now()))
        return
    changed = replace(notice, status=update.status, raw_code=update.raw_code)
    if update.status is not NoticeStatus.FAILED:
        await work.notices.put(changed)
        await settle_reached(work, changed, means.clock.now())
        return
    fault = update.fault or NoticeFault.UNKNOWN
    refused = NoticeRefused(fault, update.raw_code, "It did not arrive.")
    await fail(work, changed, refused, means.clock.now())


async def _prepare(means: Means, notice: Notice) -> _Ready | None:
    """What is to be sent, after a last look at whether it is to be; None where it is not now."""
    now = means.clock.now()
    try:
        linked = await means.notifiers.of(notice.merchant_id, notice.account_id)
    except NoticeRefused as refused:
        await _fail(means, notice, refused)
        return None
    async with means.begin(notice.merchant_id) as work:
        delivery, current = await _locked(work, notice)
        merchant = await work.accounts.merchant()
        if current is None or current.due_at is None or delivery is None:
            return None
        why = _why_not(delivery, current, now) or await _too_many(work, merchant, current, now)
        if not why and linked is None:
            why = "Nobody speaks for the account that it was to be sent by."
        if why or linked is None:
            await drop(work, current, why)
            return None
        refusal = await may_write(work, merchant, current.channel, current.recipient_key)
        if refusal:
            # It is still so, and the shopper may have given another way.
            await drop(work, current, refusal)
            await by_another_way(work, current, now)
            return None
        zone = delivery.promise.time_zone if delivery.promise else merchant.time_zone
        later = quiet_until(merchant.notices, current.channel, zone, now)
        if later is not None:
            await work.notices.put(replace(current, due_at=later))
            return None
        letter = await _letter(means, work, merchant, delivery, current)
        was_begun = current.status is NoticeStatus.IN_DOUBT
        begun = replace(
            current, status=NoticeStatus.IN_DOUBT, attempts=current.attempts + 1, due_at=now + LEASE
        )
        await work.notices.put(begun)
    return _Ready(begun, letter, linked, was_begun)


def _why_not(delivery: Delivery, notice: Notice, now: datetime) -> str:
    """Why there is nothing to say to this recipient any more; "" where there is."""
    if address_of(delivery.destination, notice.channel) != notice.recipient:
        return "The delivery goes to somebody else by now, or was forgotten."
    if is_stale(notice, delivery, now):
        return "It would say what is no longer so."
    return ""


async def _too_many(work: UnitOfWork, merchant: Merchant, notice: Notice, now: datetime) -> str:
    if notice.channel is NoticeChannel.EMAIL or notice.status is NoticeStatus.IN_DOUBT:
        return ""
    sent = await work.notices.count_sent(notice.recipient_key, now - timedelta(hours=24))
    return "The recipient has got enough for a day." if sent >= merchant.notices.most_a_day else ""


async def _letter(
    means: Means, work: UnitOfWork, merchant: Merchant, delivery: Delivery, notice: Notice
) -> Letter:
    order = await work.orders.get(delivery.order_id)
    leg = delivery.active_leg
    language = language_of(merchant, delivery)
    template = choose(await work.notices.templates(), notice.event, notice.channel, language)
    values: Mapping[str, str] = values_of(
        merchant,
        as_seen(delivery, TrackingAudience.SHOPPER, merchant.visibility, means.clock.now()),
        order.number if order else delivery.reference,
        means.tracking_link(delivery),
        await name_of(work, leg) if leg else "",
        template.language,
        await _written(work, notice),
    )
    before = [one.id for one in await work.notices.of_delivery(delivery.id) if one.provider_id]
    return Letter(
        channel=notice.channel,
        to=notice.recipient,
        subject=fill(template.subject, values),
        text=fill(template.text, values).strip(),
        reference=notice.id,
        thread=tuple(before),
        template=template.approved_template if notice.channel is NoticeChannel.WHATSAPP else "",
        variables=variables_of(template, values),
        valid_s=valid_s(notice.event),
        stop_url=means.stop_link(merchant.id, notice.recipient_key)
        if notice.channel is NoticeChannel.EMAIL
        else "",
    )


async def _written(work: UnitOfWork, notice: Notice) -> str:
    """What somebody wrote to the shopper, for the notice that carries it."""
    if notice.event is not NoticeEvent.MESSAGE:
        return ""
    message = await work.threads.message(notice.occasion)
    if message is None:
        return ""
    return shown_to(Participant.SHOPPER, message) or (PHOTO if message.file_ids else "")


async def _send(means: Means, ready: _Ready) -> None:
    notice, notifier = ready.notice, ready.linked.notifier
    try:
        taken = await _found_or_sent(means, ready)
    except UnknownOutcome:
        return  # it stays IN_DOUBT, and is looked for when its lease is over
    except NoticeRefused as refused:
        await _fail(means, notice, refused)
        return
    except RemoteUnavailable as away:
        busy = NoticeRefused(NoticeFault.TRY_AGAIN, away.raw_code, "The provider cannot be reached.")
        await _fail(means, notice, busy)
        return
    except Exception as slip:  # a connector's own mistake must not stop the others
        log.warning("a notice could not be sent", notifier=type(notifier).__name__, error=type(slip).__name__)
        return
    async with means.begin(notice.merchant_id) as work:
        _, current = await _locked(work, notice)
        if current is None:
            return
        status = taken.status if current.raised_to(taken.status) else current.status
        sent = replace(
            current,
            status=status,
            provider_id=taken.provider_id,
            due_at=None,
            sent_at=means.clock.now(),
            fault=None,
            why="",
        )
        await work.notices.put(sent)
        await settle_reached(work, sent, means.clock.now())


async def _fail(means: Means, notice: Notice, refused: NoticeRefused) -> None:
    async with means.begin(notice.merchant_id) as work:
        _, current = await _locked(work, notice)
        # While it was under way its shopper may have been forgotten.
        if current is not None and current.due_at is not None:
            await fail(work, current, refused, means.clock.now())


async def _locked(work: UnitOfWork, notice: Notice) -> tuple[Delivery | None, Notice | None]:
    """A notice as it is now, and what it is about; nobody else changes either until the commit."""
    # In the order in which everybody locks: the delivery, then what is wrong with it or said of it.
    delivery = await work.deliveries.get(notice.delivery_id, lock=True)
    return delivery, await work.notices.get(notice.id, lock=True)


async def _found_or_sent(means: Means, ready: _Ready) -> Taken:
    notifier, letter = ready.linked.notifier, ready.letter
    if ready.was_begun and not ready.linked.may_repeat:
        since_s = (means.clock.now() - ready.notice.created_at).total_seconds() + 60
        found = await notifier.find(letter, since_s, BUDGET_S)
        if found is not None:
            return Taken(found.provider_id, found.status)
    return await notifier.send(letter, BUDGET_S)


def _nothing_new(notice: Notice) -> NoticeUpdate:
    return NoticeUpdate(notice.provider_id, notice.status)
