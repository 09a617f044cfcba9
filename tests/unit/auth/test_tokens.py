from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.errors import InvalidInput, TokenRejected
from doorstep.ids import new_id
from doorstep.secret import Secret
from gateway.auth.base62 import ALPHABET
from gateway.auth.tokens import TrackingTokens

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
OLD, NEW = Secret("an old secret of thirty-two characters"), Secret("a new secret of thirty-two characters!")
MERCHANT, DELIVERY = "mer_01hf7yat00erns75zgym6s2q7y", "del_01hf7yat01e9nrwzj8zyb2fgqk"


class HandClock:
    def __init__(self, now: datetime = NOON) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time


def tokens(*secrets: Secret, clock: HandClock | None = None) -> TrackingTokens:
    return TrackingTokens(secrets or (NEW,), clock or HandClock())


def test_a_token_opens_the_delivery_that_it_was_issued_for() -> None:
    token, expires_at = tokens().issue(MERCHANT, DELIVERY, 3600)
    grant = tokens().read(token)
    assert (grant.merchant_id, grant.delivery_id) == (MERCHANT, DELIVERY)
    assert grant.expires_at == expires_at == NOON + timedelta(hours=1)


@given(st.integers(min_value=0, max_value=2**48 - 1), st.binary(min_size=10, max_size=10))
def test_every_id_survives_in_a_token(stamp_ms: int, randomness: bytes) -> None:
    delivery_id = new_id("del", now_ms=stamp_ms, randomness=lambda _: randomness)
    token, _ = tokens().issue(MERCHANT, delivery_id, 60)
    assert tokens().read(token).delivery_id == delivery_id


def test_a_token_fits_into_a_text_message() -> None:
    token, _ = tokens().issue(MERCHANT, DELIVERY, 3600)
    assert len(token) == 73
    assert token.isalnum()


def test_a_token_ends_at_its_instant_and_says_when() -> None:
    clock = HandClock()
    token, expires_at = tokens(clock=clock).issue(MERCHANT, DELIVERY, 60)
    clock.time = expires_at - timedelta(microseconds=1)
    assert tokens(clock=clock).read(token).delivery_id == DELIVERY
    clock.time = expires_at
    with pytest.raises(TokenRejected) as rejected:
        tokens(clock=clock).read(token)
    assert rejected.value.expired_at == expires_at
    assert rejected.value.code == "TOKEN_EXPIRED"


@given(st.integers(min_value=0, max_value=72), st.sampled_from(ALPHABET))
def test_a_token_with_one_other_character_opens_nothing(place: int, other: str) -> None:
    token, _ = tokens().issue(MERCHANT, DELIVERY, 3600)
    changed = token[:place] + other + token[place + 1 :]
    if changed == token:
        assert tokens().read(changed).delivery_id == DELIVERY
        return
    with pytest.raises(TokenRejected) as rejected:
        tokens().read(changed)
    assert rejected.value.expired_at is None


@pytest.mark.parametrize("text", ["", "x", "0" * 72, "0" * 73, "z" * 73, "0" * 74, "é" * 73, "-" * 73])
def test_what_was_never_issued_opens_nothing(text: str) -> None:
    with pytest.raises(TokenRejected) as rejected:
        tokens().read(text)
    assert rejected.value.code == "TOKEN_INVALID"


def test_an_end_is_told_only_of_a_token_that_we_signed() -> None:
    stranger = TrackingTokens([OLD], HandClock(NOON - timedelta(days=2)))
    token, _ = stranger.issue(MERCHANT, DELIVERY, 60)
    with pytest.raises(TokenRejected) as rejected:
        tokens(NEW).read(token)
    assert rejected.value.expired_at is None


def test_old_links_open_while_their_secret_is_in_rotation() -> None:
    before, _ = tokens(OLD).issue(MERCHANT, DELIVERY, 3600)
    assert tokens(NEW, OLD).read(before).delivery_id == DELIVERY
    after, _ = tokens(NEW, OLD).issue(MERCHANT, DELIVERY, 3600)
    assert tokens(NEW).read(after).delivery_id == DELIVERY
    with pytest.raises(TokenRejected):
        tokens(NEW).read(before)


@pytest.mark.parametrize(
    ("merchant_id", "delivery_id", "lifetime_s", "field"),
    [
        ("mer_1", DELIVERY, 60, "merchant_id"),
        (DELIVERY, DELIVERY, 60, "merchant_id"),
        (MERCHANT, MERCHANT, 60, "delivery_id"),
        (MERCHANT, "del_" + "z" * 26, 60, "delivery_id"),
        (MERCHANT, DELIVERY, 0, "lifetime_s"),
        (MERCHANT, DELIVERY, 10**10, "lifetime_s"),
    ],
)
def test_a_token_for_nothing_is_not_issued(
    merchant_id: str, delivery_id: str, lifetime_s: int, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        tokens().issue(merchant_id, delivery_id, lifetime_s)
    assert refused.value.path == (field,)


@pytest.mark.parametrize("secrets", [[], [Secret("")], [NEW, Secret("short")]])
def test_a_guessable_secret_is_refused_without_showing_it(secrets: list[Secret]) -> None:
    with pytest.raises(InvalidInput, match="tracking secret") as refused:
        TrackingTokens(secrets, HandClock())
    assert "short" not in str(refused.value)
