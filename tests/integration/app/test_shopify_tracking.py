"""Shoppers who ask for their order on the shop's own pages: what they are shown, and what nobody is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.conftest import Dsn
from tests.integration.app.installing import linked, open_app_premises
from tests.integration.app.market import HOME, SHOPIFY_DOMAIN, Market
from tests.integration.app.premises import Premises, Tenant
from tests.integration.app.shoppers import (
    asked_by_proxy,
    asked_by_token,
    posted_form,
    proxied,
    session_token,
)

NOTHING = {"error": "Nothing is known of this order."}


@dataclass(frozen=True)
class Bought:
    """An order on its way, with what its shopper knows of it."""

    gid: str
    number: str
    confirmation: str
    customer: str


@pytest.fixture
async def premises(dsn: Dsn, tmp_path: Path, market: Market) -> AsyncIterator[Premises]:
    async with open_app_premises(dsn, tmp_path, market) as premises:
        yield premises


@pytest.fixture
async def bought(premises: Premises, market: Market) -> Bought:
    """An order of a shop that installed the app, which a courier carries."""
    store = await linked(premises, market)
    await premises.link_courier(Tenant(store.merchant_id, store.location_id, "", ""))
    gid = market.order_at("shopify")
    for _ in range(3):
        await premises.tick(5)
    order = market.shopify.order(gid)
    return Bought(gid, order.name, order.confirmation_number, str(order.number + 1))


async def test_the_thank_you_page_shows_the_order_of_its_confirmation_number(
    premises: Premises, market: Market, bought: Bought
) -> None:
    token = session_token(market)
    status, answer, headers = await asked_by_token(
        premises, token, bought.gid, bought.confirmation, "de-DE,en;q=0.5"
    )
    assert status == 200, answer
    (one,) = answer["deliveries"]
    assert one["tracking_url"].startswith(f"{premises.url}/track/")
    assert one["status_text"] == "Wird vorbereitet"
    assert one["eta"]["from"] <= one["eta"]["at"] <= one["eta"]["to"]
    assert one["eta"]["at"].endswith("Z")
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Cache-Control"] == "no-store"
    identity = bought.gid.replace("/Order/", "/OrderIdentity/")
    assert (await asked_by_token(premises, token, identity, bought.confirmation.lower()))[0] == 200


async def test_without_the_confirmation_number_an_order_is_as_unknown_as_one_that_is_not_there(
    premises: Premises, market: Market, bought: Bought
) -> None:
    token = session_token(market)
    asked = [(bought.gid, ""), (bought.gid, "WRONG1234"), ("gid://shopify/Order/1", bought.confirmation)]
    answers = [await asked_by_token(premises, token, *one) for one in asked]
    assert [(status, answer) for status, answer, _ in answers] == [(404, NOTHING)] * 3
    assert {headers["Access-Control-Allow-Origin"] for *_, headers in answers} == {"*"}
    mine = session_token(market, sub=f"gid://shopify/Customer/{bought.customer}")
    assert (await asked_by_token(premises, mine, bought.gid))[0] == 200
    theirs = session_token(market, sub="gid://shopify/Customer/7")
    assert (await asked_by_token(premises, theirs, bought.gid))[0] == 404


async def test_a_token_that_is_not_shopifys_for_a_linked_shop_and_now_opens_nothing(
    premises: Premises, market: Market, bought: Bought
) -> None:
    forged = [
        session_token(market, secret="somebody-else-s-secret-of-some-length-0"),
        session_token(market, aud="another-app"),
        session_token(market, dest="other-shop.myshopify.com"),
        session_token(market, exp=1),
        "",
    ]
    for token in forged:
        status, _, headers = await asked_by_token(premises, token, bought.gid, bought.confirmation)
        assert (status, headers["Access-Control-Allow-Origin"]) == (401, "*")
    good = session_token(market)
    assert (await asked_by_token(premises, good, "gid://shopify/Product/1", ""))[0] == 400


async def test_any_page_may_ask_and_load_what_it_shows_the_order_with(premises: Premises) -> None:
    wish = {
        "Origin": "null",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization,accept-language",
    }
    async with premises.session.options(f"{premises.url}/shopify/tracking", headers=wish) as preflight:
        assert preflight.status == 204
        assert preflight.headers["Access-Control-Allow-Origin"] == "*"
        assert preflight.headers["Access-Control-Allow-Methods"] == "GET"
        assert preflight.headers["Access-Control-Allow-Headers"] == "Authorization, Accept-Language"
        assert preflight.headers["Access-Control-Expose-Headers"] == "Retry-After"
    for file in ("doorstep.js", "shopper/tracking.js"):
        async with premises.session.get(f"{premises.url}/static/{file}") as module:
            assert (module.status, module.headers["Access-Control-Allow-Origin"]) == (200, "*")
            tag = module.headers["ETag"]
        known = {"If-None-Match": tag}
        async with premises.session.get(f"{premises.url}/static/{file}", headers=known) as module:
            assert (module.status, module.headers["Access-Control-Allow-Origin"]) == (304, "*")


async def test_the_shops_page_shows_the_order_of_its_number_and_contact_and_nobody_learns_which_did_not_fit(
    premises: Premises, market: Market, bought: Bought
) -> None:
    for contact in (HOME.email.upper(), "+1 (212) 736-3199", "212-736-3199", " 12127363199 "):
        for number in (bought.number, bought.number.removeprefix("#")):
            status, answer, headers = await asked_by_proxy(premises, proxied(market), number, contact)
            assert status == 200, answer
            assert answer["deliveries"][0]["status"] == "BOOKED"
            assert headers["Cache-Control"] == "no-store"
    asked = [
        (bought.number, "somebody-else@example.test"),
        (bought.number, "3199"),
        (bought.number, ""),
        ("#9999", HOME.email),
        ("%", HOME.email),
        ("\0", HOME.email),
        ("", HOME.email),
    ]
    answers = [await asked_by_proxy(premises, proxied(market), *one) for one in asked]
    assert [(status, answer) for status, answer, _ in answers] == [(404, NOTHING)] * len(asked)


async def test_a_customer_who_is_logged_in_needs_no_contact_for_an_order_of_their_own(
    premises: Premises, market: Market, bought: Bought
) -> None:
    mine = proxied(market, logged_in_customer_id=bought.customer)
    assert (await asked_by_proxy(premises, mine, bought.number, ""))[0] == 200
    theirs = proxied(market, logged_in_customer_id="207119551")
    assert (await asked_by_proxy(premises, theirs, bought.number, ""))[0] == 404
    # By the shopper's own word nobody is logged in
    assert (await asked_by_proxy(premises, theirs, bought.number, bought.customer))[0] == 404
    market.shopify.state = "frozen"
    other = proxied(market, logged_in_customer_id="207119552")
    assert (await asked_by_proxy(premises, other, bought.number, ""))[0] == 404


async def test_what_shopify_has_not_just_signed_for_a_linked_shop_is_refused(
    premises: Premises, market: Market, bought: Bought
) -> None:
    queries = [
        "",
        proxied(market, secret="somebody-else-s-secret-of-some-length-0"),
        proxied(market, age_s=91),
        proxied(market, shop="other-shop.myshopify.com"),
        proxied(market) + f"&shop={SHOPIFY_DOMAIN}",
    ]
    for query in queries:
        assert (await asked_by_proxy(premises, query, bought.number, HOME.email))[0] == 401
        assert (await posted_form(premises, query, bought.number, HOME.email))[0] == 401
    url = f"/shopify/proxy/tracking?{proxied(market)}"
    for body in (b"", b"[]", b'{"order": 7}', b"{" + b" " * 1_100_000 + b"}"):
        assert (await premises.post(url, body))[0] == 400


async def test_who_tries_one_number_after_the_other_has_to_wait_and_others_do_not(
    premises: Premises, market: Market, bought: Bought
) -> None:
    tried = [
        await asked_by_proxy(premises, proxied(market), f"#{number}", HOME.email)
        for number in range(2_000, 2_013)
    ]
    assert [status for status, *_ in tried] == [404] * 12 + [429]
    assert 0 < int(tried[-1][2]["Retry-After"]) <= 61
    other = await asked_by_proxy(premises, proxied(market), bought.number, HOME.email, "203.0.113.8")
    assert other[0] == 200


async def test_who_guesses_at_an_order_by_token_has_to_wait_and_keeps_its_own_shopper_out_of_nothing(
    premises: Premises, market: Market, bought: Bought
) -> None:
    token = session_token(market, jti="of-somebody-curious")
    tried = [await asked_by_token(premises, token, bought.gid, f"WRONG{number}") for number in range(12)]
    tried += [await asked_by_token(premises, token, f"{bought.gid}1", "WRONG")]
    assert [status for status, *_ in tried] == [404] * 12 + [429]
    assert 0 < int(tried[-1][2]["Retry-After"]) <= 61
    theirs = session_token(market, jti="of-its-shopper")
    assert (await asked_by_token(premises, theirs, bought.gid, bought.confirmation))[0] == 200


async def test_a_browser_without_scripts_is_led_to_the_order_or_told_in_the_shops_theme(
    premises: Premises, market: Market, bought: Bought
) -> None:
    status, _, headers = await posted_form(premises, proxied(market), bought.number, HOME.email)
    assert (status, headers["Location"].startswith(f"{premises.url}/track/")) == (303, True)

    typed = "{{ shop.secret }}<script>"
    status, page, headers = await posted_form(premises, proxied(market), typed, "nobody@example.test")
    assert (status, headers["Content-Type"]) == (200, "application/liquid; charset=utf-8")
    assert "We found no delivery" in page
    assert 'action="/apps/doorstep/track"' in page
    assert "{{" not in page
    assert "<script" not in page

    url = f"{premises.url}/shopify/proxy/track?{proxied(market)}"
    async with premises.session.get(url, headers={"Accept-Language": "fr"}) as form:
        assert (form.status, "Suivre votre commande" in await form.text()) == (200, True)
    odd = proxied(market, path_prefix='/apps/"><script>')
    assert "<script" not in (await posted_form(premises, odd, "#1", "x@example.test"))[1]


async def test_an_order_whose_shopper_was_forgotten_is_nobodys(
    premises: Premises, market: Market, bought: Bought
) -> None:
    store = await linked(premises, market)
    async with premises.house.means.begin(store.merchant_id) as work:
        order = await work.orders.by_external_id(store.id, bought.gid)
        assert order is not None
        await work.orders.put(replace(order, destination=None, confirmation_number=""))
    token = session_token(market)
    assert (await asked_by_token(premises, token, bought.gid, bought.confirmation))[0] == 404
    assert (await asked_by_proxy(premises, proxied(market), bought.number, HOME.email))[0] == 404
