"""The connector for Twilio against a Twilio of our own reading, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

import pytest
import uvicorn

from connectors.notify.twilio import CONNECTOR
from doorstep.errors import RemoteUnavailable, UnknownOutcome
from doorstep.notice import (
    Letter,
    NoticeChannel,
    NoticeFault,
    NoticeRefused,
    NoticeStatus,
    NoticeUpdate,
    Reply,
    Wish,
)
from doorstep.ports.notifiers import Notifier
from doorstep.secret import Secret
from simulator.messaging.twilio import ACCOUNT, TOKEN, SimulatedTwilio
from simulator.serving import listening

OURS, ANA = "+15005550006", "+14155550100"
CALLBACK = "https://gw.example/hooks/messages/nac_1"


@pytest.fixture
def twilio() -> SimulatedTwilio:
    return SimulatedTwilio()


def account(base_url: str, **other: str) -> Notifier:
    given = {"account_sid": ACCOUNT, "auth_token": TOKEN, "from_sms": OURS, "from_whatsapp": OURS}
    secrets = {name: Secret(value) for name, value in {**given, "base_url": base_url, **other}.items()}
    return CONNECTOR.connect(secrets, CALLBACK)


@pytest.fixture
async def base_url(twilio: SimulatedTwilio) -> AsyncIterator[str]:
    config = uvicorn.Config(twilio.app(), host="127.0.0.1", port=0, log_level="warning", lifespan="off")
    async with listening(config) as (host, port):
        yield f"http://{host}:{port}"


@pytest.fixture
async def notifier(base_url: str) -> AsyncIterator[Notifier]:
    made = account(base_url)
    yield made
    await made.close()


def sms(to: str = ANA, text: str = "Your order is near.", **other: object) -> Letter:
    given: dict[str, object] = {"channel": NoticeChannel.SMS, "subject": "", "reference": "ntc_1"}
    return Letter(to=to, text=text, **{**given, **other})  # type: ignore[arg-type] # a letter's own fields


async def calls(twilio: SimulatedTwilio) -> list[NoticeUpdate | Reply | None]:
    """What the signed callbacks say, each verified first."""
    reader = CONNECTOR.webhooks
    assert reader is not None
    found: list[NoticeUpdate | Reply | None] = []

    async def take(url: str, headers: Mapping[str, str], body: bytes) -> None:
        reader.verify(url, headers, body, [Secret(TOKEN)])
        found.append(reader.read(headers, body))

    await twilio.deliver(take)
    return found


@pytest.mark.parametrize("sha256", [False, True])
async def test_a_message_is_taken_and_followed_to_the_telephone(
    notifier: Notifier, twilio: SimulatedTwilio, sha256: bool
) -> None:
    twilio.signs_sha256 = sha256
    taken = await notifier.send(sms(), 5.0)
    assert taken.status is NoticeStatus.TAKEN
    assert twilio.messages[0]["body"] == "Your order is near."
    statuses = [one.status for one in await calls(twilio) if isinstance(one, NoticeUpdate)]
    assert statuses == [NoticeStatus.TAKEN, NoticeStatus.SENT, NoticeStatus.DELIVERED]
    looked = await notifier.look(taken.provider_id, 5.0)
    assert looked == NoticeUpdate(taken.provider_id, NoticeStatus.DELIVERED)


@pytest.mark.parametrize(
    ("to", "fault"),
    [
        ("+15005550001", NoticeFault.BAD_RECIPIENT),
        ("+15005550002", NoticeFault.ACCOUNT),
        ("+15005550003", NoticeFault.ACCOUNT),
        ("+15005550004", NoticeFault.SUPPRESSED),
        ("+15005550009", NoticeFault.BAD_RECIPIENT),
    ],
)
async def test_magic_numbers_are_refused_as_what_they_stand_for(
    notifier: Notifier, to: str, fault: NoticeFault
) -> None:
    with pytest.raises(NoticeRefused) as refused:
        await notifier.send(sms(to), 5.0)
    assert refused.value.fault is fault
    assert to not in str(refused.value), "numbers stay out of errors"


@pytest.mark.parametrize(
    ("sender", "fault"),
    [("+15005550001", NoticeFault.ACCOUNT), ("+15005550008", NoticeFault.TRY_AGAIN)],
)
async def test_a_sender_that_is_wrong_or_busy(base_url: str, sender: str, fault: NoticeFault) -> None:
    notifier = account(base_url, from_sms=sender)
    with pytest.raises(NoticeRefused) as refused:
        await notifier.send(sms(), 5.0)
    await notifier.close()
    assert refused.value.fault is fault


async def test_a_carrier_that_says_no_later(notifier: Notifier, twilio: SimulatedTwilio) -> None:
    await notifier.send(sms("+14155559007"), 5.0)
    last = (await calls(twilio))[-1]
    assert isinstance(last, NoticeUpdate)
    assert (last.status, last.fault, last.raw_code) == (NoticeStatus.FAILED, NoticeFault.CONTENT, "30007")


async def test_too_many_at_once_may_be_tried_again(notifier: Notifier, twilio: SimulatedTwilio) -> None:
    twilio.throttles = 1
    with pytest.raises(NoticeRefused) as refused:
        await notifier.send(sms(), 5.0)
    assert refused.value.fault is NoticeFault.TRY_AGAIN


async def test_a_message_whose_answer_was_lost_is_found_and_one_that_never_left_is_not(
    notifier: Notifier, twilio: SimulatedTwilio
) -> None:
    twilio.loses_answers = 1
    with pytest.raises(UnknownOutcome):
        await notifier.send(sms(), 0.3)
    found = await notifier.find(sms(), 600, 5.0)
    assert found is not None
    assert (found.provider_id, found.status) == (twilio.messages[0]["sid"], NoticeStatus.DELIVERED)
    assert await notifier.find(sms(text="Another one."), 600, 5.0) is None
    assert await notifier.find(sms("+14155550101"), 600, 5.0) is None


async def test_nobody_at_home_means_nothing_was_sent() -> None:
    notifier = account("http://127.0.0.1:9")
    with pytest.raises(RemoteUnavailable):
        await notifier.send(sms(), 2.0)
    await notifier.close()


async def test_who_wrote_stop_gets_nothing_until_they_write_start(
    notifier: Notifier, twilio: SimulatedTwilio
) -> None:
    reader = CONNECTOR.webhooks
    assert reader is not None
    body, headers = twilio.signed(CALLBACK, twilio.receive(ANA, OURS, "Stop"))
    reader.verify(CALLBACK, headers, body, [Secret(TOKEN)])
    reply = reader.read(headers, body)
    assert isinstance(reply, Reply)
    assert (reply.wish, reply.sender) == (Wish.STOP, ANA)
    with pytest.raises(NoticeRefused) as refused:
        await notifier.send(sms(), 5.0)
    assert refused.value.fault is NoticeFault.SUPPRESSED
    twilio.receive(ANA, OURS, "START")
    assert (await notifier.send(sms(), 5.0)).provider_id


async def test_whatsapp_takes_free_words_for_a_day_and_templates_always(
    notifier: Notifier, twilio: SimulatedTwilio
) -> None:
    words = sms(channel=NoticeChannel.WHATSAPP)
    with pytest.raises(NoticeRefused) as refused:
        await notifier.send(words, 5.0)
    assert refused.value.fault is NoticeFault.TEMPLATE
    twilio.templates["HX1"] = "Order {{1}} arrives {{2}}."
    approved = sms(channel=NoticeChannel.WHATSAPP, template="HX1", variables=("#7", "at 3"))
    await notifier.send(approved, 5.0)
    assert (twilio.messages[0]["to"], twilio.messages[0]["body"]) == (
        f"whatsapp:{ANA}",
        "Order #7 arrives at 3.",
    )
    twilio.receive(f"whatsapp:{ANA}", f"whatsapp:{OURS}", "Where is it?")
    assert (await notifier.send(words, 5.0)).provider_id


async def test_the_doctor_hears_whether_the_account_is_good(notifier: Notifier, base_url: str) -> None:
    assert [check.passed for check in await notifier.check()] == [True]
    wrong = account(base_url, auth_token="wrong")
    assert [check.fault for check in await wrong.check()] == ["sender_rejected"]
    with pytest.raises(NoticeRefused) as refused:
        await wrong.send(sms(), 5.0)
    await wrong.close()
    assert refused.value.fault is NoticeFault.ACCOUNT
