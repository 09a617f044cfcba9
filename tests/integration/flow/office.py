"""A merchant's office: SMS by a Twilio that speaks its protocol, and mails by an account of the test's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import uvicorn

from connectors.notify.twilio import CONNECTOR as TWILIO
from doorstep.delivery import Delivery
from doorstep.events import DeliveryAdvanced
from doorstep.notice import (
    Letter,
    Notice,
    NoticeAccount,
    NoticeChannel,
    NoticeEvent,
    NoticeRules,
    NoticeStatus,
    NoticeUpdate,
    Taken,
)
from doorstep.ports.notifiers import Notifier
from doorstep.secret import Secret
from gateway.flow.messaging.people.hear import take_word
from gateway.flow.messaging.people.send import send_due
from gateway.flow.messaging.tell import tell_outside
from gateway.flow.ports import Means
from gateway.flow.ports.notices import LinkedNotifier
from simulator.messaging.twilio import ACCOUNT, TOKEN, SimulatedTwilio
from simulator.serving import listening
from tests.integration.flow.fakes import HOME, MERCHANT_ID
from tests.integration.flow.stage import Stage

TEXTS = NoticeAccount("nac_01jd0000000000000000000001", MERCHANT_ID, "twilio", "SMS", (NoticeChannel.SMS,))
MAILS = NoticeAccount("nac_01jd0000000000000000000002", MERCHANT_ID, "smtp", "Mail", (NoticeChannel.EMAIL,))
EVERY = tuple(NoticeEvent)
SMS_FIRST = NoticeRules(
    events=EVERY, channels=(NoticeChannel.SMS, NoticeChannel.EMAIL), quiet_from=0, quiet_until=0
)
CALLBACK = "https://gw.example/webhooks/messages/1"


class Postman:
    """A mail account that notes what it is given, and refuses or stumbles when told to."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.troubles: list[Exception] = []

    async def send(self, letter: Letter, budget_s: float) -> Taken:
        if self.troubles:
            raise self.troubles.pop(0)
        self.letters.append(letter)
        return Taken(letter.reference, NoticeStatus.SENT)

    async def find(self, letter: Letter, since_s: float, budget_s: float) -> NoticeUpdate | None:
        return None

    async def look(self, provider_id: str, budget_s: float) -> NoticeUpdate | None:
        return None

    async def check(self) -> tuple[()]:
        return ()

    async def close(self) -> None:
        return


@dataclass
class Office:
    """A merchant who writes to shoppers by SMS, and by mail where that does not go."""

    stage: Stage
    means: Means
    twilio: SimulatedTwilio
    postman: Postman
    linked: dict[str, LinkedNotifier]

    async def of(self, merchant_id: str, account_id: str) -> LinkedNotifier | None:
        return self.linked.get(account_id)

    async def rules(self, rules: NoticeRules) -> None:
        async with self.means.begin(MERCHANT_ID) as work:
            merchant = await work.accounts.merchant(lock=True)
            await work.accounts.put_merchant(replace(merchant, notices=rules))

    async def order(self, phone: str | None = HOME.phone, email: str = "ana@example.com") -> Delivery:
        """A delivery that was just booked, with the events that follow, and where its shopper is reached."""
        rules = NoticeRules()
        async with self.means.begin(MERCHANT_ID) as work:
            rules = (await work.accounts.merchant()).notices
        await self.rules(NoticeRules())
        delivery = await self.stage.booked()
        await self.rules(rules)
        return await self.change(delivery, destination=replace(HOME, phone=phone, email=email))

    async def change(self, delivery: Delivery, **facts: object) -> Delivery:
        async with self.means.begin(MERCHANT_ID) as work:
            changed = replace(delivery, **facts)  # type: ignore[arg-type] # a delivery's own fields
            await work.deliveries.put(changed)
        await tell_outside(DeliveryAdvanced(MERCHANT_ID, delivery.id), self.means)
        return changed

    async def notices(self, delivery: Delivery) -> list[Notice]:
        async with self.means.begin(MERCHANT_ID) as work:
            return list(await work.notices.of_delivery(delivery.id))

    async def send(self) -> int:
        return await send_due(self.means, MERCHANT_ID)

    async def callbacks(self) -> None:
        reader = TWILIO.webhooks
        assert reader is not None

        async def take(url: str, headers: Mapping[str, str], body: bytes) -> None:
            reader.verify(url, headers, body, [Secret(TOKEN)])
            await take_word(self.means, MERCHANT_ID, TEXTS.id, reader.read(headers, body))

        await self.twilio.deliver(take)

    async def writes(self, text: str, sender: str = str(HOME.phone)) -> None:
        """A shopper answers by SMS."""
        reader = TWILIO.webhooks
        assert reader is not None
        body, headers = self.twilio.signed(CALLBACK, self.twilio.receive(sender, "+15005550006", text))
        await take_word(self.means, MERCHANT_ID, TEXTS.id, reader.read(headers, body))


@asynccontextmanager
async def opened(stage: Stage, mails: Notifier | None = None) -> AsyncIterator[Office]:
    """An office whose mails go out by an account, the postman's where it is None."""
    twilio, postman = SimulatedTwilio(), Postman()
    config = uvicorn.Config(twilio.app(), host="127.0.0.1", port=0, log_level="warning", lifespan="off")
    async with listening(config) as (host, port):
        given = {
            "account_sid": ACCOUNT,
            "auth_token": TOKEN,
            "from_sms": "+15005550006",
            "base_url": f"http://{host}:{port}",
        }
        texts = TWILIO.connect({name: Secret(value) for name, value in given.items()}, CALLBACK)
        linked = {
            TEXTS.id: LinkedNotifier(TEXTS, texts, may_repeat=False),
            MAILS.id: LinkedNotifier(MAILS, mails or postman, may_repeat=True),
        }
        office = Office(stage, stage.means, twilio, postman, linked)
        office.means = replace(stage.means, notifiers=office)
        async with stage.means.begin(MERCHANT_ID) as work:
            for account in (TEXTS, MAILS):
                await work.notices.put_account(account, {})
        await office.rules(SMS_FIRST)
        yield office
        await texts.close()
