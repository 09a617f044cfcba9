"""What pools cost by how much of them is used."""

from __future__ import annotations

import pytest

from doorstep.wave import Pool, Tier, TierKind
from optimizer.modes.curve import curve_of
from tests.unit.optimizer.modes.conftest import usd

TIERS = (Tier(3, usd(10)), Tier(5, usd(25)))


@pytest.mark.parametrize("kind", TierKind)
@pytest.mark.parametrize("least", [0, 2, 4])
def test_a_curve_is_commitment_less_discount_at_every_number(kind: TierKind, least: int) -> None:
    pool = Pool("p", least=least, shortfall=usd(70), tiers=TIERS, tier_kind=kind)
    curve = curve_of(pool, possible=8, missing_minor=70)
    for parcels in range(9):
        expected = 70 * max(0, least - parcels) - pool.discount_minor(parcels)
        assert curve.cost(parcels) == expected


def test_all_units_are_cheaper_at_once_and_incremental_ones_from_the_tier_on() -> None:
    every = Pool("p", tiers=TIERS, tier_kind=TierKind.ALL_UNITS)
    further = Pool("p", tiers=TIERS, tier_kind=TierKind.INCREMENTAL)
    # Five parcels: 5 x 25 at once; the third and fourth 10 each and the fifth 25.
    assert (every.discount_minor(5), further.discount_minor(5)) == (125, 45)
    assert (every.discount_minor(2), further.discount_minor(2)) == (0, 0)


def test_a_mixture_of_uses_is_never_dearer_than_the_use_itself() -> None:
    curve = curve_of(Pool("p", tiers=TIERS, tier_kind=TierKind.ALL_UNITS), possible=8, missing_minor=0)
    # Two parcels on average can be a quarter of eight, each of which is 25 off.
    assert curve.hull_cost(2, 0, 2) == pytest.approx(-50)
    assert curve.cost(2) == 0
    assert curve.hull_cost(2, 0, 0) == 0


def test_no_more_is_taken_than_fits() -> None:
    assert curve_of(Pool("p", most=4, tiers=TIERS), possible=8, missing_minor=0).last == 4
    assert curve_of(Pool("p", tiers=TIERS), possible=2, missing_minor=0).last == 2
