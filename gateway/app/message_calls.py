"""Where providers of messages post: how messages fare, and what people write back."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from doorstep.errors import BadSignature, UnreadablePayload
from gateway.app.database_away import or_come_again
from gateway.bootstrap.house import House
from gateway.bootstrap.notifiers import callback_of
from gateway.flow.messaging.people.hear import take_word
from gateway.store.repositories.notices import notice_account_behind_door
from webhooks.inbound.receiver import read_bounded

_NOTHING_TO_SAY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


def message_routes(house: House) -> list[Route]:
    """One address for each account."""

    async def take(request: Request) -> Response:
        account_id = request.path_params["account_id"]
        body = await read_bounded(request.stream())
        if body is None:
            return Response(status_code=413)
        async with house.database.doors() as connection:
            found = await notice_account_behind_door(connection, account_id)
        plugin = house.plugins.notifiers.get(found[1]) if found is not None else None
        if found is None or plugin is None or plugin.webhooks is None:
            return Response(status_code=401)
        merchant_id, _, sealed = found
        credentials = house.vault.open(sealed)
        secrets = [credentials[name] for name in plugin.secret_names if credentials.get(name)]
        query = f"?{request.url.query}" if request.url.query else ""
        # What was signed is the address that we gave, whatever a proxy made of it.
        url = callback_of(house.settings.base_url, account_id) + query
        headers = dict(request.headers)
        try:
            plugin.webhooks.verify(url, headers, body, secrets)
            word = plugin.webhooks.read(headers, body)
        except BadSignature:
            return Response(status_code=401)
        except UnreadablePayload:
            return Response(status_code=400)
        await take_word(house.means, merchant_id, account_id, word)
        return Response(_NOTHING_TO_SAY, media_type="text/xml")

    return [Route("/webhooks/messages/{account_id}", or_come_again(take), methods=["POST"])]
