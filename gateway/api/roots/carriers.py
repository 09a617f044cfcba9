"""Reads about carrier accounts; part of the root of reads."""

from __future__ import annotations

from typing import Annotated

import strawberry

from doorstep.window import Window
from gateway.api.admission.checks import root
from gateway.api.context import Info
from gateway.api.marks import bounded_argument, shape
from gateway.api.paging import Connection, connection, page_request
from gateway.api.reading import read_ids, read_window, wrong
from gateway.api.types.carrier_accounts import CarrierAccount
from gateway.api.types.price_locks import MOST_ACCOUNTS, MOST_DAYS_SHOWN, PriceLockLoss, PriceLockReport
from gateway.api.types.times import TimeWindowInput

LONGEST_REPORT_S = 366 * 86_400


@shape()
class CarrierQueries:
    """Reads about carrier accounts."""

    @root()
    async def carrier_accounts(
        self, info: Info, first: int = 50, after: str | None = None
    ) -> Connection[CarrierAccount]:
        """The merchant's accounts with carriers, the own fleet among them."""
        reads, page = info.context.reads, page_request(first, after, "carrier accounts")
        found = await reads.find_carrier_accounts(page)
        return connection(found, page, "carrier accounts", CarrierAccount.of, reads.count_carrier_accounts)

    @root(points=20)
    async def price_lock_report(
        self,
        info: Info,
        within: TimeWindowInput,
        account_ids: Annotated[list[strawberry.ID] | None, bounded_argument(50)] = None,
    ) -> PriceLockReport:
        """What prices that were held longer than carriers' quotes last cost or saved against what bookings
        then cost, by account and by day.
        """
        span = read_window(within, ("within",)) or Window(within.start, within.end)
        if span.seconds > LONGEST_REPORT_S:
            raise wrong(("within",), "within must not be longer than 366 days")
        wanted = read_ids(account_ids, "acc", ("accountIds",))
        reads = info.context.reads
        whole = await reads.locked_days(span, wanted, MOST_ACCOUNTS + 1, by_day=False)
        days = await reads.locked_days(span, wanted, MOST_DAYS_SHOWN + 1, by_day=True)
        _require_shown_whole(len(whole), MOST_ACCOUNTS, "accounts", "name fewer in accountIds")
        _require_shown_whole(len(days), MOST_DAYS_SHOWN, "days of accounts", "ask for less time")
        accounts = await reads.carrier_accounts(sorted({one.account_id for one in whole}))
        return PriceLockReport(
            accounts=[PriceLockLoss.of(one, accounts, is_whole=True) for one in whole],
            days=[PriceLockLoss.of(day, accounts) for day in days],
        )


def _require_shown_whole(found: int, most: int, name: str, way_out: str) -> None:
    """Refuse a report of which a part would be missing."""
    if found > most:
        raise wrong(("within",), f"the report would have more than {most} {name}: {way_out}")
