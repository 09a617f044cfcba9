"""Linking a Lalamove account, without any network."""

from __future__ import annotations

import pytest

from connectors.couriers.lalamove import CONNECTOR
from doorstep.errors import InvalidInput
from doorstep.ports import ChangesBookings, RaisesOffers, ShowsProof
from doorstep.quote import DeliveryMode
from doorstep.secret import Secret

GOOD = {"api_key": Secret("pk_test_1"), "api_secret": Secret("sk_test_1"), "market": Secret("HK")}


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_missing_credential_is_named(name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        CONNECTOR.connect({**GOOD, name: Secret("")}, "")

    assert refused.value.path == (name,)


@pytest.mark.parametrize("market", ["Hong Kong", "H", "12", "ÄÖ"])
def test_a_market_is_two_letters(market: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        CONNECTOR.connect({**GOOD, "market": Secret(market)}, "")

    assert refused.value.path == ("market",)


def test_a_foreign_host_is_spoken_to_by_https_only() -> None:
    with pytest.raises(InvalidInput) as refused:
        CONNECTOR.connect(GOOD, "http://rest.lalamove.com")

    assert refused.value.path == ("base_url",)


@pytest.mark.parametrize("url", ["", "https://rest.sandbox.lalamove.com/v3", "http://127.0.0.1:8080/lala"])
def test_a_good_link_needs_no_network(url: str) -> None:
    carrier = CONNECTOR.connect({**GOOD, "market": Secret(" hk ")}, url)

    assert (carrier.carrier, carrier.mode) == ("lalamove", DeliveryMode.COURIER)


def test_it_changes_bookings_raises_offers_and_shows_proof() -> None:
    carrier = CONNECTOR.connect(GOOD, "")

    assert isinstance(carrier, ChangesBookings)
    assert isinstance(carrier, RaisesOffers)
    assert isinstance(carrier, ShowsProof)


def test_the_secret_that_signs_the_calls_signs_the_webhooks() -> None:
    assert CONNECTOR.webhook_secret_field == "api_secret"
    assert CONNECTOR.webhook_secret_field in {field.name for field in CONNECTOR.credentials}
