"""Amounts of money: a decimal string in major units, the currency, and the same in minor units."""

from __future__ import annotations

from doorstep import money as ground
from gateway.api.marks import ANYONE, entry, part, shape
from gateway.api.scalars import BigInt, CurrencyCode, DecimalText


@shape(to=ANYONE)
class Money:
    """An amount of money."""

    amount: DecimalText = part(
        'Major units with exactly the currency\'s digits, "12.99" or "1300" (JPY): '
        "goes into Intl.NumberFormat as it is."
    )
    currency_code: CurrencyCode
    minor_units: BigInt = part('The same amount in minor units, "1299", for sums and payment providers.')

    @staticmethod
    def of(money: ground.Money) -> Money:
        return Money(
            amount=DecimalText(money.amount),
            currency_code=CurrencyCode(money.currency),
            minor_units=BigInt(money.minor),
        )

    @staticmethod
    def maybe(money: ground.Money | None) -> Money | None:
        return None if money is None else Money.of(money)


@entry
class MoneyInput:
    """An amount of money; more digits than the currency has are refused, not rounded."""

    amount: DecimalText
    currency_code: CurrencyCode
