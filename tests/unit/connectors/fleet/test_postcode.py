"""Postcode patterns and the zones that they find."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.fleet.postcode import PostcodeIndex, read_patterns


def holds(pattern: str, postcode: str, country: str = "") -> bool:
    patterns = read_patterns([pattern])
    assert patterns.wrong == {}
    return PostcodeIndex([(0, patterns)]).zones_of(postcode, country) == {0}


# (pattern, postcode, whether it holds)
MATCHES = [
    ("28001", "28001", True),
    ("28001", "280011", False),
    ("28001", "2800", False),
    ("28*", "28001", True),
    ("28*", "28", True),
    ("28*", "2", False),
    ("28*", "38001", False),
    ("28001-28080", "28001", True),
    ("28001-28080", "28080", True),
    ("28001-28080", "28081", False),
    ("28001-28080", "280011", False),
    ("28001 - 28080", "28050", True),
    ("28001–28080", "28050", True),
    ("28001..28080", "28050", True),
    ("28001...28080", "28050", True),
    ("1000-001..1990-999", "1200-205", True),
    ("1000-001..1990-999", "2000-001", False),
    # A Portuguese postcode, no range: its sides differ in length.
    ("1000-205", "1000205", True),
    ("1000-205", "1000-206", False),
    ("LV-10*", "LV-1010", True),
    # Letters on one side, digits on the other: no range either.
    ("LV-10", "lv10", True),
    ("vlt*", "VLT 1117", True),
    ("sw1a 1aa", "SW1A1AA", True),
    ("1011AA-1018ZZ", "1015 CJ", True),
    ("1011AA-1018ZZ", "10115", False),
    ("AB10-AB16", "AB12", True),
    ("AB10-AB16", "AB1A", False),
]


@pytest.mark.parametrize(("pattern", "postcode", "expected"), MATCHES)
def test_a_pattern_holds_a_postcode_or_not(pattern: str, postcode: str, expected: bool) -> None:
    assert holds(pattern, postcode) is expected


def test_a_zip_plus_four_lies_where_its_five_digits_lie_in_america_alone() -> None:
    assert holds("10001", "10001-1234", "US")
    assert holds("10001-10005", "10001-1234", "US")
    assert not holds("10001", "10001-1234", "BR")


WRONG = ["", " ", "*", "2*8", "28**", "28001-28080-28090", "28..", "..28", "28080-28001", "AB1..A12", "Ж1"]


@pytest.mark.parametrize("number", range(len(WRONG)))
def test_what_is_no_pattern_is_told_with_its_number(number: int) -> None:
    assert list(read_patterns(["28001", WRONG[number]]).wrong) == [1]


def test_a_line_break_within_a_list_of_plain_postcodes_does_not_count() -> None:
    assert PostcodeIndex([(0, read_patterns(["28001", "280\n02"]))]).zones_of("28002", "") == {0}


def test_an_address_without_a_postcode_lies_in_no_zone() -> None:
    assert PostcodeIndex([(0, read_patterns(["28*"]))]).zones_of(" ", "ES") == set()


CODE = st.text("0129", min_size=1, max_size=4)
PATTERN = st.one_of(
    CODE,
    CODE.map(lambda code: f"{code}*"),
    st.tuples(st.integers(0, 99), st.integers(0, 99)).map(lambda ends: f"{min(ends):02d}..{max(ends):02d}"),
)


def plainly(pattern: str, code: str) -> bool:
    """The rule, without an index."""
    if ".." in pattern:
        low, high = pattern.split("..")
        return len(code) == len(low) and low <= code <= high
    return code.startswith(pattern[:-1]) if pattern.endswith("*") else code == pattern


@given(zones=st.lists(st.lists(PATTERN, max_size=12), max_size=6), code=CODE)
def test_the_index_finds_what_asking_every_pattern_finds(zones: list[list[str]], code: str) -> None:
    index = PostcodeIndex(list(enumerate(map(read_patterns, zones))))
    expected = {
        number for number, patterns in enumerate(zones) if any(plainly(one, code) for one in patterns)
    }
    assert index.zones_of(code, "") == expected
