"""Languages and phone numbers of Lalamove's markets."""

from __future__ import annotations

import pytest

from connectors.couriers.lalamove.markets import MARKETS, e164, market_of


def test_all_thirteen_markets_are_known() -> None:
    assert set(MARKETS) == set("HK SG MY TH VN PH ID TW BR MX JP AE SA".split())


def test_a_market_that_opened_later_is_spoken_to_in_english() -> None:
    assert (market_of("KR").code, market_of("KR").language) == ("KR", "en_KR")
    assert market_of("TW").language == "zh_TW"


@pytest.mark.parametrize(
    ("phone", "market", "expected"),
    [
        ("+660923447537", "TH", "+660923447537"),
        (" 85238485765", "HK", "+85238485765"),
        ("38485765", "HK", "+85238485765"),
        ("11955550001", "BR", "+5511955550001"),
        ("5511955550001", "BR", "+5511955550001"),
        # Area code 55 within Brazil: nine digits after it are too few to be a whole number.
        ("55955550001", "BR", "+5555955550001"),
        ("0912345678", "TW", "+886912345678"),
        ("15550100009", "US", "+15550100009"),
        ("", "HK", ""),
    ],
)
def test_phone_numbers_of_orders_become_what_was_sent(phone: str, market: str, expected: str) -> None:
    assert e164(phone, market_of(market)) == expected
