from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable

import pytest

from connectors.stores.woocommerce.connector import WooCommerceConnector
from doorstep.address import Address
from doorstep.errors import AccountProblem
from doorstep.health import HealthCheck
from doorstep.secret import Secret
from simulator.stores.woocommerce import CONSUMER_KEY, CONSUMER_SECRET, FakeWooCommerce, Trouble

MakeStore = Callable[..., FakeWooCommerce]
Link = Callable[..., Awaitable[WooCommerceConnector]]

PUBLIC = "https://127.0.0.1/in"  # on the store's own host, where WordPress allows a private address


async def faults(connector: WooCommerceConnector) -> dict[str, str]:
    return {check.name: check.fault for check in await connector.check() if not check.passed}


def named(checks: tuple[HealthCheck, ...], name: str) -> HealthCheck:
    (found,) = [check for check in checks if check.name == name]
    return found


@pytest.mark.parametrize("https", [False, True])
async def test_a_healthy_store_passes_every_check(store: FakeWooCommerce, link: Link, *, https: bool) -> None:
    connector = await link(store, https=https)
    await connector.ensure_webhooks(PUBLIC, Secret("s" * 20))
    checks = await connector.check()
    assert [check for check in checks if not check.passed] == []
    assert {"credentials", "clock", "permissions", "version", "webhooks", "webhook_receiver"} <= {
        check.name for check in checks
    }


async def test_the_checkup_changes_nothing_in_the_store(
    store: FakeWooCommerce, link: Link, home: Address
) -> None:
    store.place_order([("BREAD-1", 1)], home)
    connector = await link(store)
    await connector.ensure_webhooks(PUBLIC, Secret("s" * 20))
    before = repr((store.shelf.orders, store.hooks.webhooks))
    await connector.check()
    assert repr((store.shelf.orders, store.hooks.webhooks)) == before


async def test_an_unknown_key_over_https_is_tried_both_ways_and_named(
    store: FakeWooCommerce, link: Link
) -> None:
    assert await faults(await link(store, https=True, key="ck_unknown")) == {"credentials": "key_rejected"}
    assert store.calls() == 2


async def test_a_wrong_secret_over_https_is_named(store: FakeWooCommerce, link: Link) -> None:
    assert await faults(await link(store, https=True, secret="cs_wrong")) == {
        "credentials": "secret_rejected"
    }
    assert store.calls() == 1


@pytest.mark.parametrize("wrong", [{"key": "ck_unknown"}, {"secret": "cs_wrong"}])
async def test_over_http_a_wrong_key_and_a_wrong_secret_are_one_refused_signature(
    store: FakeWooCommerce, link: Link, wrong: dict[str, str]
) -> None:
    assert await faults(await link(store, **wrong)) == {"credentials": "signature_rejected"}


async def test_a_stripped_header_is_got_around_and_told(
    store: FakeWooCommerce, link: Link, home: Address
) -> None:
    order_id = store.place_order([("BREAD-1", 1)], home)
    store.door.strips_authorization = True
    connector = await link(store, https=True)
    assert await connector.fetch_order(order_id) is not None
    await connector.ensure_webhooks(PUBLIC, Secret("s" * 20))
    assert await faults(connector) == {"authorization_header": "authorization_header_stripped"}
    # Only the very first call was made twice; from then on the key goes the way that works.
    assert ["consumer_key" in query for _, _, query in store.door.seen[:4]] == [False, True, True, True]


async def test_a_stripped_header_and_a_wrong_secret_are_told_apart(
    store: FakeWooCommerce, link: Link
) -> None:
    store.door.strips_authorization = True
    assert await faults(await link(store, https=True, secret="cs_wrong")) == {
        "credentials": "secret_rejected"
    }


async def test_a_header_that_arrives_is_never_replaced_by_keys_in_the_address(
    store: FakeWooCommerce, link: Link
) -> None:
    connector = await link(store, https=True)
    await connector.check()
    assert not any("consumer_key" in query or "oauth_nonce" in query for _, _, query in store.door.seen)


async def test_a_key_that_is_revoked_later_is_not_put_into_the_address(
    store: FakeWooCommerce, link: Link
) -> None:
    connector = await link(store, https=True)
    assert await connector.count_orders(None) == 0
    store.keys.consumer_key = "ck_another"
    with pytest.raises(AccountProblem) as caught:
        await connector.count_orders(None)
    assert caught.value.raw_code == "key_rejected"
    assert not any("consumer_key" in query for _, _, query in store.door.seen)


async def test_a_signature_refused_once_for_its_nonce_is_made_anew(
    store: FakeWooCommerce, link: Link
) -> None:
    class EveryFourthIsUsed(set[str]):
        asked = 0

        def __contains__(self, nonce: object) -> bool:
            self.asked += 1
            return self.asked % 4 == 0

    connector = await link(store)
    store.keys.nonces = EveryFourthIsUsed()
    assert [await connector.count_orders(None) for _ in range(3)] == [0, 0, 0]


@pytest.mark.parametrize("https", [False, True])
async def test_a_key_that_may_only_read_is_found_out(
    store: FakeWooCommerce, link: Link, *, https: bool
) -> None:
    store.keys.permissions = "read"
    connector = await link(store, https=https)
    assert await faults(connector) == {"permissions": "key_read_only", "webhooks": "webhooks_missing"}
    (refused,) = await connector.ensure_webhooks(PUBLIC, Secret("s" * 20))
    assert (refused.passed, refused.fault) == (False, "key_read_only")


async def test_a_user_without_rights_is_told_from_a_bad_key(store: FakeWooCommerce, link: Link) -> None:
    store.rest.may_manage = False
    assert await faults(await link(store, https=True)) == {
        "permissions": "rights_missing",
        "version": "rights_missing",
        "webhooks": "rights_missing",
    }


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        (Trouble.HTML_200, "html_instead_of_json"),
        (Trouble.HTML_403, "firewall"),
        (Trouble.HTML_429, "rate_limited"),
        (Trouble.PHP_WARNING, "php_warning_in_answer"),
        (Trouble.REDIRECT, "redirected"),
        (Trouble.HTML_401, "site_password"),
        (Trouble.MAINTENANCE, "maintenance"),
        (Trouble.DATABASE_DOWN, "store_unwell"),
    ],
)
async def test_what_stands_before_the_store_is_named(
    store: FakeWooCommerce, link: Link, kind: Trouble, fault: str
) -> None:
    store.fail_next(kind, count=1000)
    assert await faults(await link(store)) == {"credentials": fault}


@pytest.mark.parametrize("minutes", [-9, 9])
async def test_a_clock_that_is_off_is_told_before_signatures_fail(
    store: FakeWooCommerce, link: Link, minutes: int
) -> None:
    store.door.clock_error_s = minutes * 60
    assert (await faults(await link(store)))["clock"] == "clock_off"


async def test_a_clock_too_far_off_refuses_signatures_and_both_are_told(
    store: FakeWooCommerce, link: Link
) -> None:
    store.door.clock_error_s = 3600
    assert await faults(await link(store)) == {"credentials": "signature_rejected", "clock": "clock_off"}


async def test_an_old_version_is_named(make_store: MakeStore, link: Link) -> None:
    connector = await link(make_store(version="7.9"))
    check = named(await connector.check(), "version")
    assert (check.fault, "7.9" in check.text) == ("version_too_old", True)


@pytest.mark.parametrize("version", ["8.0", "8.9", "10.5"])
async def test_versions_that_were_tried_pass(make_store: MakeStore, link: Link, version: str) -> None:
    check = named(await (await link(make_store(version=version))).check(), "version")
    assert (check.passed, check.text) == (True, f"WooCommerce {version}.")


async def test_a_webhook_that_the_store_switched_off_is_named_and_switched_on_again(
    store: FakeWooCommerce, link: Link
) -> None:
    connector = await link(store)
    await connector.ensure_webhooks(PUBLIC, Secret("s" * 20))
    store.hooks.webhooks[2].status = "disabled"
    check = named(await connector.check(), "webhooks")
    assert (check.fault, "order.updated" in check.text) == ("webhook_disabled", True)
    done = await connector.ensure_webhooks(PUBLIC, Secret("s" * 20))
    assert "switched on again" in named(done, "webhook order.updated").text
    assert "one more failed delivery" in named(done, "webhook order.updated").text  # the count is kept
    assert "one more failed delivery" not in named(done, "webhook order.created").text
    assert store.hooks.webhooks[2].status == "active"


@pytest.mark.parametrize(
    "receiver", ["http://localhost:9000/in", "http://10.0.0.7/in", "https://8.8.8.8:4000/in"]
)
async def test_a_receiver_that_wordpress_refuses_is_told_although_rest_says_active(
    make_store: MakeStore, link: Link, receiver: str
) -> None:
    store = make_store(accepts_any_receiver=False)
    connector = await link(store)
    checks = await connector.ensure_webhooks(receiver, Secret("s" * 20))
    assert {webhook.status for webhook in store.hooks.webhooks.values()} == {"active"}
    assert named(checks, "webhook_receiver").fault == "receiver_refused"
    assert named(await connector.check(), "webhook_receiver").fault == "receiver_refused"


async def test_dead_webhooks_of_an_address_that_we_left_are_cleared_away(
    store: FakeWooCommerce, link: Link
) -> None:
    connector = await link(store)
    for address in ("https://old.example/in", "https://neighbour.example/in"):
        await connector.ensure_webhooks(address, Secret("s" * 20))
    store.hooks.create(
        "Somebody else's", "order.created", "https://other.example/in", "x"
    ).status = "disabled"
    for webhook in store.hooks.webhooks.values():
        if webhook.delivery_url == "https://old.example/in":
            webhook.status = "disabled"
    await connector.ensure_webhooks(PUBLIC, Secret("s" * 20))
    # The neighbour's, who still answers, and the stranger's are not ours to touch.
    assert Counter(webhook.delivery_url for webhook in store.hooks.webhooks.values()) == {
        "https://neighbour.example/in": 4,
        "https://other.example/in": 1,
        PUBLIC: 4,
    }
    assert named(await connector.check(), "webhooks").passed


async def test_registering_twice_registers_once_and_surplus_ones_are_removed(
    store: FakeWooCommerce, link: Link
) -> None:
    connector = await link(store)
    await connector.ensure_webhooks(PUBLIC, Secret("old secret"))
    store.hooks.create("Doorstep order.created", "order.created", PUBLIC, "another")
    stranger = store.hooks.create("Somebody else's", "order.created", "https://other.example/in", "theirs")
    await connector.ensure_webhooks(PUBLIC, Secret("new secret"))
    ours = [webhook for webhook in store.hooks.webhooks.values() if webhook.delivery_url == PUBLIC]
    assert len(ours) == 4
    assert {webhook.secret for webhook in ours} == {"new secret"}
    assert store.hooks.webhooks[stranger.id].secret == "theirs"


async def test_webhooks_of_an_older_key_are_told_of_and_made_anew_so_that_their_owner_has_rights(
    store: FakeWooCommerce, link: Link
) -> None:
    old = await link(store)
    await old.ensure_webhooks(PUBLIC, Secret("s" * 20))
    before = set(store.hooks.webhooks)
    store.keys.consumer_key = CONSUMER_KEY[:-7] + "fedcba9"
    renewed = await link(store, key=CONSUMER_KEY[:-7] + "fedcba9")
    check = named(await renewed.check(), "scopes")
    assert (check.passed, check.fault) == (False, "rights_missing")
    done = await renewed.ensure_webhooks(PUBLIC, Secret("s" * 20))
    assert all("anew" in named(done, f"webhook order.{event}").text for event in ("created", "updated"))
    assert len(store.hooks.webhooks) == 4
    assert not before & set(store.hooks.webhooks)
    assert [check for check in await renewed.check() if not check.passed] == []


async def test_no_finding_holds_a_key(store: FakeWooCommerce, link: Link) -> None:
    for kind in Trouble:
        store.fail_next(kind, count=8)
    connector = await link(store, https=True)
    for _ in Trouble:
        told = repr(await connector.check())
        assert CONSUMER_KEY[:-7] not in told
        assert CONSUMER_SECRET not in told


async def test_the_connector_raises_the_same_faults_as_the_doctor_finds(
    store: FakeWooCommerce, link: Link
) -> None:
    with pytest.raises(AccountProblem) as caught:
        await (await link(store, https=True, key="ck_unknown")).count_orders(None)
    assert caught.value.raw_code == "key_rejected"
