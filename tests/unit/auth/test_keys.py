from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.errors import InvalidInput
from gateway.auth.base62 import ALPHABET
from gateway.auth.caller import Audience
from gateway.auth.keys import PREFIXES, audience_of, create_key, hash_key, hint, verify_key


@pytest.mark.parametrize(("audience", "prefix"), list(PREFIXES.items()))
def test_a_new_key_is_recognised_by_its_prefix(audience: Audience, prefix: str) -> None:
    key = create_key(audience).key.reveal()
    assert re.fullmatch(prefix + "[0-9A-Za-z]{49}", key)
    assert audience_of(key) is audience


def test_a_key_carries_32_bytes_of_the_randomness_it_was_given() -> None:
    asked: list[int] = []

    def zeros(count: int) -> bytes:
        asked.append(count)
        return bytes(count)

    key = create_key(Audience.SECRET, randomness=zeros).key.reveal()
    assert asked == [32]
    assert key.startswith("sk_live_" + "0" * 43)


def test_no_two_keys_are_the_same() -> None:
    assert len({create_key(Audience.SECRET).key.reveal() for _ in range(100)}) == 100


def test_tracking_links_get_no_key() -> None:
    with pytest.raises(InvalidInput, match="TRACKING") as refused:
        create_key(Audience.TRACKING)
    assert refused.value.path == ("audience",)


@given(st.integers(min_value=0, max_value=56), st.sampled_from(ALPHABET))
def test_one_mistyped_character_is_noticed_offline(place: int, typed: str) -> None:
    key = create_key(Audience.SECRET, randomness=lambda count: bytes(range(count))).key.reveal()
    mistyped = key[:place] + typed + key[place + 1 :]
    assert (audience_of(mistyped) is Audience.SECRET) == (mistyped == key)


@pytest.mark.parametrize("text", ["", "sk_live_", "sk_live_short", "Bearer sk_live_x", "sk_live_" + "é" * 49])
def test_what_is_no_key_belongs_to_nobody(text: str) -> None:
    assert audience_of(text) is None
    assert hint(text) == "…"


def test_a_key_verifies_against_its_own_digest_only() -> None:
    one, other = create_key(Audience.SECRET), create_key(Audience.SECRET)
    assert verify_key(one.key.reveal(), one.digest)
    assert not verify_key(one.key.reveal(), other.digest)
    assert len(one.digest) == 32
    assert one.digest == hash_key(one.key.reveal())


def test_a_new_key_does_not_print_itself() -> None:
    new = create_key(Audience.SECRET)
    assert new.key.reveal() not in repr(new)
    assert new.hint == "sk_live_…" + new.key.reveal()[-4:]
