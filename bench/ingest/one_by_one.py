"""The peer: each fix looked up, kept and worked out by itself, as the product did before."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.fleet.gps import decode_osmand
from doorstep.incident import IncidentKind
from doorstep.position import Position
from gateway.bootstrap.house import House
from gateway.flow.ports import Means
from gateway.flow.records import DriverState
from gateway.flow.tracking.drive import follow_fix, watched_by
from gateway.flow.tracking.motion import fault_of
from gateway.flow.watching.incidents import settle
from gateway.store.accounts import driver_behind_device
from gateway.store.device_keys import hash_of


def one_by_one_route(house: House) -> Route:
    """`/one-by-one`: OsmAnd's protocol."""

    async def take(request: Request) -> Response:
        (fix,) = decode_osmand(dict(request.query_params))
        async with house.database.doors() as connection:
            found = await driver_behind_device(connection, hash_of(fix.device_id))
        if found is None:
            return JSONResponse({}, status_code=401)
        await _record(house.means, *found, fix.position)
        return JSONResponse({"taken": 1, "ignored": []})

    return Route("/one-by-one", take)


async def _record(means: Means, merchant_id: str, driver_id: str, position: Position) -> None:
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        known = (await work.fleet.lock_states([driver_id])).get(driver_id)
        last = known.position if known else None
        if fault_of(last, position, now) is not None:
            return
        state = known or DriverState(driver_id, merchant_id, position, now)
        state = replace(state, position=position, seen_at=now)
        await settle(work, driver_id, {IncidentKind.GPS_SILENT}, "The van is heard again.", now)
        route = await work.routes.of_driver(driver_id, lock=True)
        if route is not None:
            state, route = await follow_fix(work, means, last, state, route)
        await work.fleet.put_state(state)
        watched = watched_by(route, (await work.accounts.merchant()).visibility)
    await means.positions.moved(merchant_id, {driver_id: position})
    await means.positions.seen(merchant_id, {driver_id: position}, {driver_id: watched})
