"""What options are called in other languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from doorstep.quote import VehicleKind
from gateway.checkout.status_words import LANGUAGES
from gateway.checkout.titles import AT_A_PICKED_TIME, title_in, with_slots

CONNECTORS = Path(__file__).parents[3] / "connectors"


def own_titles() -> list[str]:
    """What our connectors call their options, those of parcel carriers aside, which are names."""
    sources = [path for room in ("couriers", "fleet") for path in (CONNECTORS / room).rglob("*.py")]
    lines = [line for path in sources for line in re.findall(r"title=(.*)", path.read_text())]
    return sorted({title for line in lines for title in re.findall(r'"([^"]+)"', line)})


def test_there_are_titles_to_translate() -> None:
    assert len(own_titles()) >= 6


BY_VEHICLE = [
    f"Courier by {kind.replace('_', ' ').lower()}" for kind in VehicleKind if kind is not VehicleKind.OTHER
]


@pytest.mark.parametrize("title", [*own_titles(), AT_A_PICKED_TIME, "Courier", *BY_VEHICLE])
def test_what_our_connectors_call_an_option_has_words_in_every_language(title: str) -> None:
    assert title_in(title, "en") == title
    assert len({title_in(title, language) for language in LANGUAGES}) == len(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_name_stays_a_name(language: str) -> None:
    assert title_in("UPS Ground", language) == "UPS Ground"


def test_no_option_with_slots_is_called_by_a_day_that_the_shopper_may_not_pick() -> None:
    by_day = [title for title in own_titles() if re.search(r"\bday\b", title) and "Driver" not in title]
    assert {with_slots(title) for title in by_day} == {AT_A_PICKED_TIME}
    assert with_slots("Evening tour") == "Evening tour"
