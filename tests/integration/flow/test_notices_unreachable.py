"""Addresses that do not exist: marked, another way is taken, and people hear of who is left without news."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest
import trustme

from connectors.notify.smtp.client import MailSettings, Security, SmtpAccount
from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStatus
from doorstep.incident import Incident, IncidentKind
from doorstep.notice import NoticeChannel, NoticeEvent, NoticeFault, NoticeStatus
from doorstep.secret import Secret
from gateway.flow.messaging.people.failing import WAITS_S
from gateway.flow.messaging.people.hear import start
from gateway.flow.messaging.people.recipients import key_of
from gateway.flow.messaging.people.tell import unsay
from gateway.flow.watching.incidents import Alarm, raise_incident
from simulator.messaging.mail import SimulatedMail
from tests.conftest import Dsn
from tests.integration.flow.fakes import HOME, MERCHANT_ID
from tests.integration.flow.office import SMS_FIRST, Office, opened
from tests.integration.flow.stage import Stage
from tests.integration.flow.waits import until_somebody_waits

NOBODY = "nobody@example.com"
"""The mail server knows no such mailbox."""

MAIL_FIRST = replace(SMS_FIRST, channels=(NoticeChannel.EMAIL, NoticeChannel.SMS))


@dataclass
class Town:
    """An office that mails by a server of its town."""

    office: Office
    server: SimulatedMail

    async def goes_out(self, delivery: Delivery) -> Delivery:
        out = await self.office.change(delivery, status=DeliveryStatus.OUT_FOR_DELIVERY)
        await self.office.send()
        return out

    async def trouble(self) -> list[Incident]:
        live = await self.office.stage.incidents()
        return [one for one in live if one.title.endswith("the shopper cannot be written to")]


@pytest.fixture
async def town(stage: Stage) -> AsyncIterator[Town]:
    authority, tls = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)
    server = SimulatedMail()
    async with server.serving(tls) as port:
        login = (server.username, Secret(server.password))
        settings = MailSettings("127.0.0.1", port, Security.STARTTLS, *login, "shop@mail.example")
        account = SmtpAccount(settings, trusted)
        async with opened(stage, account) as office:
            await office.rules(MAIL_FIRST)
            yield Town(office, server)
        await account.close()


async def test_a_mailbox_that_does_not_exist_is_marked_and_the_shopper_hears_by_sms(town: Town) -> None:
    office = town.office
    delivery = await office.order(email=NOBODY)
    delivery = await town.goes_out(delivery)
    await office.send()
    refused, texted = await office.notices(delivery)
    assert (refused.status, refused.fault, refused.raw_code) == (
        NoticeStatus.FAILED,
        NoticeFault.BAD_RECIPIENT,
        "5.1.1",
    )
    assert (refused.why, refused.due_at) == ("There is no such mailbox.", None)
    assert texted.channel is NoticeChannel.SMS
    assert len(office.twilio.messages) == 1
    async with office.means.begin(MERCHANT_ID) as work:
        known = await work.notices.suppression(NoticeChannel.EMAIL, key_of(MERCHANT_ID, NOBODY))
    assert known is not None
    assert known.reason == "cannot be reached"
    await office.change(delivery, status=DeliveryStatus.DELIVERED)
    await office.send()
    *_, last = await office.notices(delivery)
    assert last.channel is NoticeChannel.SMS, "no mail goes there again"
    assert await town.trouble() == [], "who has another way needs no person"


async def test_what_waited_for_an_address_that_was_marked_meanwhile_takes_the_other_way_too(
    town: Town,
) -> None:
    office = town.office
    delivery = await office.order(email=NOBODY)
    delivery = await office.change(delivery, status=DeliveryStatus.OUT_FOR_DELIVERY)
    await office.change(delivery, status=DeliveryStatus.AT_DROPOFF)
    events = {(notice.event, notice.channel) for notice in await office.notices(delivery)}
    both = (NoticeEvent.OUT_FOR_DELIVERY, NoticeEvent.NEARBY)
    assert events == {(event, NoticeChannel.EMAIL) for event in both}
    for _ in range(2):
        await office.send()
    found = await office.notices(delivery)
    mails = [one.status for one in found if one.channel is NoticeChannel.EMAIL]
    texts = {one.event for one in found if one.channel is NoticeChannel.SMS}
    assert (sorted(mails), texts) == ([NoticeStatus.DROPPED, NoticeStatus.FAILED], set(both))
    assert len(office.twilio.messages) == 2


async def test_a_shopper_with_no_other_way_is_shown_to_the_desk_once_and_without_their_address(
    town: Town,
) -> None:
    delivery = await town.goes_out(await town.office.order(phone=None, email=NOBODY))
    (shown,) = await town.trouble()
    assert shown.delivery_id == delivery.id
    assert shown.title == f"{delivery.reference}: the shopper cannot be written to"
    assert "e-mail" in shown.evidence
    assert "@" not in repr(shown)
    await town.office.change(delivery, status=DeliveryStatus.AT_DROPOFF)
    assert [one.id for one in await town.trouble()] == [shown.id]


async def test_the_trouble_is_over_once_a_message_gets_through(town: Town) -> None:
    office = town.office
    delivery = await town.goes_out(await office.order(phone=None, email=NOBODY))
    right = replace(HOME, phone=None, email="ana@example.com")
    await office.change(delivery, destination=right, status=DeliveryStatus.DELIVERED)
    await office.send()
    assert [str(mail["To"]) for mail in town.server.mails] == ["ana@example.com"]
    assert await town.trouble() == []


async def test_a_number_is_right_when_a_message_has_arrived_there_and_not_when_it_was_taken(
    town: Town,
) -> None:
    office = town.office
    delivery = await town.goes_out(await office.order(phone=None, email=NOBODY))
    right = replace(HOME, email=NOBODY)
    await office.change(delivery, destination=right, status=DeliveryStatus.AT_DROPOFF)
    await office.send()
    assert len(office.twilio.messages) == 1
    assert len(await town.trouble()) == 1, "it may still turn out to be none"
    await office.callbacks()
    assert await town.trouble() == []


async def test_it_hides_no_other_trouble_of_the_same_delivery(town: Town) -> None:
    delivery = await town.goes_out(await town.office.order(phone=None, email=NOBODY))
    costly = Alarm(IncidentKind.OTHER, "Called off, but booked", "It costs.", delivery_id=delivery.id)
    async with town.office.means.begin(MERCHANT_ID) as work:
        await raise_incident(work, costly, town.office.stage.clock.now())
    titles = {one.title for one in await town.office.stage.incidents()}
    assert titles >= {costly.title, f"{delivery.reference}: the shopper cannot be written to"}


async def test_another_order_of_the_same_shopper_is_not_mailed_and_is_shown_at_once(town: Town) -> None:
    office = town.office
    await town.goes_out(await office.order(phone=None, email=NOBODY))
    other = await office.stage.booked("1002")
    await office.change(
        other,
        destination=replace(HOME, phone=None, email=NOBODY),
        status=DeliveryStatus.OUT_FOR_DELIVERY,
    )
    assert {one.delivery_id for one in await town.trouble()} >= {other.id}
    assert NoticeChannel.EMAIL not in {one.channel for one in await office.notices(other)}


async def test_somebody_who_says_that_the_address_is_right_is_mailed_again(town: Town) -> None:
    office = town.office
    delivery = await town.goes_out(await office.order(phone=None, email=NOBODY))
    async with office.means.begin(MERCHANT_ID) as work:
        await start(work, NoticeChannel.EMAIL, NOBODY, "on the telephone", office.stage.clock.now())
    await office.change(delivery, status=DeliveryStatus.DELIVERED)
    *_, last = await office.notices(delivery)
    assert (last.event, last.channel) == (NoticeEvent.DELIVERED, NoticeChannel.EMAIL)


async def test_a_server_that_does_not_let_us_send_says_nothing_of_the_recipient(town: Town) -> None:
    office = town.office
    town.server.senders_refused = "550 5.1.1 We know no such shop"
    await town.goes_out(await office.order(phone=None, email="ana@example.com"))
    async with office.means.begin(MERCHANT_ID) as work:
        key = key_of(MERCHANT_ID, "ana@example.com")
        assert await work.notices.suppression(NoticeChannel.EMAIL, key) is None
    assert "Shoppers cannot be written to" in [one.title for one in await office.stage.incidents()]
    assert await town.trouble() == []


async def test_a_server_that_puts_off_for_good_is_given_up_and_the_other_way_taken(town: Town) -> None:
    office = town.office
    delivery = await office.order(email="grey@example.com")
    await office.change(delivery, status=DeliveryStatus.DELIVERED)
    (notice,) = await office.notices(delivery)
    while notice.due_at is not None:
        office.stage.clock.advance(seconds=(notice.due_at - office.stage.clock.now()).total_seconds())
        await office.send()
        notice = (await office.notices(delivery))[0]
    _, other = await office.notices(delivery)
    assert (notice.status, notice.fault) == (NoticeStatus.FAILED, NoticeFault.TRY_AGAIN)
    assert (other.channel, notice.attempts) == (NoticeChannel.SMS, len(WAITS_S) + 1)
    async with office.means.begin(MERCHANT_ID) as work:
        key = key_of(MERCHANT_ID, "grey@example.com")
        assert await work.notices.suppression(NoticeChannel.EMAIL, key) is None, "the mailbox may well exist"


async def test_a_notice_is_not_held_by_who_waits_for_its_delivery(town: Town, dsn: Dsn) -> None:
    office, why = town.office, "Somebody took it back."
    delivery = await office.order(phone=None, email=NOBODY)
    delivery = await office.change(delivery, status=DeliveryStatus.OUT_FOR_DELIVERY)
    (notice,) = await office.notices(delivery)
    async with office.means.begin(MERCHANT_ID) as work:
        await work.deliveries.get(delivery.id, lock=True)
        sending = asyncio.create_task(office.send())
        await until_somebody_waits(dsn)
        # Were the notice held, each would wait for the other until the database breaks it up.
        assert await unsay(work, delivery.id, notice.occasion, why) is True
    await sending
    (notice,) = await office.notices(delivery)
    assert (notice.status, notice.why) == (NoticeStatus.DROPPED, why)
    assert town.server.mails == []


async def test_what_is_no_address_is_marked_at_once_like_one_where_nobody_is(town: Town) -> None:
    delivery = await town.goes_out(await town.office.order(phone=None, email="ana@[1.2"))
    (notice,) = await town.office.notices(delivery)
    assert (notice.status, notice.fault) == (NoticeStatus.FAILED, NoticeFault.BAD_RECIPIENT)
    (shown,) = await town.trouble()
    assert "e-mail" in shown.evidence
