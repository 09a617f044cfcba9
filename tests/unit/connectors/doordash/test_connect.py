"""Linking an access key of DoorDash Drive, and the token it signs, without any network."""

from __future__ import annotations

import base64
import time

import jwt
import pytest

from connectors.couriers.doordash import CONNECTOR
from connectors.couriers.doordash.signing import Signer
from doorstep.errors import InvalidInput
from doorstep.ports import ChangesBookings, RaisesOffers, ShowsProof
from doorstep.quote import DeliveryMode
from doorstep.secret import Secret

# Holds "-" and "_", so that plain base64 would read it otherwise or not at all.
KEY = bytes(range(224, 256)) + b"\xfb\xef\xff"
SIGNING_SECRET = base64.urlsafe_b64encode(KEY).decode().rstrip("=")
GOOD = {
    "developer_id": Secret("dev_42"),
    "key_id": Secret("key_42"),
    "signing_secret": Secret(SIGNING_SECRET),
}


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_missing_credential_is_named(name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        CONNECTOR.connect({**GOOD, name: Secret("")}, "")

    assert refused.value.path == (name,)


@pytest.mark.parametrize("secret", ["not base64!", "abcde", "schlüssel", "===="])
def test_a_signing_secret_that_is_no_base64url_is_named_and_not_repeated(secret: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        CONNECTOR.connect({**GOOD, "signing_secret": Secret(secret)}, "")

    assert refused.value.path == ("signing_secret",)
    assert secret not in refused.value.message


def test_a_foreign_host_is_spoken_to_by_https_only() -> None:
    with pytest.raises(InvalidInput) as refused:
        CONNECTOR.connect(GOOD, "http://openapi.doordash.com")

    assert refused.value.path == ("base_url",)


@pytest.mark.parametrize(
    "url", ["", "https://openapi.doordash.com/drive/v2", "http://127.0.0.1:8080/doordash"]
)
def test_a_good_link_needs_no_network(url: str) -> None:
    carrier = CONNECTOR.connect(GOOD, url)

    assert (carrier.carrier, carrier.mode) == ("doordash", DeliveryMode.COURIER)


def test_it_changes_bookings_raises_offers_and_shows_proof() -> None:
    carrier = CONNECTOR.connect(GOOD, "")

    assert isinstance(carrier, ChangesBookings)
    assert isinstance(carrier, RaisesOffers)
    assert isinstance(carrier, ShowsProof)


def test_webhooks_are_known_by_a_credential_that_the_merchant_is_asked_for() -> None:
    asked_for = {field.name: field for field in CONNECTOR.credentials}

    assert asked_for[CONNECTOR.webhook_secret_field].is_secret


def test_a_quote_uses_up_an_id_so_that_nobody_asks_twice_at_once() -> None:
    assert not CONNECTOR.quoting.may_hedge


@pytest.mark.parametrize("padding", ["", "="])
def test_a_token_is_signed_as_documented(padding: str) -> None:
    before_s = int(time.time())

    token = Signer("dev_42", "key_42", Secret(SIGNING_SECRET + padding)).token()

    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT", "dd-ver": "DD-JWT-V1"}
    claims = jwt.decode(token, KEY, algorithms=["HS256"], audience="doordash", issuer="dev_42")
    assert claims["kid"] == "key_42"
    assert before_s <= claims["iat"] <= time.time()
    assert claims["exp"] - claims["iat"] <= 1800
