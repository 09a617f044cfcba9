"""Amounts of money: integer minor units and an ISO 4217 currency, never a float."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import total_ordering

# ISO 4217 exponents of currencies that do not have two digits (list one of the 2024 amendment).
_EXPONENTS = dict.fromkeys(
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0
) | dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3)

_TWO_DIGITS = frozenset(
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF "
    "CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL "
    "HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP "
    "MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD "
    "SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS "
    "VED VES WST XCD XCG YER ZAR ZMW ZWG".split()
)

_AMOUNT = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")


class UnknownCurrency(ValueError):
    """The code is no active ISO 4217 currency."""


class InvalidAmount(ValueError):
    """The amount is no decimal number, or has more digits than its currency."""


def exponent_of(currency: str) -> int:
    """Digits after the point in `currency`.

    Raises
    ------
    UnknownCurrency
        If the code is not in ISO 4217; codes are upper case.
    """
    if currency in _TWO_DIGITS:
        return 2
    try:
        return _EXPONENTS[currency]
    except KeyError:
        raise UnknownCurrency(f"{currency!r} is no ISO 4217 currency code") from None


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """An amount in integer minor units: `Money(1299, "USD")` is $12.99, `Money(1300, "JPY")` ¥1300.

    Raises
    ------
    UnknownCurrency
        If `currency` is not in ISO 4217.
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        exponent_of(self.currency)

    @classmethod
    def parse(cls, amount: str, currency: str) -> Money:
        """Read a decimal string in major units, strictly: surplus digits are refused unless they are zeros.

        Raises
        ------
        InvalidAmount
            If `amount` is not a plain decimal number, or has more digits than the currency.
        UnknownCurrency
            If `currency` is not in ISO 4217.
        """
        scaled = _scaled(amount, currency)
        if scaled != scaled.to_integral_value():
            raise InvalidAmount(f"{amount} has more than the {exponent_of(currency)} digits of {currency}")
        return cls(int(scaled), currency)

    @classmethod
    def parse_rounding(cls, amount: str, currency: str) -> Money:
        """Read a decimal string of another system, rounding surplus digits half up.

        WooCommerce stores may show a zero-decimal currency with decimals ("82.75" JPY, measured on 8.9).
        """
        scaled = _scaled(amount, currency)
        return cls(int(scaled.quantize(Decimal(1), rounding="ROUND_HALF_UP")), currency)

    @property
    def amount(self) -> str:
        """Major units with exactly the currency's digits, as `Intl.NumberFormat` takes them."""
        digits = exponent_of(self.currency)
        return f"{Decimal(self.minor).scaleb(-digits):.{digits}f}"

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def times(self, factor: Decimal | int) -> Money:
        """The amount times a factor, rounded half up to the minor unit."""
        product = Decimal(self.minor) * factor
        return Money(int(product.quantize(Decimal(1), rounding="ROUND_HALF_UP")), self.currency)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise ValueError(f"cannot combine {self.currency} with {other.currency}")
        return other.minor


def zero(currency: str) -> Money:
    """Nothing, in `currency`."""
    return Money(0, currency)


def _scaled(amount: str, currency: str) -> Decimal:
    if not _AMOUNT.fullmatch(amount):
        raise InvalidAmount(f"{amount[:40]!r} is no decimal amount such as 12.99")
    try:
        return Decimal(amount).scaleb(exponent_of(currency))
    except InvalidOperation:
        raise InvalidAmount(f"{amount[:40]!r} is out of range") from None
