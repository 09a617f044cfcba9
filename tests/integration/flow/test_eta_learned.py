"""Arrivals are kept, learned from and foretold; what is better answers, and one can go back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from doorstep.booking import CarrierUpdate
from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import NotFound
from doorstep.eta import EtaBasis
from doorstep.eta_learning import CarrierRatios, EtaTrip, EtaVersion, Spans, horizon_of
from gateway.flow.learning.eta_learned import go_back, learn_due
from gateway.flow.tracking.track import apply_update
from optimizer.eta.merchant import MerchantModels
from tests.integration.flow.fakes import MERCHANT_ID, SHOP
from tests.integration.flow.stage import Stage
from tests.integration.flow.tour import add_van, drive, north, order_to, own_fleet, put_tour


@pytest.fixture
def learning(stage: Stage) -> Stage:
    """The stage with somebody who learns."""
    stage.means = replace(stage.means, models=MerchantModels())
    return stage


async def _hear(stage: Stage, update: CarrierUpdate) -> Delivery:
    await apply_update(stage.means, MERCHANT_ID, "cheap", update)
    return await stage.delivery()


async def _told(stage: Stage, minutes: float) -> Delivery:
    """The courier says when it arrives."""
    booking = (await stage.delivery()).legs[0].external_id
    raw = f"picked {stage.clock.now():%H:%M}"
    update = stage.cheap.update(booking, DeliveryStatus.PICKED_UP, raw)
    return await _hear(stage, replace(update, dropoff_eta=stage.clock.now() + timedelta(minutes=minutes)))


async def _arrivals(stage: Stage) -> Sequence[EtaTrip]:
    async with stage.means.begin(MERCHANT_ID) as work:
        return await work.etas.finished(10_000)


async def _lived(stage: Stage, count: int, *, factor: float = 1.5, first: int = 0) -> None:
    """So many arrivals in the past month, each so many times as late as the courier said."""
    luck = np.random.default_rng(first + 1)
    now = stage.clock.now()
    async with stage.means.begin(MERCHANT_ID) as work:
        trips = []
        for number in range(first, first + count):
            reckoned_s = float(luck.uniform(600, 3000))
            asked_at = now - timedelta(days=30) + timedelta(hours=number * 0.7)
            trips.append(_trip(f"del_past{number}", asked_at.timestamp(), reckoned_s, stage))
        await work.etas.ask(trips)
        for trip in trips:
            late = factor * float(np.exp(luck.normal(0, 0.1)))
            arrived_at = trip.asked_at + timedelta(seconds=trip.reckoned_s * late)
            await work.etas.arrived(trip.delivery_id, "cheap", [arrived_at])


def _trip(delivery_id: str, asked_s: float, reckoned_s: float, stage: Stage) -> EtaTrip:
    asked_at = stage.clock.now() + timedelta(seconds=asked_s - stage.clock.now().timestamp())
    return EtaTrip(
        delivery_id=delivery_id,
        horizon=horizon_of(reckoned_s),
        asked_at=asked_at,
        carrier="cheap",
        service="std",
        mode="ON_DEMAND",
        driver_id="",
        basis=EtaBasis.CARRIER,
        reckoned_s=reckoned_s,
        stops_before=0,
        parcels=1,
        ahead_of_utc_s=0,
        said=Spans(reckoned_s - 300, reckoned_s, reckoned_s + 600),
    )


async def test_what_a_courier_says_is_kept_once_for_each_horizon_and_turns_out(learning: Stage) -> None:
    await learning.booked()
    told = await _told(learning, 40)
    assert told.eta is not None
    assert told.eta.basis is EtaBasis.CARRIER
    learning.clock.advance(seconds=60)
    await _told(learning, 42)
    learning.clock.advance(seconds=3000)
    booking = told.legs[0].external_id
    over = learning.cheap.update(booking, DeliveryStatus.DELIVERED, "delivered")
    await apply_update(learning.means, MERCHANT_ID, "cheap", over)
    (trip,) = await _arrivals(learning)
    assert (trip.carrier, trip.reckoned_s, trip.took_s) == ("cheap", 2400.0, 3060.0)
    assert told.promise is not None
    assert trip.promised_s == (told.promise.window.end - trip.asked_at).total_seconds()
    assert trip.late_risk == told.late_risk


async def test_a_door_at_which_nobody_opened_was_reached_all_the_same(learning: Stage) -> None:
    booking = (await learning.booked()).legs[0].external_id
    await _told(learning, 40)
    learning.clock.advance(seconds=2000)
    await _hear(learning, learning.cheap.update(booking, DeliveryStatus.ATTEMPT_FAILED, "attempt"))
    learning.clock.advance(seconds=86400)
    await _told(learning, 20)
    learning.clock.advance(seconds=1500)
    over = learning.cheap.update(booking, DeliveryStatus.DELIVERED, "delivered")
    await apply_update(learning.means, MERCHANT_ID, "cheap", over)
    assert [trip.took_s for trip in await _arrivals(learning)] == [2000.0, 1500.0]


async def test_what_a_carrier_said_that_did_not_come_is_not_learned_from(stage: Stage) -> None:
    now = stage.clock.now()
    came, did_not = (_trip("del_1", now.timestamp(), reckoned_s, stage) for reckoned_s in (600.0, 2000.0))
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.etas.ask([came, replace(did_not, carrier="dear")])
        await work.etas.arrived("del_1", "cheap", [now + timedelta(seconds=900)])
    (trip,) = await _arrivals(stage)
    assert (trip.carrier, trip.took_s) == ("cheap", 900.0)


async def test_an_arrival_after_the_promise_is_likely_late(learning: Stage) -> None:
    delivery = await learning.booked()
    assert delivery.promise is not None
    left = (delivery.promise.window.end - learning.clock.now()).total_seconds() / 60
    early = await _told(learning, left - 60)
    assert early.late_risk is not None
    assert early.late_risk < 0.05
    learning.clock.advance(seconds=60)
    late = await _told(learning, left + 30)
    assert late.late_risk is not None
    assert late.late_risk > 0.9


async def test_a_few_arrivals_make_a_table_of_carriers(learning: Stage) -> None:
    await _lived(learning, 40)
    version = await learn_due(learning.means, MERCHANT_ID)
    assert version is not None
    assert (version.number, version.is_current, version.has_model) == (1, True, False)
    assert version.ratios_of("cheap").middle == pytest.approx(1.4, abs=0.1)
    await learning.booked()
    told = await _told(learning, 40)
    assert told.eta is not None
    assert (told.eta.basis, told.eta.confidence) == (EtaBasis.CARRIER, 0.9)
    # 40 minutes as the courier says, some 56 by what its kind did.
    assert (told.eta.at - told.eta.computed_at) > timedelta(minutes=52)


async def test_many_arrivals_make_a_model_that_is_better_and_answers(learning: Stage) -> None:
    await _lived(learning, 500)
    version = await learn_due(learning.means, MERCHANT_ID)
    assert version is not None
    assert (version.is_current, version.has_model, version.trips) == (True, True, 500)
    assert version.error_s is not None
    assert version.reckoned_error_s is not None
    assert version.error_s < 0.5 * version.reckoned_error_s
    assert version.coverage == pytest.approx(0.9, abs=0.08)
    await learning.booked()
    told = await _told(learning, 40)
    assert told.eta is not None
    assert told.eta.basis is EtaBasis.MODEL
    ahead_min = (told.eta.at - told.eta.computed_at).total_seconds() / 60
    assert ahead_min == pytest.approx(60, abs=6)


async def test_nothing_is_learned_again_before_enough_is_new(learning: Stage) -> None:
    await _lived(learning, 40)
    assert await learn_due(learning.means, MERCHANT_ID) is not None
    assert await learn_due(learning.means, MERCHANT_ID) is None


async def test_without_somebody_who_learns_nothing_is_learned(stage: Stage) -> None:
    await _lived(stage, 40)
    assert await learn_due(stage.means, MERCHANT_ID) is None


async def test_one_can_go_back_to_an_older_version_but_to_none_that_never_was(learning: Stage) -> None:
    await _lived(learning, 500)
    first = await learn_due(learning.means, MERCHANT_ID)
    assert first is not None
    async with learning.means.begin(MERCHANT_ID) as work:
        body = await work.etas.body(1)
        assert await work.etas.add(replace(first, number=2), body)
        assert not await work.etas.add(replace(first, number=2), body)
    assert await _current(learning) == 2
    await go_back(learning.means, MERCHANT_ID, 1)
    assert await _current(learning) == 1
    with pytest.raises(NotFound):
        await go_back(learning.means, MERCHANT_ID, 7)


async def test_models_of_long_ago_are_let_go_of_but_not_their_figures(learning: Stage) -> None:
    version = EtaVersion(1, learning.clock.now(), True, True, 300, (), note="")
    async with learning.means.begin(MERCHANT_ID) as work:
        for number in range(1, 13):
            await work.etas.add(replace(version, number=number), b"model")
        assert len(await work.etas.versions(50)) == 12
        assert await work.etas.body(2) is None
        assert await work.etas.body(3) == b"model"
        assert await work.etas.use(2) is None


async def test_a_model_that_cannot_be_read_leaves_the_table_to_answer(learning: Stage) -> None:
    await _lived(learning, 40)
    version = await learn_due(learning.means, MERCHANT_ID)
    assert version is not None
    async with learning.means.begin(MERCHANT_ID) as work:
        await work.etas.add(replace(version, number=2, has_model=True), b"rubbish")
    await learning.booked()
    told = await _told(learning, 40)
    assert told.eta is not None
    assert (told.eta.at - told.eta.computed_at) > timedelta(minutes=52)


async def _current(stage: Stage) -> int:
    async with stage.means.begin(MERCHANT_ID) as work:
        version = await work.etas.current()
    assert version is not None
    return version.number


async def test_own_vans_are_corrected_and_reach_their_stops_in_order(learning: Stage) -> None:
    """The table says that vans arrive twice as late as roads say."""
    await own_fleet(learning)
    driver = await add_van(learning)
    deliveries = await order_to(learning, a=north(4000), b=north(9000))
    await put_tour(learning, driver, deliveries)
    ratios = CarrierRatios("", 1.5, 2.0, 3.0, 100)
    version = EtaVersion(1, learning.clock.now(), True, False, 100, (ratios,))
    async with learning.means.begin(MERCHANT_ID) as work:
        await work.etas.add(version, None)
    await drive(learning, driver, SHOP, north(200))
    first, second = [(await learning.kept(delivery.id)).eta for delivery in deliveries]
    assert first is not None
    assert second is not None
    assert (first.basis, first.confidence) == (EtaBasis.APPROXIMATE, 0.9)
    assert first.at < second.at
    ahead_s = (first.at - first.computed_at).total_seconds()
    # Half as long again, and twice as long: the ends of the interval and its middle.
    assert (first.interval.start - first.computed_at).total_seconds() == pytest.approx(ahead_s * 0.75, abs=2)
    async with learning.means.begin(MERCHANT_ID) as work:
        leg = deliveries[0].active_leg
        assert leg is not None
        await work.etas.arrived(deliveries[0].id, leg.carrier, [learning.clock.now() + timedelta(minutes=9)])
    kept = await _arrivals(learning)
    assert [(trip.stops_before, trip.version) for trip in kept] == [(0, 1)]
