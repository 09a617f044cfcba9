"""The log of fixes, and the last one of each driver; see `gateway.flow.ports.Positions`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.geo import LatLng
from doorstep.position import Position
from gateway.flow.ports.positions import Moment
from gateway.flow.tracking.heard import Heard, LoggedFix
from gateway.store import tables as t
from gateway.store.codec import write_json
from gateway.store.kept import Kept

FIRST_READ = timedelta(days=1)
"""Of a driver of whom nothing was looked at yet, so much of the past is."""

MOST_UNREAD = 2000
"""Fixes of one driver that are looked at in one go: those of eight hours, at the usual pace."""

CELL_DIGITS = 2
"""Decimals of a degree that old places are rounded to, about 1 km."""

_OWNERS = Kept(
    text("""
    SELECT hash, driver_id FROM device_keys
    WHERE hash = ANY (CAST(:hashes AS text[])) AND (ends_at IS NULL OR ends_at > :now)
    """)
)
_LOCK = Kept(
    text("""
    SELECT driver_id, recorded_at, heard_at, lat, lng, speed_mps, heading_deg, accuracy_m, rejected
    FROM last_positions WHERE driver_id = ANY (CAST(:ids AS text[])) ORDER BY driver_id FOR UPDATE
    """)
)
_PUT = Kept(
    text("""
    INSERT INTO last_positions AS known (merchant_id, driver_id, recorded_at, heard_at, lat, lng, speed_mps,
        heading_deg, accuracy_m, rejected)
    SELECT :merchant_id, driver_id, recorded_at, heard_at, lat, lng, speed_mps, heading_deg, accuracy_m,
        CAST(rejected AS jsonb)
    FROM unnest(CAST(:ids AS text[]), CAST(:recorded AS timestamptz[]), CAST(:heard AS timestamptz[]),
        CAST(:lats AS float8[]), CAST(:lngs AS float8[]), CAST(:speeds AS float8[]),
        CAST(:headings AS float8[]), CAST(:accuracies AS float8[]), CAST(:rejected AS text[]))
        AS heard (driver_id, recorded_at, heard_at, lat, lng, speed_mps, heading_deg, accuracy_m, rejected)
    ON CONFLICT (driver_id) DO UPDATE SET recorded_at = excluded.recorded_at, heard_at = excluded.heard_at,
        lat = excluded.lat, lng = excluded.lng, speed_mps = excluded.speed_mps,
        heading_deg = excluded.heading_deg, accuracy_m = excluded.accuracy_m, rejected = excluded.rejected
    WHERE known.recorded_at IS NULL OR known.recorded_at <= excluded.recorded_at
    """)
)
_LOG = Kept(
    text("""
    WITH added AS (
        INSERT INTO positions (merchant_id, driver_id, recorded_at, received_at, lat, lng, speed_mps,
            heading_deg, accuracy_m, is_late, is_coarse)
        SELECT :merchant_id, fix.*, false
        FROM unnest(CAST(:ids AS text[]), CAST(:recorded AS timestamptz[]), CAST(:received AS timestamptz[]),
            CAST(:lats AS float8[]), CAST(:lngs AS float8[]), CAST(:speeds AS float8[]),
            CAST(:headings AS float8[]), CAST(:accuracies AS float8[]), CAST(:late AS boolean[])) AS fix
        ON CONFLICT DO NOTHING
        RETURNING driver_id, recorded_at, is_late
    )
    SELECT driver_id, recorded_at FROM added WHERE is_late
    """)
)
_UNREAD = Kept(
    text("""
    SELECT known.driver_id, fix.recorded_at, fix.lat, fix.lng, fix.speed_mps, fix.heading_deg, fix.accuracy_m
    FROM unnest(CAST(:ids AS text[]), CAST(:since AS timestamptz[])) AS known (driver_id, since)
    CROSS JOIN LATERAL (
        SELECT * FROM positions AS p
        WHERE p.driver_id = known.driver_id AND p.recorded_at > known.since AND NOT p.is_late
        ORDER BY p.recorded_at LIMIT :most
    ) AS fix
    ORDER BY known.driver_id, fix.recorded_at
    """)
)
_LAST = Kept(
    text("""
    SELECT driver_id, recorded_at FROM last_positions
    WHERE driver_id = ANY (CAST(:ids AS text[])) AND recorded_at IS NOT NULL
    """)
)
_BEHIND = Kept(
    text("""
    SELECT heard.driver_id FROM last_positions AS heard LEFT JOIN driver_states AS known
        ON known.id = heard.driver_id
    WHERE heard.recorded_at > coalesce(
        CAST(coalesce(known.doc ->> 'read_to', known.doc -> 'position' ->> 'recorded_at') AS timestamptz),
        '-infinity')
    ORDER BY heard.driver_id LIMIT :most
    """)
)
_COARSEN = text("""
    WITH old AS (
        DELETE FROM positions WHERE recorded_at < :before AND NOT is_coarse
        RETURNING merchant_id, driver_id, recorded_at, lat, lng
    ), added AS (
        INSERT INTO positions (merchant_id, driver_id, recorded_at, received_at, lat, lng, is_late, is_coarse)
        SELECT DISTINCT ON (driver_id, date_trunc('hour', recorded_at, 'UTC'), cell_lat, cell_lng)
            merchant_id, driver_id,
            -- Two cells of one hour must not be one row: the second tells which, and no longer when.
            date_trunc('hour', recorded_at, 'UTC') + make_interval(secs => (row_number() OVER (
                PARTITION BY driver_id, date_trunc('hour', recorded_at, 'UTC')
                ORDER BY recorded_at)) * 0.001),
            date_trunc('hour', recorded_at, 'UTC'), cell_lat, cell_lng, true, true
        FROM old, LATERAL (SELECT round(CAST(lat AS numeric), :digits) AS cell_lat,
            round(CAST(lng AS numeric), :digits) AS cell_lng) AS cell
        ORDER BY driver_id, date_trunc('hour', recorded_at, 'UTC'), cell_lat, cell_lng, recorded_at
        ON CONFLICT DO NOTHING
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM old) - (SELECT count(*) FROM added)
    """)


class SqlPositions:
    """Fixes of one merchant's vans, in a transaction of theirs."""

    def __init__(self, connection: AsyncConnection, merchant_id: str) -> None:
        self._connection = connection
        self._merchant_id = merchant_id

    async def owners(self, key_hashes: Collection[str], now: datetime) -> Mapping[str, str]:
        rows = await _OWNERS.rows(self._connection, {"hashes": list(key_hashes), "now": now})
        return dict(rows)

    async def lock_heard(self, driver_ids: Collection[str]) -> Mapping[str, Heard]:
        rows = await _LOCK.rows(self._connection, {"ids": list(driver_ids)})
        return {row[0]: heard_of(row) for row in rows}

    async def put_heard(self, heard: Sequence[Heard]) -> None:
        if not heard:
            return
        places = [one.position for one in heard]
        await _PUT.send(
            self._connection,
            {
                "merchant_id": self._merchant_id,
                "ids": [one.driver_id for one in heard],
                "heard": [one.heard_at for one in heard],
                "rejected": [write_json(one.rejected) for one in heard],
                **_measures(places),
            },
        )

    async def log(self, fixes: Sequence[LoggedFix]) -> Collection[Moment]:
        if not fixes:
            return ()
        rows = await _LOG.rows(
            self._connection,
            {
                "merchant_id": self._merchant_id,
                "ids": [fix.driver_id for fix in fixes],
                "received": [fix.received_at for fix in fixes],
                "late": [fix.is_late for fix in fixes],
                **_measures([fix.position for fix in fixes]),
            },
        )
        return {(row[0], row[1]) for row in rows}

    async def unread(self, since: Mapping[str, datetime | None]) -> Mapping[str, Sequence[Position]]:
        found: dict[str, list[Position]] = {}
        known = dict(since)
        if new := [id_ for id_, at in since.items() if at is None]:
            for id_, at in await _LAST.rows(self._connection, {"ids": new}):
                known[id_] = at - FIRST_READ
        asked = {id_: at for id_, at in known.items() if at is not None}
        values = {"ids": list(asked), "since": list(asked.values()), "most": MOST_UNREAD}
        for row in await _UNREAD.rows(self._connection, values) if asked else ():
            found.setdefault(row[0], []).append(_position(row[1], *row[2:]))
        return found

    async def behind(self, most: int) -> Sequence[str]:
        return [row[0] for row in await _BEHIND.rows(self._connection, {"most": most})]

    async def coarsen(self, before: datetime) -> int:
        hour = before.replace(minute=0, second=0, microsecond=0)
        values = {"before": hour, "digits": CELL_DIGITS}
        gone: int = (await self._connection.execute(_COARSEN, values)).scalar_one()
        return gone

    async def erase(self, driver_id: str) -> int:
        gone = await self._connection.execute(
            delete(t.positions).where(t.positions.c.driver_id == driver_id).returning(t.positions.c.driver_id)
        )
        await self._connection.execute(
            delete(t.last_positions).where(t.last_positions.c.driver_id == driver_id)
        )
        await self._connection.execute(delete(t.driver_states).where(t.driver_states.c.id == driver_id))
        return len(gone.all())


def heard_of(row: Sequence[Any]) -> Heard:
    """From the columns of `last_positions`, in the order of the statement above."""
    driver_id, recorded_at, heard_at, *measures, rejected = row
    position = None if recorded_at is None else _position(recorded_at, *measures)
    return Heard(driver_id, position, heard_at, rejected)


def _position(
    recorded_at: datetime,
    lat: float,
    lng: float,
    speed_mps: float | None,
    heading_deg: float | None,
    accuracy_m: float | None,
) -> Position:
    return Position(LatLng(lat, lng), recorded_at, speed_mps, heading_deg, accuracy_m)


def _measures(places: Sequence[Position | None]) -> Mapping[str, list[object]]:
    """One list for each column."""
    return {
        "recorded": [place and place.recorded_at for place in places],
        "lats": [place and place.location.lat for place in places],
        "lngs": [place and place.location.lng for place in places],
        "speeds": [place and place.speed_mps for place in places],
        "headings": [place and place.heading_deg for place in places],
        "accuracies": [place and place.accuracy_m for place in places],
    }
