"""The short form of `python -m bench modes`, and the ledger that counts every plan."""

from __future__ import annotations

from dataclasses import replace

import pytest

import bench.modes
from bench.modes.city import at, day_wave
from bench.modes.ledger import Plan, WrongPlan, account
from bench.modes.policies import carriers_only
from doorstep.money import Money
from doorstep.quote import DeliveryMode
from doorstep.wave import Pool, Tier, TierKind, Wave, WaveOption, WaveOrder
from optimizer.roads import AffineRoads


def offer(price_minor: int, late: float = 0.0) -> WaveOption:
    price = Money(price_minor, "USD")
    return WaveOption("q", "Acorn", DeliveryMode.PARCEL, price, at(20), late_chance=late)


def wave_of(*options: WaveOption, pool: Pool) -> Wave:
    orders = tuple(WaveOrder(str(n), (option,), due=at(21)) for n, option in enumerate(options))
    return Wave("USD", orders, (pool,))


def everything(wave: Wave) -> Plan:
    return Plan({order.id: order.options[0] for order in wave.orders})


def test_the_short_form_prints_all_keys(capsys: pytest.CaptureFixture[str]) -> None:
    result = bench.modes.main(
        "--orders 60 --waves 1 --days 1 --day-orders 25 --seconds 0.5 --workers 1".split()
    )
    assert 0 <= float(str(result["gap"])) < 0.1
    assert {"seconds", "saving_over_cheapest", "saving_over_fleet_first"} <= result.keys()
    costs = result["cost_per_order"]
    assert isinstance(costs, dict)
    assert costs.keys() == {"carriers only", "cheapest each", "fleet first", "chosen"}
    assert "day 1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("kind", "saved"),
    # Three parcels, 50 off from the second on: for each of the three, or for the second and the third.
    [(TierKind.ALL_UNITS, 150), (TierKind.INCREMENTAL, 100)],
)
async def test_the_ledger_adds_up_prices_discounts_and_chances(kind: TierKind, saved: int) -> None:
    pool = Pool("Acorn", tiers=(Tier(2, Money(50, "USD")),), tier_kind=kind)
    wave = wave_of(offer(500), offer(600, late=0.1), offer(700), pool=pool)
    counted = await account(wave, everything(wave), AffineRoads())
    assert counted.total_minor == 1800 - saved + 120


async def test_the_ledger_counts_missing_parcels_and_orders_that_nobody_takes() -> None:
    wave = wave_of(offer(500), offer(500), pool=Pool("Acorn", least=5, shortfall=Money(200, "USD")))
    counted = await account(wave, Plan({"0": wave.orders[0].options[0]}), AffineRoads())
    assert (counted.shortfalls_minor, counted.by_nobody, counted.undelivered_minor) == (800, 1, 6000)


async def test_the_ledger_refuses_what_may_not_be() -> None:
    wave = wave_of(offer(500), offer(500), pool=Pool("Acorn", most=1))
    with pytest.raises(WrongPlan, match="Acorn gets 2 of 1"):
        await account(wave, everything(wave), AffineRoads())
    spent = wave_of(offer(500), pool=Pool("Acorn", most_spent=Money(400, "USD")))
    with pytest.raises(WrongPlan, match=r"Acorn gets 500 of 4\.00 USD"):
        await account(spent, everything(spent), AffineRoads())
    with pytest.raises(WrongPlan, match="was not offered"):
        await account(wave, Plan({"0": replace(offer(1), id="other")}), AffineRoads())


def test_a_day_follows_from_its_seed_and_the_plain_policy_keeps_promises() -> None:
    wave = day_wave(4, 40)
    assert wave == day_wave(4, 40)
    assert wave != day_wave(5, 40)
    orders = {order.id: order for order in wave.orders}
    taken = carriers_only(wave).taken
    assert taken
    assert all(orders[name].late_chance(option) < 1 for name, option in taken.items())
