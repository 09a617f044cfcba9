"""Lalamove's markets: the language of addresses, and how phone numbers begin (API guide v3, 2026).

An account belongs to one market. One that is missing here is spoken to in English.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NOT_DIGITS = re.compile(r"[^0-9]")


@dataclass(frozen=True, slots=True)
class Market:
    """One country that Lalamove serves.

    Attributes
    ----------
    code
        ISO 3166-1 alpha-2, as in the header `Market`; also the country of both addresses.
    language
        Key for the language of addresses.
    dial_code
        Of phone numbers, "852"; "" where this table does not know the market.
    shortest_number
        Digits of a phone number without its dial code, at the least.
    """

    code: str
    language: str
    dial_code: str = ""
    shortest_number: int = 0


_MARKETS = (
    Market("AE", "en_AE", "971", 8),
    Market("BR", "en_BR", "55", 10),
    Market("HK", "en_HK", "852", 8),
    Market("ID", "en_ID", "62", 8),
    Market("JP", "en_JP", "81", 9),
    Market("MX", "en_MX", "52", 10),
    Market("MY", "en_MY", "60", 8),
    Market("PH", "en_PH", "63", 9),
    Market("SA", "en_SA", "966", 8),
    Market("SG", "en_SG", "65", 8),
    Market("TH", "en_TH", "66", 8),
    Market("TW", "zh_TW", "886", 8),
    Market("VN", "en_VN", "84", 9),
)

MARKETS = {market.code: market for market in _MARKETS}


def market_of(code: str) -> Market:
    """The market of a code; one that Lalamove opened since then is spoken to in English."""
    return MARKETS.get(code) or Market(code, f"en_{code}")


def e164(phone: str, market: Market) -> str:
    """A phone number of an order as it was sent.

    Lalamove's answers drop the plus sign, and in some markets the dial code too (guide v3; seen in public
    integrations).
    """
    digits = _NOT_DIGITS.sub("", phone)
    if phone.strip().startswith("+") or not digits:
        return f"+{digits}" if digits else ""
    rest = digits.removeprefix(market.dial_code)
    has_dial_code = digits.startswith(market.dial_code) and len(rest) >= market.shortest_number
    return f"+{digits}" if has_dial_code else f"+{market.dial_code}{digits.removeprefix('0')}"
