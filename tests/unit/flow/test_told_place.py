"""The place that a store means a cart to leave from."""

from __future__ import annotations

from dataclasses import replace

import pytest

from doorstep.address import Address
from doorstep.order import Location
from gateway.flow.sourcing.told import told_place

WATER = Address("US", line1="55 Water St.", city="New York", postal_code="10041")
JAY = Address("US", line1="100 Jay Street", city="Brooklyn", postal_code="11201")
NASSAU = replace(WATER, line1="7 Nassau Street")
PIER = Address("HK", line1="1 Pier Road", city="Kowloon")


def place(id_: str, address: Address) -> Location:
    return Location(id_, "mer_1", id_, address, "America/New_York")


PLACES = (place("water", WATER), place("jay", JAY), place("nassau", NASSAU), place("pier", PIER))


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ([replace(JAY, line1="100 JAY  street", province="NY", company="Warehouse")], "jay"),
        ([replace(JAY, line1="Jay Street 100")], "jay"),
        ([NASSAU, NASSAU], "nassau"),
        ([replace(WATER, line1="55 water st")], "water"),
        ([replace(WATER, line1="somewhere else")], None),
        ([replace(PIER, line1="")], "pier"),
        ([WATER, JAY], None),
        ([None, None], None),
        ([replace(JAY, country="CA")], None),
        ([Address("US")], None),
        ([], None),
    ],
)
def test_it_is_found_by_its_district_and_in_it_by_its_street(
    told: list[Address | None], found: str | None
) -> None:
    place = told_place(PLACES, told)
    assert (place.id if place else None) == found
