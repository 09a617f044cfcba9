"""What drivers' devices last said: what was made of it, and the last fix on top, looked at or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.flow.records import DriverState
from gateway.flow.tracking.heard import Heard
from gateway.store.codec import from_json
from gateway.store.kept import Kept
from gateway.store.repositories.positions import heard_of

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)

_STATES = Kept(
    text("""
    SELECT asked.id, known.doc, heard.driver_id, heard.recorded_at, heard.heard_at, heard.lat, heard.lng,
        heard.speed_mps, heard.heading_deg, heard.accuracy_m, heard.rejected
    FROM unnest(CAST(:ids AS text[])) AS asked (id)
    LEFT JOIN driver_states AS known ON known.id = asked.id
    LEFT JOIN last_positions AS heard ON heard.driver_id = asked.id
    """)
)


async def states_of(
    connection: AsyncConnection, merchant_id: str, driver_ids: Sequence[str]
) -> Mapping[str, DriverState]:
    """By driver; those of whom nothing was ever believed are left out."""
    if not driver_ids:
        return {}
    found = {}
    for id_, doc, *last in await _STATES.rows(connection, {"ids": list(driver_ids)}):
        known = None if doc is None else from_json(doc, DriverState)
        heard = None if last[0] is None else heard_of(last)
        if (state := _together(merchant_id, id_, known, heard)) is not None:
            found[id_] = state
    return found


def _together(
    merchant_id: str, driver_id: str, known: DriverState | None, heard: Heard | None
) -> DriverState | None:
    if heard is None or heard.position is None or heard.heard_at is None:
        return known if heard is None or known is None else replace(known, rejected=dict(heard.rejected))
    if known is None:
        return DriverState(
            driver_id,
            merchant_id,
            heard.position,
            heard.heard_at,
            read_to=_NEVER,
            rejected=dict(heard.rejected),
        )
    known = replace(known, rejected=dict(heard.rejected))
    if known.position.recorded_at >= heard.position.recorded_at:
        return known
    read_to = known.read_to or known.position.recorded_at
    return replace(known, position=heard.position, seen_at=heard.heard_at, read_to=read_to)
