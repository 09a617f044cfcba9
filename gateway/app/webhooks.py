"""Where stores and carriers post: find whose it is, hand it to the receiver."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from doorstep.order import StorePlatform
from doorstep.secret import Secret
from gateway.app.database_away import or_come_again
from gateway.bootstrap.house import House
from gateway.store.accounts import carrier_behind_door, store_behind_door, store_behind_shop
from webhooks.inbound.receiver import Answer, CarrierSource, Receiver, StoreSource, read_bounded, too_long

SECRET_FIELDS = ("webhook_secret", "webhook_secret_previous", "client_secret", "client_secret_previous")
"""Credentials that a store may sign with; two of a kind while a secret is rotated."""

_NOBODY = Answer(401, "nobody here has linked that")


def webhook_routes(house: House, receiver: Receiver) -> list[Route]:
    """`/webhooks/shopify` for all shops, one address for each WooCommerce store and carrier account."""

    async def shopify(request: Request) -> Response:
        # Nothing is known before the signature is checked: an unknown shop is answered like a wrong key.
        domain = request.headers.get("x-shopify-shop-domain") or request.headers.get(
            "shopify-shop-domain", ""
        )
        async with house.database.doors() as connection:
            store_id = await store_behind_shop(connection, StorePlatform.SHOPIFY, domain.lower())
        return await _from_store(request, store_id)

    async def store(request: Request) -> Response:
        return await _from_store(request, request.path_params["store_id"])

    async def _from_store(request: Request, store_id: str | None) -> Response:
        async with house.database.doors() as connection:
            found = await store_behind_door(connection, store_id) if store_id else None
        plugin = house.plugins.stores.get(StorePlatform(found[1])) if found else None
        if store_id is None or found is None or plugin is None:
            return _answered(_NOBODY)
        credentials = house.vault.open(found[2])
        secrets = [credentials[name] for name in SECRET_FIELDS if name in credentials]
        return await _received(request, StoreSource(store_id, found[0], plugin.webhooks, secrets))

    async def carrier(request: Request) -> Response:
        account_id = request.path_params["account_id"]
        async with house.database.doors() as connection:
            found = await carrier_behind_door(connection, account_id)
        plugin = house.plugins.carriers.get(found[1]) if found else None
        if found is None or plugin is None or plugin.webhooks is None:
            return _answered(_NOBODY)
        secret = house.vault.open(found[2]).get(plugin.webhook_secret_field, Secret(""))
        return await _received(request, CarrierSource(account_id, found[0], plugin.webhooks, [secret]))

    async def _received(request: Request, source: StoreSource | CarrierSource) -> Response:
        body = await read_bounded(request.stream())
        if body is None:
            return _answered(too_long())
        return _answered(await receiver.receive(source, dict(request.headers), body))

    return [
        Route("/webhooks/shopify", or_come_again(shopify), methods=["POST"]),
        Route("/webhooks/stores/{store_id}", or_come_again(store), methods=["POST"]),
        Route("/webhooks/carriers/{account_id}", or_come_again(carrier), methods=["POST"]),
    ]


def _answered(answer: Answer) -> Response:
    return PlainTextResponse(answer.body, status_code=answer.status)
