"""What a carrier says of a booking is news where any of it is new; who is replaced leaves nothing behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from doorstep.delivery import GivingUp
from doorstep.delivery_status import DeliveryStatus as S
from doorstep.eta import EtaBasis
from doorstep.visibility import VisibilityRules
from gateway.flow.dispatching.give_up import give_up
from gateway.flow.dispatching.settings import save_merchant_rules
from gateway.flow.tracking.track import apply_update
from gateway.flow.watching.watch import sweep
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.stage import Stage


async def _says(stage: Stage, minutes: float | None, *, is_imminent: bool = False) -> None:
    """The courier has it, and arrives in so many minutes."""
    leg = (await stage.delivery()).legs[0]
    update = stage.cheap.update(leg.external_id, S.OUT_FOR_DELIVERY, "on its way")
    eta = None if minutes is None else stage.clock.now() + timedelta(minutes=minutes)
    await apply_update(
        stage.means, MERCHANT_ID, "cheap", replace(update, dropoff_eta=eta, is_imminent=is_imminent)
    )


async def test_a_new_arrival_alone_is_news_and_the_same_again_is_none(stage: Stage) -> None:
    await stage.booked()
    await _says(stage, 40)
    first = await stage.delivery()
    stage.clock.advance(minutes=5)
    heard = len(stage.told)
    await _says(stage, 50)
    later = await stage.delivery()
    assert first.eta is not None
    assert later.eta is not None
    assert later.eta.at - first.eta.at == timedelta(minutes=15)
    assert (later.eta.basis, later.eta.computed_at) == (EtaBasis.CARRIER, stage.clock.now())
    assert ("delivery", later.id) in {(news.topic, news.entity_id) for news in stage.told[heard:]}
    stage.clock.advance(minutes=5)
    await _says(stage, 45)
    assert await stage.delivery() == later
    async with stage.means.begin(MERCHANT_ID) as work:
        events = await work.deliveries.events(later.id)
    assert sum(event.raw_status == "on its way" for event in events) == 1


async def test_that_somebody_is_about_to_arrive_is_news_by_itself(stage: Stage) -> None:
    await stage.booked()
    await _says(stage, None)
    before = (await stage.delivery()).stage
    await _says(stage, None, is_imminent=True)
    assert (before, (await stage.delivery()).stage) == ("ON_THE_WAY", "NEARBY")


async def test_the_risk_of_a_courier_who_is_replaced_is_not_that_of_who_comes_instead(stage: Stage) -> None:
    delivery = await stage.booked()
    leg = delivery.legs[0]
    late = stage.cheap.update(leg.external_id, S.COURIER_ASSIGNED, "assigned")
    eta = stage.clock.now() + timedelta(hours=9)
    await apply_update(stage.means, MERCHANT_ID, "cheap", replace(late, dropoff_eta=eta))
    kept = await stage.kept(delivery.id)
    assert kept.late_risk is not None
    mark = GivingUp(stage.clock.now(), kept.quote_set_id, leg.quote_id)
    (cheap, *_) = stage.links.linked
    assert (await give_up(stage.means, cheap, kept, leg.id, mark, lambda *_: True)).is_over
    after = await stage.kept(delivery.id)
    assert (after.eta, after.late_risk) == (None, None)


async def test_a_carrier_is_asked_as_often_as_its_connector_says_and_of_old_parcels_less_often(
    stage: Stage,
) -> None:
    delivery = await stage.booked()
    leg = delivery.legs[0]
    await apply_update(
        stage.means, MERCHANT_ID, "cheap", stage.cheap.update(leg.external_id, S.IN_TRANSIT, "moving")
    )
    (cheap, *others) = stage.links.linked
    stage.links.linked[:] = [
        replace(cheap, polling=replace(cheap.polling, every_s=600, doubles_s=86_400, slowest_s=3600)),
        *others,
    ]

    async def asked(minutes: float) -> int:
        before = len(stage.cheap.fetched)
        stage.clock.advance(minutes=minutes)
        await sweep(stage.means, MERCHANT_ID)
        return len(stage.cheap.fetched) - before

    assert [await asked(9), await asked(2), await asked(9)] == [0, 1, 0]
    assert await asked(3 * 1440) == 1
    # Three days old: 600 s have doubled to more than the slowest, an hour.
    assert [await asked(59), await asked(2)] == [0, 1]


async def test_whoever_watches_a_delivery_is_told_at_once_when_the_merchant_changes_who_sees_what(
    stage: Stage,
) -> None:
    delivery = await stage.booked()
    heard = len(stage.told)
    async with stage.means.begin(MERCHANT_ID) as work:
        await save_merchant_rules(work, VisibilityRules(exact_days=7))
    assert [(news.topic, news.entity_id) for news in stage.told[heard:]] == [("delivery", delivery.id)]
