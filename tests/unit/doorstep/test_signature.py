"""Webhooks are believed only with a signature that a secret of ours made."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.errors import BadSignature
from doorstep.secret import Secret
from doorstep.signature import hmac_sha256, verify_base64, verify_hex

BODY = b'{"id": 1001, "note": "caf\xc3\xa9"}'
OLD, NEW = Secret("old-secret"), Secret("new-secret")


def in_base64(secret: Secret, body: bytes = BODY) -> str:
    return base64.b64encode(hmac_sha256(secret, body)).decode()


def in_hex(secret: Secret, body: bytes = BODY) -> str:
    return hmac_sha256(secret, body).hex()


def test_the_signature_is_the_standards_own() -> None:
    # RFC 4231, test case 2.
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert hmac_sha256(Secret("Jefe"), b"what do ya want for nothing?").hex() == expected


def test_a_good_signature_passes_in_both_spellings() -> None:
    verify_base64([NEW], BODY, in_base64(NEW))
    verify_hex([NEW], BODY, in_hex(NEW))
    verify_hex([NEW], BODY, in_hex(NEW).upper())


def test_while_a_secret_is_rotated_both_are_good() -> None:
    for secrets in ([OLD, NEW], [NEW, OLD]):
        verify_base64(secrets, BODY, in_base64(OLD))
        verify_base64(secrets, BODY, in_base64(NEW))
    with pytest.raises(BadSignature, match="does not match"):
        verify_base64([NEW], BODY, in_base64(OLD))


def test_an_empty_secret_closes_the_door_even_to_who_signs_with_it() -> None:
    forged = hmac.new(b"", BODY, hashlib.sha256)
    with pytest.raises(BadSignature, match="no secret is configured"):
        verify_base64([Secret("")], BODY, base64.b64encode(forged.digest()).decode())
    with pytest.raises(BadSignature, match="no secret is configured"):
        verify_hex([Secret("")], BODY, forged.hexdigest())
    with pytest.raises(BadSignature):
        verify_hex([], BODY, forged.hexdigest())


@pytest.mark.parametrize("given_text", ["", "not base64!", "YQ=", "é", in_base64(NEW) + "\n", in_hex(NEW)])
def test_what_is_no_base64_of_a_signature_is_refused(given_text: str) -> None:
    with pytest.raises(BadSignature):
        verify_base64([NEW], BODY, given_text)


@pytest.mark.parametrize("given_text", ["", "zz", "abc", "é", in_hex(NEW)[:-2], in_base64(NEW)])
def test_what_is_no_hexadecimal_of_a_signature_is_refused(given_text: str) -> None:
    with pytest.raises(BadSignature):
        verify_hex([NEW], BODY, given_text)


@given(body=st.binary(max_size=200), place=st.integers(0, 31), bit=st.integers(0, 7))
def test_one_wrong_bit_is_enough(body: bytes, place: int, bit: int) -> None:
    signature = bytearray(hmac_sha256(NEW, body))
    verify_hex([NEW], body, signature.hex())
    signature[place] ^= 1 << bit
    with pytest.raises(BadSignature):
        verify_hex([NEW], body, signature.hex())


@given(body=st.binary(max_size=200), other=st.binary(max_size=200))
def test_a_signature_is_good_for_its_own_body_alone(body: bytes, other: bytes) -> None:
    if body != other:
        with pytest.raises(BadSignature):
            verify_base64([NEW], other, in_base64(NEW, body))


def test_a_refusal_tells_neither_secret_nor_signature() -> None:
    with pytest.raises(BadSignature) as refusal:
        verify_hex([NEW], BODY, in_hex(OLD))
    assert NEW.reveal() not in str(refusal.value)
    assert in_hex(NEW) not in str(refusal.value)
