"""Ids: prefixed, sortable by time, and nothing else passes for one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.ids import PREFIXES, new_id, prefix_of

MOMENTS = st.integers(0, 2**48 - 1)
ENTROPY = st.binary(min_size=10, max_size=10)


@given(prefix=st.sampled_from(sorted(PREFIXES)), moment=MOMENTS, entropy=ENTROPY)
def test_every_id_tells_its_prefix(prefix: str, moment: int, entropy: bytes) -> None:
    made = new_id(prefix, now_ms=moment, randomness=lambda _: entropy)
    assert prefix_of(made) == prefix
    assert len(made) == len(prefix) + 27


@given(earlier=MOMENTS, later=MOMENTS, one=ENTROPY, other=ENTROPY)
def test_ids_sort_by_the_moment_they_were_made(earlier: int, later: int, one: bytes, other: bytes) -> None:
    a = new_id("ord", now_ms=earlier, randomness=lambda _: one)
    b = new_id("ord", now_ms=later, randomness=lambda _: other)
    if earlier != later:
        assert (a < b) == (earlier < later)


def test_an_id_is_a_uuid_of_version_seven_in_base_32() -> None:
    made = new_id("ord", now_ms=0x0192_0000_0000, randomness=lambda n: b"\xff" * n)
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    value = sum(alphabet.index(char) << 5 * place for place, char in enumerate(reversed(made[4:])))
    # 48 bits of milliseconds, version 7, 12 random bits, variant 0b10, 62 random bits (RFC 9562, 5.7).
    assert f"{value:032x}" == "019200000000" + "7fff" + "bfffffffffffffff"


def test_two_ids_of_one_moment_differ() -> None:
    assert len({new_id("del", now_ms=1) for _ in range(1000)}) == 1000


def test_an_id_of_now_begins_like_the_clock() -> None:
    before = new_id("ord", randomness=lambda n: b"\0" * n)
    assert before <= new_id("ord", randomness=lambda n: b"\xff" * n)


def test_a_prefix_that_nobody_registered_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown id prefix 'foo'"):
        new_id("foo")


GOOD = "ord_01jdm3y5x8e3s9v2k7q4c6b0an"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ord",
        "ord_",
        GOOD[:-1],
        GOOD + "0",
        GOOD + "\n",
        "\n" + GOOD,
        " " + GOOD,
        GOOD.upper(),
        GOOD.replace("0", "o"),
        GOOD.replace("ord_", "zzz_"),
        GOOD.replace("_", "-"),
        GOOD.replace("ord", "orders"),
    ],
    ids=repr,
)
def test_what_is_no_id_of_ours_has_no_prefix(text: str) -> None:
    assert prefix_of(GOOD) == "ord"
    assert prefix_of(text) is None


@given(text=st.text())
def test_no_text_breaks_the_reading_of_ids(text: str) -> None:
    prefix = prefix_of(text)
    assert prefix is None or re.match(prefix + "_", text)
