"""The geocoder knows the doors of its city however they are written, and nothing else."""

from __future__ import annotations

import pytest

from simulator.city import City, build_city
from simulator.geocoder import Gazetteer
from simulator.geocoder.gazetteer import Question


@pytest.fixture(scope="module")
def city() -> City:
    return build_city(7)


@pytest.fixture(scope="module")
def gazetteer(city: City) -> Gazetteer:
    return Gazetteer(city)


@pytest.mark.parametrize(
    "written",
    [
        "29 Willowridge Street",
        "29 willowridge street",
        "29  WILLOWRIDGE St.",
        "29 Willowridge St Apt 4B",
        "29 Willowridge Street #12",
    ],
)
def test_a_door_is_found_however_it_is_written(gazetteer: Gazetteer, city: City, written: str) -> None:
    door = city.place("store-west").address
    assert door.line1 == "29 Willowridge Street"

    (find,) = gazetteer.find(Question(street=written, city="PORT MERIDIAN", state="ny", country="US"))

    assert (find.at, find.place_rank) == (door.at, 30)


@pytest.mark.parametrize(
    "text",
    [
        "29 Willowridge St, Port Meridian, NY {code}, US",
        "29 Willowridge Street, {code} Port Meridian",
        "29 willowridge street",
        "29 Willowridge Street, {code}",
    ],
)
def test_free_text_finds_the_same_door(gazetteer: Gazetteer, city: City, text: str) -> None:
    door = city.place("store-west").address

    (find,) = gazetteer.find_text(text.format(code=door.postal_code))

    assert find.at == door.at


def test_every_door_of_the_city_is_found_by_its_own_postal_address(gazetteer: Gazetteer, city: City) -> None:
    for door in city.addresses:
        home = door.to_address()
        (find,) = gazetteer.find(
            Question(home.line1, home.city, home.province, home.postal_code, home.country)
        )
        assert find.at == door.at


@pytest.mark.parametrize(
    "question",
    [
        Question(street="29 Willowridge Street", city="Elsewhere"),
        Question(street="29 Willowridge Street", state="CA"),
        Question(street="29 Willowridge Street", country="DE"),
        Question(street="29 Nowhere Lane", city="Port Meridian"),
        Question(postal_code="99999"),
        Question(country="US"),
    ],
)
def test_what_lies_elsewhere_is_not_found(gazetteer: Gazetteer, question: Question) -> None:
    assert gazetteer.find(question) == []


def test_a_number_that_the_street_lacks_finds_the_street_only(gazetteer: Gazetteer) -> None:
    (find,) = gazetteer.find(Question(street="99999 Willowridge Street"))
    assert (find.place_rank, find.addresstype) == (26, "road")


def test_a_wrong_postal_code_makes_the_answer_less_important(gazetteer: Gazetteer) -> None:
    (right,) = gazetteer.find(Question(street="29 Willowridge Street"))
    (doubtful,) = gazetteer.find(Question(street="29 Willowridge Street", postal_code="00499"))
    assert doubtful.at == right.at
    assert doubtful.importance < right.importance


def test_a_postal_code_alone_finds_its_district(gazetteer: Gazetteer, city: City) -> None:
    (find,) = gazetteer.find(Question(postal_code=city.districts[3].postal_code))
    assert (find.at, find.addresstype) == (city.districts[3].centre, "postcode")
