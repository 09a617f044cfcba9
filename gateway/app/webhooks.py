"""Where stores and carriers post: find whose it is, hand it to the receiver."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from doorstep.errors import BadSignature, DoorstepError
from doorstep.order import StorePlatform
from doorstep.ports import PublishesKeys
from doorstep.secret import Secret
from gateway.app.database_away import or_come_again
from gateway.app.senders import Sender, Senders, app_secrets, store_secrets
from gateway.bootstrap.house import House
from webhooks.inbound.receiver import Answer, CarrierSource, Receiver, StoreSource, read_bounded, too_long

_UNKNOWN_SHOP = Answer(200, "no shop of ours any more")
_NOBODY = Answer(401, "nobody here has linked that")

_KEYS_WITHIN_S = 3.0
"""A carrier waits for our answer only for seconds."""

Find = Callable[[], Awaitable[Sender | None]]
AsSource = Callable[[Sender, Mapping[str, str]], Awaitable[StoreSource | CarrierSource | None]]


def webhook_routes(house: House, receiver: Receiver) -> list[Route]:
    """`/webhooks/shopify` for all shops, one address for each WooCommerce store and carrier account."""
    senders = Senders(house)
    of_app = app_secrets(house)
    prefix = urlsplit(house.settings.base_url).path.rstrip("/")

    async def shopify(request: Request) -> Response:
        domain = request.headers.get("x-shopify-shop-domain") or request.headers.get(
            "shopify-shop-domain", ""
        )
        body = await read_bounded(request.stream())
        if body is None:
            return _answered(too_long())
        headers = dict(request.headers)
        answer = await _receive(lambda: senders.shop(domain.lower()), _as_store, headers, body)
        if answer.status == _NOBODY.status and _is_signed(headers, body):
            # A shop that left, or never opened our app: Shopify still tells us to forget it, and hears that
            # we have. A merchant who merely says to have it hears nothing of that.
            return _answered(_UNKNOWN_SHOP)
        return _answered(answer)

    def _is_signed(headers: Mapping[str, str], body: bytes) -> bool:
        """Whether our own app's secret, or the one before it, signed this."""
        plugin = house.plugins.stores.get(StorePlatform.SHOPIFY)
        if plugin is None or not of_app:
            return False
        try:
            plugin.webhooks.verify(headers, body, of_app)
        except BadSignature:
            return False
        return True

    async def store(request: Request) -> Response:
        store_id = request.path_params["store_id"]
        return await _taken(request, lambda: senders.store(store_id), _as_store)

    async def carrier(request: Request) -> Response:
        account_id = request.path_params["account_id"]
        # Lalamove signs the path that it posts to as well, as it sees it.
        path = {":path": f"{prefix}{request.url.path}"}
        return await _taken(request, lambda: senders.carrier(account_id), _as_carrier, path)

    async def _as_store(sender: Sender, _headers: Mapping[str, str]) -> StoreSource | None:
        plugin = house.plugins.stores.get(StorePlatform(sender.kind))
        if plugin is None:
            return None
        return StoreSource(sender.id, sender.merchant_id, plugin.webhooks, store_secrets(house, sender))

    async def _as_carrier(sender: Sender, headers: Mapping[str, str]) -> CarrierSource | None:
        plugin = house.plugins.carriers.get(sender.kind)
        if plugin is None or plugin.webhooks is None:
            return None
        secrets = [sender.credentials.get(plugin.webhook_secret_field, Secret(""))]
        if plugin.publishes_keys:
            secrets += await _published_keys(house, sender, headers)
        return CarrierSource(sender.id, sender.merchant_id, plugin.webhooks, secrets)

    async def _taken(
        request: Request, find: Find, as_source: AsSource, path: Mapping[str, str] = MappingProxyType({})
    ) -> Response:
        body = await read_bounded(request.stream())
        if body is None:
            return _answered(too_long())
        return _answered(await _receive(find, as_source, {**request.headers, **path}, body))

    async def _receive(find: Find, as_source: AsSource, headers: Mapping[str, str], body: bytes) -> Answer:
        sender = await find()
        source = await as_source(sender, headers) if sender is not None else None
        if sender is None or source is None:
            return _NOBODY
        answer = await receiver.receive(source, headers, body)
        if answer.status == _NOBODY.status and senders.forget(sender):
            # Its secret may have been changed in the last seconds.
            sender = await find()
            source = await as_source(sender, headers) if sender is not None else None
            return await receiver.receive(source, headers, body) if source is not None else _NOBODY
        return answer

    return [
        Route("/webhooks/shopify", or_come_again(shopify), methods=["POST"]),
        Route("/webhooks/stores/{store_id}", or_come_again(store), methods=["POST"]),
        Route("/webhooks/carriers/{account_id}", or_come_again(carrier), methods=["POST"]),
    ]


async def _published_keys(house: House, sender: Sender, headers: Mapping[str, str]) -> Sequence[Secret]:
    """What a carrier signs with; () where it cannot be had, and then nothing is believed."""
    with suppress(DoorstepError):
        linked = await house.links.carrier(sender.merchant_id, sender.id)
        if linked is not None and isinstance(linked.connector, PublishesKeys):
            keys = await linked.connector.published_keys(headers, _KEYS_WITHIN_S)
            return () if keys is None else (keys,)
    return ()


def _answered(answer: Answer) -> Response:
    return PlainTextResponse(answer.body, status_code=answer.status)
