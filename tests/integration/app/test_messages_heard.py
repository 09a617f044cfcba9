"""Twilio's calls to the gateway, over HTTP and signed: whose they are, and what they lead to."""

from __future__ import annotations

import pytest

from doorstep.errors import InvalidInput
from doorstep.notice import Letter, NoticeChannel
from gateway.bootstrap.notifiers import (
    KeptNotifiers,
    callback_of,
    check_notifier,
    link_notifier,
    switch_notifier,
)
from gateway.flow.messaging.people.recipients import key_of
from simulator.messaging.twilio import ACCOUNT, TOKEN, SimulatedTwilio
from tests.integration.app.premises import Premises
from tests.unit.bootstrap.pigeon import CONNECTOR as PIGEON

ANA, OURS = "+14155550100", "+15005550006"
CREDENTIALS = {"account_sid": ACCOUNT, "auth_token": TOKEN, "from_sms": OURS}


async def test_stop_that_comes_over_http_is_heeded_if_twilio_signed_it(premises: Premises) -> None:
    house, tenant = premises.house, await premises.tenant()
    given = {**CREDENTIALS, "base_url": premises.url}
    plugins = house.plugins.notifiers
    account = await link_notifier(house.transactions, plugins, tenant.merchant_id, "twilio", "", given)
    twilio = SimulatedTwilio()
    url = callback_of(house.settings.base_url, account.id)
    body, headers = twilio.signed(url, twilio.receive(ANA, OURS, "STOP"))
    forged = {**headers, "x-twilio-signature": "AAAA"}
    path = f"/webhooks/messages/{account.id}"
    assert (await premises.post(path, body, forged))[0] == 401
    key = key_of(tenant.merchant_id, ANA)
    async with house.means.begin(tenant.merchant_id) as work:
        assert await work.notices.suppression(NoticeChannel.SMS, key) is None
    status, answer = await premises.post(path, body, headers)
    assert (status, answer) == (200, '<?xml version="1.0" encoding="UTF-8"?><Response/>')
    async with house.means.begin(tenant.merchant_id) as work:
        assert await work.notices.suppression(NoticeChannel.SMS, key) is not None
    assert (await premises.post(path.replace(account.id, "nac_unknown"), body, headers))[0] == 401


async def test_a_link_in_a_mail_stops_mails_when_it_is_posted_to_and_not_when_a_program_looks_at_it(
    premises: Premises,
) -> None:
    house, tenant = premises.house, await premises.tenant()
    key = key_of(tenant.merchant_id, "ana@example.com")
    url = house.means.stop_link(tenant.merchant_id, key)
    path = url.removeprefix(house.settings.base_url)

    async def is_stopped() -> bool:
        async with house.means.begin(tenant.merchant_id) as work:
            return await work.notices.suppression(NoticeChannel.EMAIL, key) is not None

    async with premises.session.get(f"{premises.url}{path}") as asked:
        assert (asked.status, "<button>" in await asked.text()) == (200, True)
    assert not await is_stopped()
    one_click = {"Content-Type": "application/x-www-form-urlencoded"}
    status, text = await premises.post(path, b"List-Unsubscribe=One-Click", one_click)
    assert (status, "no more e-mails" in text) == (200, True)
    assert await is_stopped()
    assert (await premises.post(path[:-1] + ("0" if path[-1] != "0" else "1"), b"", one_click))[0] == 404


async def test_accounts_are_kept_until_they_are_entered_anew_and_nobody_gets_at_anothers(
    premises: Premises,
) -> None:
    house, tenant, other = premises.house, await premises.tenant(), await premises.tenant("Other shop")
    merchant_id, given = tenant.merchant_id, {**CREDENTIALS, "base_url": premises.url}
    plugins = house.plugins.notifiers
    account = await link_notifier(house.transactions, plugins, merchant_id, "twilio", "", given)
    notifiers = house.means.notifiers
    first = await notifiers.of(merchant_id, account.id)
    assert first is not None
    assert await notifiers.of(merchant_id, account.id) is first
    assert await notifiers.of(other.merchant_id, account.id) is None
    async with house.means.begin(merchant_id) as work:
        await work.notices.put_account(account, {**given, "auth_token": "another"})
    second = await notifiers.of(merchant_id, account.id)
    assert second is not None
    assert second is not first
    off = await switch_notifier(house.transactions, merchant_id, account.id, enabled=False)
    assert not off.enabled
    (check,) = await check_notifier(notifiers, off)
    assert (check.passed, check.fault) == (False, "sender_off")


async def test_what_an_account_lacks_or_does_not_know_is_named(premises: Premises) -> None:
    house, tenant = premises.house, await premises.tenant()
    for provider, given, path in (
        ("pigeon", {}, ("provider",)),
        ("twilio", {"account_sid": ACCOUNT}, ("credentials", "auth_token")),
        ("twilio", {**CREDENTIALS, "colour": "red"}, ("credentials", "colour")),
        ("smtp", {"host": "mail.example"}, ("credentials", "sender")),
    ):
        with pytest.raises(InvalidInput) as refused:
            await link_notifier(
                house.transactions, house.plugins.notifiers, tenant.merchant_id, provider, "", given
            )
        assert refused.value.path == path


async def test_a_strangers_provider_sends_for_a_merchant_who_linked_it(premises: Premises) -> None:
    house, tenant = premises.house, await premises.tenant()
    plugins = {**house.plugins.notifiers, "pigeon": PIGEON}
    account = await link_notifier(
        house.transactions, plugins, tenant.merchant_id, "pigeon", "", {"keeper": "Kim"}
    )
    assert (account.name, account.channels) == ("Pigeon post", (NoticeChannel.SMS,))
    kept = KeptNotifiers(plugins, house.database, house.transactions, house.vault, house.settings.base_url)
    linked = await kept.of(tenant.merchant_id, account.id)
    assert linked is not None
    taken = await linked.notifier.send(Letter(NoticeChannel.SMS, ANA, "", "Coo.", "ntc_1"), 1.0)
    assert taken.provider_id == "ring-1"
    assert [check.passed for check in await check_notifier(kept, account)] == [True]
    without = house.means.notifiers
    assert await without.of(tenant.merchant_id, account.id) is None, (
        "its package is gone: nobody speaks for it"
    )
    await kept.close()
