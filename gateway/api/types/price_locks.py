"""What it costs to keep what a checkout showed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import strawberry

from doorstep.merchant import CarrierAccount
from gateway.api.marks import part, shape
from gateway.api.types.money import Money
from gateway.flow.quoting.price_lock import LockedDay

MOST_DAYS_SHOWN, MOST_ACCOUNTS = 1000, 100


@shape()
class PriceLockLoss:
    """What bookings cost beside the prices that the carrier had asked when shoppers were shown theirs."""

    account_id: strawberry.ID
    carrier_code: str
    date: date | None = part("In UTC; null where it is of the whole time.")
    bookings: int
    dearer_bookings: int = part("Of these, dearer than they were quoted.")
    quoted: Money = part("What the carrier asked at the checkout, all bookings together.")
    booked: Money = part("What it asked when they were booked.")
    loss: Money = part("What holding the prices cost, before any buffer; negative where it saved.")

    @staticmethod
    def of(
        day: LockedDay, accounts: Mapping[str, CarrierAccount], *, is_whole: bool = False
    ) -> PriceLockLoss:
        account = accounts.get(day.account_id)
        return PriceLockLoss(
            account_id=strawberry.ID(day.account_id),
            carrier_code="" if account is None else account.carrier,
            date=None if is_whole else day.day,
            bookings=day.bookings,
            dearer_bookings=day.dearer,
            quoted=Money.of(day.quoted),
            booked=Money.of(day.booked),
            loss=Money.of(day.loss),
        )


@shape()
class PriceLockReport:
    """What prices that were held longer than the carriers' quotes cost or saved."""

    accounts: list[PriceLockLoss] = part("Of the whole time.", most=MOST_ACCOUNTS, usual=5)
    days: list[PriceLockLoss] = part("Day by day, oldest first.", most=MOST_DAYS_SHOWN, usual=60)
