"""What a checkout hears where nobody offers to deliver."""

from __future__ import annotations

import pytest

from doorstep.address import Address
from doorstep.geo import LatLng
from gateway.flow.quoting.options import why_nobody


@pytest.mark.parametrize(
    "vague", [Address("US"), Address("US", city="Port Meridian"), Address("US", province="NY")]
)
def test_who_says_little_of_an_address_hears_what_to_add(vague: Address) -> None:
    assert "postal code" in why_nobody(vague)


@pytest.mark.parametrize(
    "told",
    [
        Address("US", postal_code="00408"),
        Address("IE", line1="1 Mill Street", city="Cork"),
        Address("US", location=LatLng(40.7, -74.0)),
    ],
)
def test_an_address_that_was_told_is_not_asked_for_again(told: Address) -> None:
    assert why_nobody(told) == "Nobody delivers this cart there."
