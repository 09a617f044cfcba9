"""Hear: what providers say of notices, and what people write back."""

from __future__ import annotations

from datetime import datetime

from doorstep.ids import new_id
from doorstep.notice import Consent, NoticeChannel, NoticeUpdate, Reply, Suppression, Wish
from gateway.flow.messaging.people.recipients import key_of
from gateway.flow.messaging.people.send import take_update
from gateway.flow.messaging.threads.write import take_reply
from gateway.flow.ports import Means, UnitOfWork


async def take_word(
    means: Means, merchant_id: str, account_id: str, word: NoticeUpdate | Reply | None
) -> None:
    """Take in a verified call of a provider; the same again changes nothing."""
    if word is None:
        return
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        if isinstance(word, NoticeUpdate):
            await take_update(means, work, account_id, word)
        elif word.wish is Wish.STOP:
            await stop(work, word.channel, word.sender, f"STOP by {word.channel}", now)
        elif word.wish is Wish.START:
            await start(work, word.channel, word.sender, f"START by {word.channel}", now)
        elif word.wish is None:
            await take_reply(work, word, now)


async def stop(work: UnitOfWork, channel: NoticeChannel, recipient: str, source: str, now: datetime) -> None:
    """Write to somebody no more by a channel."""
    await stop_key(work, channel, key_of(work.merchant_id, recipient), source, now)


async def stop_key(work: UnitOfWork, channel: NoticeChannel, key: str, source: str, now: datetime) -> None:
    """The same for somebody of whom only the key is known."""
    if await work.notices.suppression(channel, key) is None:
        await work.notices.suppress(Suppression(work.merchant_id, channel, key, "STOP", now))
    await _log(work, channel, key, source, now, is_given=False)


async def start(work: UnitOfWork, channel: NoticeChannel, recipient: str, source: str, now: datetime) -> None:
    """Somebody agrees to be written to by a channel, perhaps again."""
    key = key_of(work.merchant_id, recipient)
    await work.notices.allow(channel, key)
    await _log(work, channel, key, source, now, is_given=True)


async def _log(
    work: UnitOfWork, channel: NoticeChannel, key: str, source: str, now: datetime, *, is_given: bool
) -> None:
    said = await work.notices.consent(channel, key)
    if said is not None and (said.is_given, said.source) == (is_given, source):
        return  # a provider calls again where it did not hear our answer
    await work.notices.log_consent(
        Consent(new_id("con"), work.merchant_id, channel, key, is_given, source, now)
    )
