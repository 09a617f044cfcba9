"""Every store's webhooks, and what is said of a link that is well or not."""

from __future__ import annotations

import json

import pytest

from doorstep.errors import (
    AccountProblem,
    BadSignature,
    UnreadablePayload,
)
from doorstep.ports import NoticeKind, ShowsRates, StoreNotice
from doorstep.secret import Secret
from tests.contracts.store_rig import Rig, hides_secrets, text_of


async def test_webhooks_are_registered_once_and_repaired(rig: Rig) -> None:
    checks = await rig.store.ensure_webhooks(rig.hook_url, rig.secret)
    whole = rig.shop.webhooks()
    assert whole
    assert {url for _, url in whole} == {rig.hook_url}
    assert len({topic for topic, _ in whole}) == len(whole)
    assert all(check.passed for check in checks if "receiver" not in check.name)

    await rig.store.ensure_webhooks(rig.hook_url, rig.secret)
    assert rig.shop.webhooks() == whole

    rig.shop.break_webhooks()
    assert rig.shop.webhooks() != whole
    await rig.store.ensure_webhooks(rig.hook_url, rig.secret)
    assert rig.shop.webhooks() == whole
    assert not any(secret in repr(checks) for secret in rig.shop.secrets)


async def test_webhooks_name_what_fetching_finds_the_order_by(rig: Rig) -> None:
    await rig.store.ensure_webhooks(rig.hook_url, rig.secret)
    order_ids = {rig.shop.place(), rig.shop.place()}

    letters = await rig.told()

    reader = rig.plugin.webhooks
    for headers, body in letters:
        reader.verify(headers, body, [rig.secret])
    notices = [reader.read(*letter) for letter in letters]
    assert {notice.kind for notice in notices} == {NoticeKind.ORDER}
    found = await rig.store.fetch_orders([notice.order_external_id for notice in notices])
    assert {raw.external_id for raw in found.values() if raw is not None} == order_ids
    assert None not in found.values()


async def test_a_repeated_webhook_has_the_same_id_and_others_do_not(rig: Rig) -> None:
    await rig.store.ensure_webhooks(rig.hook_url, rig.secret)
    rig.shop.double_letters()
    for order_id in [rig.shop.place() for _ in range(3)]:
        rig.shop.touch(order_id)

    letters = await rig.told()

    ids: dict[tuple[str, bytes], list[StoreNotice]] = {}
    for headers, body in letters:
        key = json.dumps({name: value for name, value in headers.items() if name.startswith("x-")})
        ids.setdefault((key, body), []).append(rig.plugin.webhooks.read(headers, body))
    assert {len(copies) for copies in ids.values()} == {2}
    assert all(len({one.dedupe_id for one in copies}) == 1 for copies in ids.values())
    assert len({copies[0].dedupe_id for copies in ids.values()}) == len(ids)


async def test_signatures_are_checked_with_the_old_secret_and_the_fresh_one(rig: Rig) -> None:
    await rig.store.ensure_webhooks(rig.hook_url, rig.secret)
    rig.shop.place()
    headers, body = (await rig.told())[0]
    verify = rig.plugin.webhooks.verify
    fresh = Secret("another-secret-canary")

    verify(headers, body, [fresh, rig.secret])
    verify(headers, body, [rig.secret, fresh])

    refused: list[tuple[dict[str, str], bytes, list[Secret]]] = [
        (headers, body, [fresh]),
        (headers, body, [Secret("")]),
        (headers, body, []),
        (headers, body + b" ", [rig.secret]),
        (headers, body.replace(b"1", b"2", 1), [rig.secret]),
        ({name: value for name, value in headers.items() if not value.endswith("=")}, body, [rig.secret]),
        (
            {name: "é" if value.endswith("=") else value for name, value in headers.items()},
            body,
            [rig.secret],
        ),
    ]
    for case in refused:
        with pytest.raises(BadSignature) as refusal:
            verify(*case)
        hides_secrets(rig, refusal.value)


async def test_a_webhook_that_makes_no_sense_is_unreadable(rig: Rig) -> None:
    await rig.store.ensure_webhooks(rig.hook_url, rig.secret)
    rig.shop.place()
    headers, _ = (await rig.told())[0]

    for body in (b"", b"[]", b"\xff", b"nonsense", b"7"):
        with pytest.raises(UnreadablePayload):
            rig.plugin.webhooks.read(headers, body)
    with pytest.raises(UnreadablePayload):
        rig.plugin.webhooks.read_privacy(headers, b"{}")


async def test_a_good_link_has_nothing_wrong(rig: Rig) -> None:
    rig.shop.place()
    await rig.store.ensure_webhooks(rig.hook_url, rig.secret)
    if isinstance(rig.store, ShowsRates):
        assert (await rig.store.ensure_rates(f"{rig.hook_url}/rates/door")).passed

    checks = await rig.store.check()

    assert [check.name for check in checks if not check.passed and "receiver" not in check.name] == []


async def test_check_never_raises_and_says_what_is_wrong(rig: Rig) -> None:
    store = rig.impatient()
    for ailment in rig.shop.ailments:
        rig.shop.fall_ill(ailment)
        checks = await store.check()
        rig.shop.get_well()

        wrong = [check for check in checks if not check.passed]
        assert wrong, ailment
        assert all(check.fault and check.text for check in wrong)
        assert not any(secret in repr(checks) for secret in rig.shop.secrets)


async def test_wrong_credentials_are_an_account_problem_and_told_without_them(rig: Rig) -> None:
    stranger = rig.impatient(**rig.harness.wrong_credentials)
    (wrong,) = rig.harness.wrong_credentials.values()

    with pytest.raises(AccountProblem) as trouble:
        await stranger.fetch_order(rig.shop.unknown_id)
    checks = await stranger.check()

    assert not all(check.passed for check in checks)
    hides_secrets(rig, trouble.value)
    assert wrong not in text_of(trouble.value) + repr(checks)


async def test_nothing_that_prints_a_link_prints_its_secrets(rig: Rig) -> None:
    link = rig.link()

    printed = f"{link!r} {rig.store!r} {rig.store} {rig.plugin!r} {rig.secret!r} {rig.secret}"

    assert not any(secret in printed for secret in rig.shop.secrets)


async def test_closing_twice_is_closing_once(rig: Rig) -> None:
    store = rig.impatient()
    assert await store.newest_change() is None

    await store.close()
    await store.close()
