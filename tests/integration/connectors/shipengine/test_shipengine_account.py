"""Accounts and versions of ShipEngine against the simulated ShipEngine."""

from __future__ import annotations

import pytest

from tests.contracts.carriers.rig import BUDGET_S, connect
from tests.integration.connectors.shipengine.shipengine_rig import Rig


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("unauthorized", "credentials_refused"),
        ("forbidden", "credentials_refused"),
        ("insufficient_funds", "payment_missing"),
        ("subscription_inactive", "account_suspended"),
        ("trial_expired", "account_suspended"),
        ("terms_not_accepted", "account_refused"),
        ("unknown", "unreachable"),
    ],
)
async def test_what_is_wrong_with_the_account_is_named(rig: Rig, code: str, fault: str) -> None:
    rig.fake.suspended_with = code

    checks = {check.name: check for check in await rig.carrier.check()}

    assert (checks["credentials"].passed, checks["credentials"].fault) == (False, fault)


async def test_a_carrier_that_cannot_be_listed_is_named(rig: Rig) -> None:
    rig.fake.silence("ups")

    checks = {check.name: check for check in await rig.carrier.check()}

    assert checks["carriers"].fault == "account_refused"
    assert "UPS" in checks["carriers"].text.upper()


async def test_a_webhook_that_is_missing_or_has_no_secret_is_named(rig: Rig) -> None:
    rig.fake.remove_webhooks()
    none = {check.name: check.fault for check in await rig.carrier.check()}
    rig.fake.add_webhook("batch", "https://door.example", "", {"X-Doorstep-Secret": "hush"})
    other = {check.name: check.fault for check in await rig.carrier.check()}
    rig.fake.add_webhook("track", "https://door.example", "", {"Authorization": "hush"})
    bare = {check.name: check.fault for check in await rig.carrier.check()}

    assert none["webhooks"] == other["webhooks"] == "webhook_missing"
    assert bare["webhooks"] == "webhook_secret_missing"


async def test_nothing_is_missing_without_a_secret_as_long_as_the_keys_can_be_read(rig: Rig) -> None:
    carrier = rig.connect(webhook_secret="")
    well = {check.name: check.fault for check in await carrier.check()}
    await carrier.close()
    rig.fake.keyring.hide()
    carrier = rig.connect(webhook_secret="")
    ill = {check.name: check.fault for check in await carrier.check()}
    await carrier.close()

    assert well == {"credentials": "", "carriers": "", "webhooks": ""}
    assert ill == {"credentials": "", "carriers": "", "webhooks": "unreachable"}


async def test_a_rating_that_fails_in_passing_is_tried_again(rig: Rig) -> None:
    rig.fake.refuse_next("timeout", "rate")

    assert (await rig.ask()).quotes


async def test_the_same_is_spoken_under_the_later_name_and_version(rig: Rig) -> None:
    later = connect(rig.harness, f"{rig.base_url}/v2")
    offer = (await later.quote(rig.question(), BUDGET_S)).quotes[0]

    made = await later.book(rig.request(offer), BUDGET_S)

    assert "/v2/downloads/" in made.label_url
    assert rig.fake.books()[0].external_id == made.external_id
    await later.close()
