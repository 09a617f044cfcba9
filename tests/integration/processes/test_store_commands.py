"""Linking stores anew, and letting go of them, as an operator types it."""

from __future__ import annotations

from simulator.stores.woocommerce import CONSUMER_KEY, CONSUMER_SECRET
from tests.integration.app.market import SHOPIFY_SECRET, SHOPIFY_TOKEN, Market
from tests.integration.processes.commands import Shell

PUBLIC_URL = "https://doorstep.example"
APP = {
    "DOORSTEP_PUBLIC_URL": PUBLIC_URL,
    "DOORSTEP_SHOPIFY_CLIENT_ID": "the-client-id-of-an-app",
    "DOORSTEP_SHOPIFY_CLIENT_SECRET": SHOPIFY_SECRET,
}


async def test_a_store_is_listed_reconnected_and_removed(shell: Shell, market: Market) -> None:
    # Given a shop whose token is no longer good
    await shell.says("merchant", "create", "Corner shop")
    url, credentials = market.store_credentials("shopify")
    endpoint, keys = ("--api-endpoint", credentials["api_endpoint"]), ("--secret", SHOPIFY_SECRET)
    store_id = await shell.says(
        "store", "add", "shopify", "--url", url, "--token", SHOPIFY_TOKEN, *keys, *endpoint
    )
    assert await shell.says("store", "list") == (
        f"{store_id}  shopify  CONNECTED  corner-shop.myshopify.com  https://corner-shop.myshopify.com"
    )

    # Then other credentials are taken once they open it
    wrong = await shell("store", "reconnect", store_id, "--token", "shpat_wrong", *keys, *endpoint)
    assert (wrong.code, "shpat_wrong" in wrong.err) == (1, False)
    right = await shell("store", "reconnect", store_id, "--token", SHOPIFY_TOKEN, *keys, *endpoint)
    assert (right.code, right.out) == (0, f"{store_id}  CONNECTED\n"), right.err

    # And it is let go of, and comes back
    assert (await shell("store", "remove", store_id, "--yes")).out == f"{store_id}  DISCONNECTED\n"
    assert "DISCONNECTED" in await shell.says("store", "list")
    assert (await shell("sync")).code == 1
    again = await shell("store", "reconnect", store_id, "--token", SHOPIFY_TOKEN, *keys, *endpoint)
    assert again.out == f"{store_id}  CONNECTED\n"


async def test_a_link_is_printed_where_the_merchant_says_yes(shell: Shell, market: Market) -> None:
    await shell.says("merchant", "create", "Corner shop")
    woocommerce = ("woocommerce", "--url", f"{market.url}/woocommerce", "--authorize")
    link = await shell.says("store", "add", *woocommerce, DOORSTEP_PUBLIC_URL=PUBLIC_URL)
    assert link.startswith(
        f"{market.url}/woocommerce/wc-auth/v1/authorize?app_name=Doorstep&scope=read_write"
    )
    shopify = ("shopify", "--url", "corner-shop.myshopify.com", "--install")
    link = await shell.says("store", "add", *shopify, **APP)
    assert link == ("https://corner-shop.myshopify.com/admin/oauth/install?client_id=the-client-id-of-an-app")
    listed = (await shell.says("store", "list")).splitlines()
    assert [line.split()[1:3] for line in listed] == [["woocommerce", "PENDING"], ["shopify", "PENDING"]]

    # What was never linked is taken back without a trace
    for line in listed:
        assert "taken back" in (await shell("store", "remove", line.split()[0], "--yes")).out
    assert (await shell("store", "list")).out == ""


async def test_what_does_not_go_together_is_refused_in_a_sentence(shell: Shell, market: Market) -> None:
    await shell.says("merchant", "create", "Corner shop")
    shop, bakery = ("--url", "corner-shop.myshopify.com"), ("--url", f"{market.url}/woocommerce")
    keys = ("--key", CONSUMER_KEY, "--secret", CONSUMER_SECRET)
    for words, settings, complaint in [
        (("add", "shopify", *shop, "--authorize"), {}, "--authorize is for woocommerce alone."),
        (("add", "woocommerce", *bakery, "--install"), {}, "--install is for shopify alone."),
        (("add", "woocommerce", *bakery, "--authorize", *keys), {}, "leave them out"),
        (("add", "shopify", *shop, "--install"), {}, "DOORSTEP_SHOPIFY_CLIENT_ID"),
        (("add", "shopify", "--url", "https://shop.example", "--install"), APP, "permanent one"),
        (
            ("add", "woocommerce", *bakery, "--authorize"),
            {"DOORSTEP_PUBLIC_URL": "http://doorstep.example"},
            "DOORSTEP_PUBLIC_URL",
        ),
        (("reconnect", "sto_nobody"), {}, "There is no store sto_nobody"),
        (("remove", "sto_nobody", "--yes"), {}, "There is no store sto_nobody"),
        (("list",), {"DOORSTEP_SHOPIFY_CLIENT_ID": "x"}, "DOORSTEP_SHOPIFY_CLIENT_SECRET is missing"),
        (
            ("list",),
            APP | {"DOORSTEP_SHOPIFY_ENDPOINT": "https://shop.example"},
            "DOORSTEP_SHOPIFY_ENDPOINT",
        ),
    ]:
        said = await shell("store", *words, **settings)
        assert (said.code, said.out) == (1, ""), (words, said)
        assert complaint in said.err, (words, said.err)
