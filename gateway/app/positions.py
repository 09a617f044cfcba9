"""Where tracking devices post: the phone's own app decides the protocol."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from connectors.fleet.gps import decode_batch, decode_osmand, decode_owntracks, decode_traccar
from doorstep.errors import InvalidInput
from doorstep.position import DeviceFix
from gateway.app.database_away import or_come_again
from gateway.bootstrap.house import House
from gateway.flow.tracking.drive import record_fix
from gateway.store.accounts import driver_behind_device
from webhooks.inbound.receiver import read_bounded, too_long

_Decoder = Callable[[], Sequence[DeviceFix]]


def position_routes(house: House) -> list[Route]:
    """`/positions` takes JSON batches, `/positions/osmand` and `/positions/owntracks` those apps.

    The device id is the credential: unguessable, made by `doorstep driver add`.
    """

    async def osmand(request: Request) -> Response:
        body = await read_bounded(request.stream())
        if body is None:
            return PlainTextResponse(too_long().body, status_code=too_long().status)
        if body.lstrip().startswith(b"{"):
            return await _taken(lambda: decode_traccar(body))
        # OsmAnd writes the same fields into the query, Traccar Client before 9 into a form as well.
        form = dict(parse_qsl(body.decode(errors="replace")))
        fields = form | dict(request.query_params)
        return await _taken(lambda: decode_osmand(fields))

    async def owntracks(request: Request) -> Response:
        body = await read_bounded(request.stream())
        if body is None:
            return PlainTextResponse(too_long().body, status_code=too_long().status)
        answer = await _taken(lambda: decode_owntracks(body, dict(request.headers)))
        # The app waits for a list of what its friends do; there are none.
        return answer if answer.status_code != 200 else JSONResponse([])

    async def batch(request: Request) -> Response:
        body = await read_bounded(request.stream())
        if body is None:
            return PlainTextResponse(too_long().body, status_code=too_long().status)
        return await _taken(lambda: decode_batch(body))

    async def _taken(decode: _Decoder) -> Response:
        try:
            fixes = decode()
        except InvalidInput as error:
            return JSONResponse({"error": error.message, "path": error.path}, status_code=400)
        ignored = [fault for fault in [await _record(fix) for fix in fixes] if fault]
        if "unknown device" in ignored:
            return JSONResponse({"error": "No driver has this device id."}, status_code=401)
        return JSONResponse({"taken": len(fixes) - len(ignored), "ignored": ignored})

    async def _record(fix: DeviceFix) -> str:
        async with house.database.doors() as connection:
            found = await driver_behind_device(connection, fix.device_id)
        if found is None:
            return "unknown device"
        return (await record_fix(house.means, found[0], found[1], fix.position)).fault

    return [
        Route("/positions/osmand", or_come_again(osmand), methods=["GET", "POST"]),
        Route("/positions/owntracks", or_come_again(owntracks), methods=["POST"]),
        Route("/positions", or_come_again(batch), methods=["POST"]),
    ]
