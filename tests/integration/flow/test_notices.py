"""What shoppers are told, over the real database and a Twilio that speaks its protocol."""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from PIL import Image

from doorstep.delivery_status import DeliveryStatus
from doorstep.eta import Eta, EtaBasis
from doorstep.notice import (
    Letter,
    NoticeChannel,
    NoticeEvent,
    NoticeFault,
    NoticeRefused,
    NoticeRules,
    NoticeStatus,
    NoticeTemplate,
    NoticeUpdate,
    Reply,
    Taken,
)
from doorstep.thread import MessageChannel, Participant
from doorstep.window import Window
from gateway.flow.messaging.files.upload import Announcement, announce_upload, owner_of, take_bytes
from gateway.flow.messaging.people.failing import LATER
from gateway.flow.messaging.people.hear import start
from gateway.flow.messaging.people.recipients import key_of
from gateway.flow.messaging.people.send import LEASE, UNHEARD, look_after
from gateway.flow.messaging.threads.write import Files, take_reply, write
from gateway.flow.ports.notices import LinkedNotifier
from tests.integration.flow.fakes import HOME, MERCHANT_ID
from tests.integration.flow.office import MAILS, SMS_FIRST, Office, Postman, opened
from tests.integration.flow.stage import Stage


@pytest.fixture
async def office(stage: Stage) -> AsyncIterator[Office]:
    async with opened(stage) as office:
        yield office


async def test_each_step_is_told_once_by_the_first_way_and_followed_to_the_telephone(office: Office) -> None:
    delivery = await office.order()
    for _ in range(2):
        delivery = await office.change(delivery, status=DeliveryStatus.OUT_FOR_DELIVERY)
    assert [notice.event for notice in await office.notices(delivery)] == [NoticeEvent.OUT_FOR_DELIVERY]
    assert await office.send() == 1
    assert await office.send() == 0
    (message,) = office.twilio.messages
    assert message["to"] == HOME.phone
    assert str(message["body"]).startswith("A shop: your order #1001 is on its way and arrives Mon")
    (notice,) = await office.notices(delivery)
    assert notice.status is NoticeStatus.TAKEN
    office.twilio.callbacks = [*reversed(office.twilio.callbacks), *office.twilio.callbacks]
    await office.callbacks()
    (notice,) = await office.notices(delivery)
    assert notice.status is NoticeStatus.DELIVERED, "whatever the order in which callbacks come"
    await office.change(delivery, status=DeliveryStatus.DELIVERED)
    await office.send()
    assert "was delivered" in str(office.twilio.messages[-1]["body"])


async def test_a_merchant_who_wants_nothing_told_tells_nothing(office: Office) -> None:
    await office.rules(NoticeRules())
    delivery = await office.order()
    await office.change(delivery, status=DeliveryStatus.OUT_FOR_DELIVERY)
    assert await office.notices(delivery) == []


async def test_the_van_is_near_when_it_arrives_within_the_minutes_that_the_merchant_set(
    office: Office,
) -> None:
    delivery = await office.order()
    now = office.stage.clock.now()

    def eta(minutes: int) -> Eta:
        at = now + timedelta(minutes=minutes)
        return Eta(at, Window(at, at + timedelta(minutes=5)), 0.9, EtaBasis.ROAD, now)

    delivery = await office.change(delivery, status=DeliveryStatus.OUT_FOR_DELIVERY, eta=eta(40))
    delivery = await office.change(delivery, eta=eta(15))
    events = [notice.event for notice in await office.notices(delivery)]
    assert events == [NoticeEvent.OUT_FOR_DELIVERY, NoticeEvent.NEARBY]


async def test_what_waited_until_it_is_no_longer_so_is_not_sent(office: Office) -> None:
    delivery = await office.order()
    delivery = await office.change(delivery, status=DeliveryStatus.OUT_FOR_DELIVERY)
    await office.change(delivery, status=DeliveryStatus.DELIVERED)
    await office.send()
    bodies = [str(message["body"]) for message in office.twilio.messages]
    assert len(bodies) == 1
    assert "was delivered" in bodies[0]
    gone, _ = await office.notices(delivery)
    assert (gone.status, gone.why) == (NoticeStatus.DROPPED, "It would say what is no longer so.")


async def test_no_telephone_rings_at_night_where_the_recipient_is(office: Office) -> None:
    await office.rules(replace(SMS_FIRST, quiet_from=11, quiet_until=14))
    delivery = await office.order()  # it is noon in New York
    delivery = await office.change(delivery, status=DeliveryStatus.OUT_FOR_DELIVERY)
    await office.send()
    assert office.twilio.messages == []
    (notice,) = await office.notices(delivery)
    assert notice.due_at == office.stage.clock.now() + timedelta(hours=2)
    office.stage.clock.advance(hours=2)
    await office.send()
    assert len(office.twilio.messages) == 1


async def test_who_writes_stop_gets_no_sms_and_their_mail_until_they_write_start(office: Office) -> None:
    delivery = await office.order()
    await office.writes("STOP")
    await office.writes("STOP")
    delivery = await office.change(delivery, status=DeliveryStatus.OUT_FOR_DELIVERY)
    await office.send()
    assert office.twilio.messages == []
    assert [letter.to for letter in office.postman.letters] == ["ana@example.com"]
    await office.writes("START")
    await office.change(delivery, status=DeliveryStatus.DELIVERED)
    await office.send()
    assert len(office.twilio.messages) == 1
    async with office.means.begin(MERCHANT_ID) as work:
        said = await work.notices.consent(NoticeChannel.SMS, key_of(MERCHANT_ID, str(HOME.phone)))
    assert said is not None
    assert (said.is_given, said.source) == (True, "START by SMS")


async def test_a_stop_that_only_the_provider_knows_of_is_learned_and_another_way_taken(
    office: Office,
) -> None:
    office.twilio.stopped.add((str(HOME.phone), "+15005550006"))
    delivery = await office.order()
    await office.change(delivery, status=DeliveryStatus.OUT_FOR_DELIVERY)
    await office.send()
    await office.send()
    refused, mailed = await office.notices(delivery)
    assert (refused.status, refused.fault) == (NoticeStatus.FAILED, NoticeFault.SUPPRESSED)
    assert (mailed.channel, mailed.status) == (NoticeChannel.EMAIL, NoticeStatus.SENT)
    async with office.means.begin(MERCHANT_ID) as work:
        key = key_of(MERCHANT_ID, str(HOME.phone))
        assert await work.notices.suppression(NoticeChannel.SMS, key) is not None


async def test_a_channel_that_needs_consent_waits_for_it(office: Office) -> None:
    await office.rules(replace(SMS_FIRST, needs_consent=(NoticeChannel.SMS,)))
    delivery = await office.order(email="")
    delivery = await office.change(delivery, status=DeliveryStatus.OUT_FOR_DELIVERY)
    assert await office.notices(delivery) == []
    async with office.means.begin(MERCHANT_ID) as work:
        await start(work, NoticeChannel.SMS, str(HOME.phone), "checkout", office.stage.clock.now())
    await office.change(delivery, status=DeliveryStatus.DELIVERED)
    await office.send()
    assert len(office.twilio.messages) == 1


async def test_enough_for_a_day_is_enough(office: Office) -> None:
    await office.rules(replace(SMS_FIRST, most_a_day=1))
    delivery = await office.order()
    delivery = await office.change(delivery, status=DeliveryStatus.OUT_FOR_DELIVERY)
    await office.send()
    await office.change(delivery, status=DeliveryStatus.DELIVERED)
    await office.send()
    last = (await office.notices(delivery))[-1]
    assert (last.status, last.why) == (NoticeStatus.DROPPED, "The recipient has got enough for a day.")
    assert len(office.twilio.messages) == 1


async def test_a_busy_provider_is_asked_again_and_a_telephone_that_is_off_once_more_an_hour_later(
    office: Office,
) -> None:
    office.twilio.throttles = 1
    delivery = await office.order("+14155559003", email="")
    await office.change(delivery, status=DeliveryStatus.OUT_FOR_DELIVERY)
    await office.send()
    assert office.twilio.messages == []
    office.stage.clock.advance(seconds=31)
    await office.send()
    await office.callbacks()
    (notice,) = await office.notices(delivery)
    # The first try was the throttled one, so the telephone has had its second chance already.
    assert (notice.status, notice.fault, notice.raw_code) == (
        NoticeStatus.FAILED,
        NoticeFault.TRY_LATER,
        "30003",
    )
    assert timedelta(hours=1) == LATER


async def test_a_message_whose_answer_was_lost_is_found_and_not_sent_twice(office: Office) -> None:
    delivery = await office.order()
    await office.change(delivery, status=DeliveryStatus.OUT_FOR_DELIVERY)
    office.twilio.loses_answers = 1
    sending = asyncio.create_task(office.send())
    while not office.twilio.messages:
        await asyncio.sleep(0.01)
    sending.cancel()  # the process dies while it waits
    await asyncio.gather(sending, return_exceptions=True)
    (notice,) = await office.notices(delivery)
    assert notice.status is NoticeStatus.IN_DOUBT
    assert await office.send() == 0
    office.stage.clock.advance(seconds=LEASE.total_seconds())
    # The simulator dates its messages by the machine's clock, the connector looks by it too.
    assert await office.send() == 1
    (notice,) = await office.notices(delivery)
    assert (notice.status, notice.provider_id) == (
        NoticeStatus.DELIVERED,
        office.twilio.messages[0]["sid"],
    )
    assert len(office.twilio.messages) == 1


async def test_a_callback_that_was_lost_is_made_up_for_by_asking(office: Office) -> None:
    delivery = await office.order()
    await office.change(delivery, status=DeliveryStatus.OUT_FOR_DELIVERY)
    await office.send()
    office.twilio.callbacks.clear()
    assert await look_after(office.means, MERCHANT_ID) == 0
    office.stage.clock.advance(seconds=UNHEARD.total_seconds() + 1)
    assert await look_after(office.means, MERCHANT_ID) == 1
    (notice,) = await office.notices(delivery)
    assert notice.status is NoticeStatus.DELIVERED


async def test_what_is_wrong_with_our_own_account_a_person_hears_of(office: Office) -> None:
    office.twilio.auth_token = "changed"
    delivery = await office.order()
    await office.change(delivery, status=DeliveryStatus.OUT_FOR_DELIVERY)
    await office.send()
    titles = [incident.title for incident in await office.stage.incidents()]
    assert "Shoppers cannot be written to" in titles


async def test_an_account_whose_connector_fails_keeps_nobody_elses_notices_back(office: Office) -> None:
    class Torn(Office):
        async def of(self, merchant_id: str, account_id: str) -> LinkedNotifier | None:
            if account_id == MAILS.id:
                raise NoticeRefused(NoticeFault.ACCOUNT, "FileNotFoundError", "It cannot be used.")
            return await super().of(merchant_id, account_id)

    torn = Torn(office.stage, office.means, office.twilio, office.postman, office.linked)
    office.means = replace(office.means, notifiers=torn)
    await office.rules(replace(SMS_FIRST, channels=(NoticeChannel.EMAIL, NoticeChannel.SMS)))
    delivery = await office.order()
    await office.change(delivery, status=DeliveryStatus.OUT_FOR_DELIVERY)
    await office.send()
    await office.send()
    mailed, texted = await office.notices(delivery)
    assert (mailed.status, mailed.fault) == (NoticeStatus.FAILED, NoticeFault.ACCOUNT)
    assert (texted.channel, texted.status) == (NoticeChannel.SMS, NoticeStatus.TAKEN)
    assert "Shoppers cannot be written to" in [one.title for one in await office.stage.incidents()]


async def test_a_connector_that_stumbles_when_it_is_asked_stops_no_other(office: Office) -> None:
    class Stumbles(Postman):
        async def send(self, letter: Letter, budget_s: float) -> Taken:
            return Taken(letter.reference, NoticeStatus.TAKEN)

        async def look(self, provider_id: str, budget_s: float) -> NoticeUpdate | None:
            raise KeyError(provider_id)

    office.linked[MAILS.id] = LinkedNotifier(MAILS, Stumbles(), may_repeat=True)
    await office.rules(replace(SMS_FIRST, channels=(NoticeChannel.EMAIL,)))
    await office.change(await office.order(), status=DeliveryStatus.OUT_FOR_DELIVERY)
    await office.send()
    office.stage.clock.advance(seconds=UNHEARD.total_seconds() + 1)
    assert await look_after(office.means, MERCHANT_ID) == 1


async def test_mail_that_a_server_puts_off_comes_later_with_the_same_name(office: Office) -> None:
    await office.rules(replace(SMS_FIRST, channels=(NoticeChannel.EMAIL,)))
    office.postman.troubles = [NoticeRefused(NoticeFault.TRY_AGAIN, "4.7.1", "Come again.")]
    delivery = await office.order()
    delivery = await office.change(delivery, status=DeliveryStatus.OUT_FOR_DELIVERY)
    await office.send()
    office.stage.clock.advance(seconds=31)
    await office.send()
    await office.change(delivery, status=DeliveryStatus.DELIVERED)
    await office.send()
    first, second = office.postman.letters
    notices = await office.notices(delivery)
    assert [first.reference, second.reference] == [notice.id for notice in notices]
    assert second.thread == (first.reference,), "mail programs show them together"


async def test_a_merchants_own_words_are_taken_in_the_language_of_the_country(office: Office) -> None:
    own = NoticeTemplate(NoticeEvent.DELIVERED, NoticeChannel.SMS, "de", "", "Da! {order} {carrier}")
    async with office.means.begin(MERCHANT_ID) as work:
        await work.notices.put_template(own)
    delivery = await office.order()
    germany = replace(delivery.destination, country="DE")
    delivery = await office.change(delivery, destination=germany, status=DeliveryStatus.OUT_FOR_DELIVERY)
    await office.send()
    await office.change(delivery, status=DeliveryStatus.DELIVERED)
    await office.send()
    bodies = [str(message["body"]) for message in office.twilio.messages]
    assert bodies[0].startswith("A shop: Ihre Bestellung #1001 ist unterwegs")
    assert bodies[1] == "Da! #1001 cheap"


async def test_a_shopper_who_is_forgotten_is_written_to_no_more_and_stays_off(office: Office) -> None:
    delivery = await office.order()
    await office.change(delivery, status=DeliveryStatus.OUT_FOR_DELIVERY)
    await office.writes("STOP")
    order = await office.stage.order()
    async with office.means.begin(MERCHANT_ID) as work:
        await work.redaction.erase_orders([order.id], office.stage.clock.now())
    assert await office.send() == 0
    (notice,) = await office.notices(delivery)
    assert (notice.recipient, notice.status) == ("", NoticeStatus.DROPPED)
    async with office.means.begin(MERCHANT_ID) as work:
        key = key_of(MERCHANT_ID, str(HOME.phone))
        assert await work.notices.suppression(NoticeChannel.SMS, key) is not None


async def test_who_is_forgotten_while_a_mail_is_under_way_stays_forgotten_when_it_is_refused(
    office: Office,
) -> None:
    class Slow(Postman):
        async def send(self, letter: Letter, budget_s: float) -> Taken:
            order = await office.stage.order()
            async with office.means.begin(MERCHANT_ID) as work:
                await work.redaction.erase_orders([order.id], office.stage.clock.now())
            raise NoticeRefused(NoticeFault.TRY_AGAIN, "4.7.1", "Come again.")

    office.linked[MAILS.id] = LinkedNotifier(MAILS, Slow(), may_repeat=True)
    await office.rules(replace(SMS_FIRST, channels=(NoticeChannel.EMAIL,)))
    delivery = await office.order()
    await office.change(delivery, status=DeliveryStatus.OUT_FOR_DELIVERY)
    await office.send()
    (notice,) = await office.notices(delivery)
    assert (notice.recipient, notice.due_at) == ("", None)


async def test_what_a_shopper_writes_back_lies_in_the_thread_and_what_the_desk_writes_reaches_them(
    office: Office,
) -> None:
    delivery = await office.order()
    await office.change(delivery, status=DeliveryStatus.OUT_FOR_DELIVERY)
    await office.send()
    for _ in range(2):  # Twilio calls again where it did not hear our answer
        await office.writes("Leave it with the neighbour")
    office.stage.told.clear()
    await write(office.means, MERCHANT_ID, delivery.id, Participant.DESK, "We will.", "key-1")
    told = [(news.topic, news.entity_id) for news in office.stage.told]
    assert told == [("delivery", delivery.id)], "whoever watches the delivery reads it anew"
    await office.send()
    assert office.twilio.messages[-1]["body"] == "A shop: We will."
    async with office.means.begin(MERCHANT_ID) as work:
        newest, oldest = await work.threads.of_delivery(delivery.id, 10)
        nobody = await take_reply(
            work,
            Reply(NoticeChannel.SMS, "SM9", "+14155550199", "+15005550006", "Who is this?"),
            office.stage.clock.now(),
        )
    assert (oldest.sender, oldest.channel, oldest.body) == (
        Participant.SHOPPER,
        MessageChannel.SMS,
        "Leave it with the neighbour",
    )
    assert newest.sender is Participant.DESK
    assert nobody is None, "nobody was told anything at that number"
    order = await office.stage.order()
    async with office.means.begin(MERCHANT_ID) as work:
        await work.redaction.erase_orders([order.id], office.stage.clock.now())
    async with office.means.begin(MERCHANT_ID) as work:
        kept = await work.threads.of_delivery(delivery.id, 10)
    assert [message.body for message in kept] == ["", ""]


async def test_a_photo_without_words_is_told_of_in_a_sign(office: Office) -> None:
    delivery = await office.order()
    written = io.BytesIO()
    Image.new("RGB", (2, 2)).save(written, "PNG")
    photo = written.getvalue()
    owner = owner_of(Participant.DESK, "")
    announced = Announcement("image/png", len(photo), hashlib.sha256(photo).hexdigest())
    upload = await announce_upload(office.means, MERCHANT_ID, owner, announced)
    await take_bytes(office.means, MERCHANT_ID, upload.id, photo)
    about = (office.means, MERCHANT_ID, delivery.id, Participant.DESK, " ", "k1")
    await write(*about, files=Files(owner, (upload.id,)))
    await office.send()
    assert office.twilio.messages[-1]["body"] == "A shop: 📷"
