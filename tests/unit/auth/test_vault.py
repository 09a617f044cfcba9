from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.errors import InvalidInput
from doorstep.secret import Secret
from gateway.auth.vault import SealBroken, Vault

OLD, NEW = (
    Secret("an old vault key of thirty-two characters"),
    Secret("a new vault key of thirty-two characters"),
)


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=60), max_size=5))
def test_credentials_come_out_as_they_went_in(credentials: dict[str, str]) -> None:
    opened = Vault([NEW]).open(Vault([NEW]).seal(credentials))
    assert {name: secret.reveal() for name, secret in opened.items()} == credentials


def test_sealed_credentials_show_neither_names_nor_values() -> None:
    sealed = Vault([NEW]).seal({"api_key": "ck_0123456789"})
    assert b"ck_0123456789" not in sealed
    assert b"api_key" not in sealed


def test_the_same_credentials_never_look_the_same() -> None:
    vault = Vault([NEW])
    assert vault.seal({"a": "b"}) != vault.seal({"a": "b"})


@pytest.mark.parametrize("place", [0, 10, 40, -1])
def test_changed_bytes_do_not_open(place: int) -> None:
    sealed = bytearray(Vault([NEW]).seal({"a": "b"}))
    sealed[place] ^= 1
    with pytest.raises(SealBroken):
        Vault([NEW]).open(bytes(sealed))


def test_a_rotated_key_opens_old_seals_and_reseals_them() -> None:
    sealed = Vault([OLD]).seal({"a": "b"})
    fresh = Vault([NEW, OLD]).reseal(sealed)
    assert Vault([NEW]).open(fresh)["a"].reveal() == "b"


def test_a_lost_key_is_said_without_quoting_anything() -> None:
    sealed = Vault([OLD]).seal({"a": "very secret"})
    for attempt in (Vault([NEW]).open, Vault([NEW]).reseal):
        with pytest.raises(SealBroken, match="put the old key back") as broken:
            attempt(sealed)
        assert "very secret" not in str(broken.value)


@pytest.mark.parametrize("keys", [[], [Secret("")], [Secret("short")]])
def test_a_vault_without_a_strong_key_is_not_built(keys: list[Secret]) -> None:
    with pytest.raises(InvalidInput, match="vault key"):
        Vault(keys)
