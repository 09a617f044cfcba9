"""Where tracking devices post: the phone's own app decides the protocol."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from connectors.fleet.gps import decode_batch, decode_osmand, decode_owntracks, decode_traccar
from connectors.fleet.gpx import decode_gpx
from doorstep.errors import InvalidInput, TokenRejected
from doorstep.position import DeviceFix
from gateway.app.database_away import or_come_again
from gateway.app.devices import Devices
from gateway.bootstrap.house import House
from gateway.flow.tracking.take import MOST_FIXES, FixTaker
from webhooks.inbound.receiver import read_bounded, too_long

_Read = Callable[[Request, bytes, datetime], tuple[str, Sequence[DeviceFix]]]
"""Request, body and moment -> the device key and the fixes; raises `InvalidInput`."""


def position_routes(house: House, taker: FixTaker) -> list[Route]:
    """`/positions` takes JSON batches, `/positions/osmand` and `/positions/owntracks` those apps, and
    `/positions/gpx` whole tracks.

    A device key is the credential: what the app calls the device, or the password where it sends one. The
    driver's page shows its session instead.
    """
    devices = Devices(house.database, house.clock)

    def taking(read: _Read) -> Callable[[Request], Awaitable[Response]]:
        async def take(request: Request) -> Response:
            body = await read_bounded(request.stream())
            if body is None:
                return PlainTextResponse(too_long().body, status_code=too_long().status)
            try:
                key, fixes = read(request, body, house.clock.now())
            except InvalidInput as error:
                return JSONResponse({"error": error.message, "path": error.path}, status_code=400)
            return await _kept(key, fixes)

        return or_come_again(take)

    async def _kept(key: str, fixes: Sequence[DeviceFix]) -> Response:
        if not fixes:
            return JSONResponse({"taken": 0, "ignored": []})
        device = await devices.behind(key)
        if device is None:
            return _nobodys()
        try:
            faults = await taker.take(device, [fix.position for fix in fixes])
        except TokenRejected:
            devices.forget(device)
            return _nobodys()
        ignored = [fault for fault in faults if fault is not None]
        return JSONResponse({"taken": len(faults) - len(ignored), "ignored": ignored})

    async def gpx(request: Request) -> Response:
        body = await read_bounded(request.stream())
        if body is None:
            return PlainTextResponse(too_long().body, status_code=too_long().status)
        device = await devices.behind(_bearer(request.headers))
        if device is None:
            return _nobodys()
        try:
            # Parsing a large file takes a while, and nobody else shall wait for it.
            track = await asyncio.to_thread(decode_gpx, body)
        except InvalidInput as error:
            return JSONResponse({"error": error.message, "path": error.path}, status_code=400)
        counts: Counter[str] = Counter()
        in_order = sorted(track.positions, key=lambda fix: fix.recorded_at)
        try:
            for start in range(0, len(in_order), MOST_FIXES):
                faults = await taker.take(device, in_order[start : start + MOST_FIXES])
                counts.update("TAKEN" if fault is None else fault for fault in faults)
        except TokenRejected:
            devices.forget(device)
            return _nobodys()
        taken = counts.pop("TAKEN", 0)
        return JSONResponse({"taken": taken, "ignored": counts, "without_time": track.without_time})

    async def owntracks(request: Request) -> Response:
        answer = await taking(_owntracks)(request)
        # The app waits for a list of what its friends do; there are none.
        return answer if answer.status_code != 200 else JSONResponse([])

    return [
        Route("/positions/osmand", taking(_osmand), methods=["GET", "POST"]),
        Route("/positions/owntracks", owntracks, methods=["POST"]),
        Route("/positions/gpx", or_come_again(gpx), methods=["POST"]),
        Route("/positions", taking(_batch), methods=["POST"]),
    ]


def _nobodys() -> Response:
    return JSONResponse({"error": "No driver has this device id."}, status_code=401)


def _osmand(request: Request, body: bytes, now: datetime) -> tuple[str, Sequence[DeviceFix]]:
    if body.lstrip().startswith(b"{"):
        return _of_one(decode_traccar(body))
    # OsmAnd writes the same fields into the query, Traccar Client before 9 into a form as well.
    form = dict(parse_qsl(body.decode(errors="replace")))
    return _of_one(decode_osmand(form | dict(request.query_params), now))


def _owntracks(request: Request, body: bytes, now: datetime) -> tuple[str, Sequence[DeviceFix]]:
    key, fixes = _of_one(decode_owntracks(body, dict(request.headers), now))
    return _password(request.headers) or key, fixes


def _batch(request: Request, body: bytes, _: datetime) -> tuple[str, Sequence[DeviceFix]]:
    key, fixes = _of_one(decode_batch(body))
    return _bearer(request.headers) or key, fixes


def _of_one(fixes: Sequence[DeviceFix]) -> tuple[str, Sequence[DeviceFix]]:
    """All of them are one device's."""
    return (fixes[0].device_id if fixes else ""), fixes


def _bearer(headers: Mapping[str, str]) -> str:
    """The key that a header names; "" where there is none."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


def _password(headers: Mapping[str, str]) -> str:
    """That of Basic authentication; "" where there is none."""
    scheme, _, encoded = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
