"""Reads of carrier accounts for the API: how they did, what was found, and what held prices cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, Integer, String, cast, column, func, select
from sqlalchemy import text as sql

from doorstep.merchant import CarrierAccount
from doorstep.money import Money
from doorstep.scorecard import CarrierCounts
from doorstep.window import Window
from gateway.flow.ports.checks import LinkChecks
from gateway.flow.ports.unknowns import UnknownCode
from gateway.flow.quoting.price_lock import LockedDay
from gateway.store import tables as t
from gateway.store.database import Database
from gateway.store.queries import shapes as s
from gateway.store.queries.pages import by_id, count_of, page_of
from gateway.store.repositories.scores import SqlScores
from gateway.store.repositories.unknowns import SqlUnknowns
from gateway.store.tables import link_checks

_INCIDENTS = sql("""
    SELECT leg ->> 'account_id' AS account_id, count(DISTINCT incidents.id) AS raised
    FROM incidents
    JOIN deliveries ON deliveries.id = incidents.delivery_id
    CROSS JOIN LATERAL jsonb_array_elements(deliveries.doc -> 'legs') AS leg
    WHERE incidents.raised_at >= :since
      AND (leg ->> 'booked_at')::timestamptz <= incidents.raised_at
      AND coalesce((leg ->> 'ended_at')::timestamptz, incidents.raised_at) >= incidents.raised_at
    GROUP BY 1
""").columns(column("account_id", String), column("raised", Integer))
"""Who had a delivery in hand when something about it went wrong."""


class SqlCarrierReads:
    """Reads bound to one merchant."""

    def __init__(self, database: Database, merchant_id: str) -> None:
        self._database = database
        self._merchant_id = merchant_id

    async def carrier_accounts(self, ids: Sequence[str]) -> Mapping[str, CarrierAccount]:
        async with self._database.tenant(self._merchant_id) as connection:
            return await by_id(connection, t.carrier_accounts, CarrierAccount, ids)

    async def find_carrier_accounts(self, page: s.PageRequest) -> s.Page[CarrierAccount]:
        async with self._database.tenant(self._merchant_id) as connection:
            return await page_of(
                connection, t.carrier_accounts, CarrierAccount, [], t.carrier_accounts.c.id, page
            )

    async def count_carrier_accounts(self, up_to: int) -> int:
        async with self._database.tenant(self._merchant_id) as connection:
            return await count_of(connection, t.carrier_accounts, [], up_to)

    async def account_ids_of(self, carriers: Sequence[str]) -> Mapping[str, Sequence[str]]:
        c = t.carrier_accounts.c
        found: dict[str, list[str]] = {}
        async with self._database.tenant(self._merchant_id) as connection:
            query = select(c.carrier, c.id).where(c.carrier.in_(carriers)).order_by(c.id)
            for carrier, account_id in await connection.execute(query):
                found.setdefault(carrier, []).append(account_id)
        return found

    async def carrier_counts(self, since: date) -> Sequence[CarrierCounts]:
        async with self._database.tenant(self._merchant_id) as connection:
            return await SqlScores(connection, self._merchant_id).counts(since)

    async def incidents_by_account(self, since: datetime) -> Mapping[str, int]:
        async with self._database.tenant(self._merchant_id) as connection:
            rows = await connection.execute(_INCIDENTS, {"since": since})
            return {row.account_id: row.raised for row in rows}

    async def link_checks(self, ids: Sequence[str]) -> Mapping[str, LinkChecks]:
        async with self._database.tenant(self._merchant_id) as connection:
            return await by_id(connection, link_checks, LinkChecks, ids)

    async def unknown_codes(self) -> Sequence[UnknownCode]:
        async with self._database.tenant(self._merchant_id) as connection:
            return await SqlUnknowns(connection, self._merchant_id).all()

    async def locked_days(
        self, within: Window, account_ids: Sequence[str], limit: int, *, by_day: bool
    ) -> list[LockedDay]:
        """The last `limit` of them, oldest first."""
        c = t.requotes.c
        quoted, booked = _minor("quoted"), _minor("booked")
        each = cast(func.timezone("UTC", c.noted_at), Date)
        day = (each if by_day else func.min(each)).label("day")
        currency = c.doc["quoted"]["currency"].astext.label("currency")
        query = select(
            c.account_id,
            day,
            currency,
            func.count().label("bookings"),
            func.count().filter(booked > quoted).label("dearer"),
            func.sum(quoted).label("quoted"),
            func.sum(booked).label("booked"),
        ).where(c.noted_at >= within.start, c.noted_at < within.end)
        if account_ids:
            query = query.where(c.account_id.in_(account_ids))
        keys = (c.account_id, currency, each) if by_day else (c.account_id, currency)
        query = query.group_by(*keys).order_by(day.desc(), c.account_id.desc(), currency.desc())
        async with self._database.tenant(self._merchant_id) as connection:
            rows = await connection.execute(query.limit(limit))
            latest_first = [
                LockedDay(
                    row.account_id,
                    row.day,
                    row.bookings,
                    row.dearer,
                    Money(int(row.quoted), row.currency),
                    Money(int(row.booked), row.currency),
                )
                for row in rows
            ]
        return latest_first[::-1]


def _minor(name: str) -> Any:
    # Not as_integer(), which has 32 bits: that is 21 million in most currencies, and less in some.
    return cast(t.requotes.c.doc[name]["minor"].astext, BigInteger)
