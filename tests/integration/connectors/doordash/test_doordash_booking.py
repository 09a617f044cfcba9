"""Booking once with DoorDash against the simulated DoorDash."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from starlette.routing import Route

from doorstep.errors import (
    RemoteRefused,
    UnknownOutcome,
)
from doorstep.incident import IncidentKind
from doorstep.order import HandoverRequirement
from doorstep.window import Window
from simulator.carriers.books import BookState
from tests.contracts.carriers.rig import BUDGET_S, LOST_BUDGET_S, START
from tests.integration.connectors.doordash.doordash_rig import CutShort, Rig, not_found


async def test_a_quote_that_is_asked_for_again_has_another_id(rig: Rig) -> None:
    rig.fake.refuse_next("service_fault", "quote")
    offers = [await rig.offer() for _ in range(2)]

    assert len({offer.booking_data["external_delivery_id"] for offer in offers}) == 2


async def test_a_live_quote_is_accepted_and_labelled(rig: Rig) -> None:
    offer = await rig.offer()

    made = await rig.carrier.book(rig.request(offer), BUDGET_S)

    assert made.external_id == offer.booking_data["external_delivery_id"]
    (entry,) = rig.fake.books()
    assert entry.reference == "1001"
    items = rig.fake.desk.get(made.external_id).body["items"]
    assert isinstance(items, list)
    assert [item["name"] for item in items] == ["2 x Bread"]


async def test_a_label_that_fails_undoes_no_booking_and_a_repeat_puts_it_on(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    rig.fake.refuse_next("service_fault", "update")

    made = await rig.carrier.book(request, BUDGET_S)
    bare = rig.fake.books()[0].reference
    again = await rig.carrier.book(request, BUDGET_S)

    assert (bare, rig.fake.books()[0].reference) == ("", "1001")
    assert again.external_id == made.external_id


@pytest.mark.parametrize("minutes", [5, 16])
async def test_an_expired_quote_is_replaced_by_a_delivery_under_the_booking_key(
    rig: Rig, minutes: float
) -> None:
    offer = await rig.offer()
    rig.clock.advance(minutes * 60)
    request = rig.request(offer)

    made = await rig.carrier.book(request, BUDGET_S)
    again = await rig.carrier.book(request, BUDGET_S)

    assert made.external_id == again.external_id == "leg_01"
    assert made.price == offer.price
    assert [(entry.external_id, entry.reference) for entry in rig.fake.books()] == [("leg_01", "1001")]


@pytest.mark.parametrize("code", ["validation_error", "unknown_delivery_id", "duplicate_delivery_id"])
async def test_a_quote_that_doordash_no_longer_takes_is_replaced(rig: Rig, code: str) -> None:
    request = rig.request(await rig.offer())
    rig.fake.refuse_next(code, "accept")

    made = await rig.carrier.book(request, BUDGET_S)

    assert rig.ids() == [made.external_id] == ["leg_01"]


async def test_what_a_rule_adds_after_the_quote_is_not_lost(rig: Rig) -> None:
    offer = await rig.offer()

    made = await rig.carrier.book(rig.request(offer, requirements=(HandoverRequirement.ID_CHECK,)), BUDGET_S)

    assert rig.ids() == [made.external_id] == ["leg_01"]
    assert rig.fake.desk.get("leg_01").body["dropoff_options"] == {"id_verification": "required"}


@pytest.mark.parametrize(("factor", "is_accepted"), [(0.8, True), (1.09, True), (1.12, False)])
async def test_a_new_price_is_taken_up_to_a_tenth_above_the_old(
    rig: Rig, factor: float, is_accepted: bool
) -> None:
    offer = await rig.offer()
    rig.clock.advance(6 * 60)
    rig.fake.set_price_factor(factor)

    if is_accepted:
        made = await rig.carrier.book(rig.request(offer), BUDGET_S)
        assert made.price.minor == pytest.approx(offer.price.minor * factor, abs=1)
        return
    with pytest.raises(RemoteRefused, match="more than a tenth") as refused:
        await rig.carrier.book(rig.request(offer), BUDGET_S)
    assert refused.value.kind is IncidentKind.QUOTE_EXPIRED
    assert rig.fake.books() == []


async def test_an_offer_from_elsewhere_is_booked_at_doordashs_price(rig: Rig) -> None:
    offer = await rig.offer()

    made = await rig.carrier.book(rig.request(offer, booking_data={}), BUDGET_S)

    assert (made.external_id, made.price) == ("leg_01", offer.price)


async def test_an_acceptance_whose_answer_was_lost_is_adopted_after_the_quotes_end(rig: Rig) -> None:
    offer = await rig.offer()
    rig.fake.lose_next_booking()

    with pytest.raises(UnknownOutcome):
        await rig.carrier.book(rig.request(offer), LOST_BUDGET_S)
    rig.clock.advance(6 * 60)
    made = await rig.carrier.book(rig.request(offer), BUDGET_S)

    assert rig.ids() == [made.external_id] == [offer.booking_data["external_delivery_id"]]


async def test_a_creation_whose_answer_was_lost_is_adopted(rig: Rig) -> None:
    offer = await rig.offer()
    rig.clock.advance(6 * 60)
    rig.fake.lose_next_booking()

    with pytest.raises(UnknownOutcome):
        await rig.carrier.book(rig.request(offer), LOST_BUDGET_S)
    made = await rig.carrier.book(rig.request(offer), BUDGET_S)

    assert rig.ids() == [made.external_id] == ["leg_01"]


@pytest.mark.parametrize("waits_s", [0, 6 * 60], ids=["accepting", "creating"])
async def test_ten_calls_with_one_key_at_once_make_one_delivery(rig: Rig, waits_s: float) -> None:
    offer = await rig.offer()
    rig.clock.advance(waits_s)
    request = rig.request(offer)

    made = await asyncio.gather(*(rig.carrier.book(request, BUDGET_S) for _ in range(10)))

    assert rig.ids() == list({booking.external_id for booking in made})


async def test_another_attempt_with_the_same_offer_adopts_what_lives_for_the_same_goods(rig: Rig) -> None:
    offer = await rig.offer()
    first = await rig.carrier.book(rig.request(offer), BUDGET_S)

    second = await rig.carrier.book(rig.request(offer, booking_key="leg_02"), BUDGET_S)

    assert rig.ids() == [first.external_id] == [second.external_id]


async def test_other_goods_with_the_same_offer_are_not_left_standing(rig: Rig) -> None:
    offer = await rig.offer()
    first = await rig.carrier.book(rig.request(offer), BUDGET_S)

    second = await rig.carrier.book(rig.request(offer, booking_key="leg_02", reference="1002"), BUDGET_S)

    assert rig.ids() == [first.external_id, second.external_id]
    assert [entry.reference for entry in rig.fake.books()] == ["1001", "1002"]


async def test_an_offer_whose_booking_was_called_off_is_booked_anew_for_the_same_goods(rig: Rig) -> None:
    offer = await rig.offer()
    first = await rig.carrier.book(rig.request(offer), BUDGET_S)
    await rig.carrier.cancel(first.external_id, "other", BUDGET_S)

    second = await rig.carrier.book(rig.request(offer, booking_key="leg_02"), BUDGET_S)

    assert rig.ids() == [first.external_id, second.external_id]
    assert [entry.state for entry in rig.fake.books()] == [BookState.CANCELLED, BookState.LIVE]


async def test_what_is_booked_is_found_before_anybody_asks_for_the_price(rig: Rig) -> None:
    offer = await rig.offer()
    rig.clock.advance(6 * 60)
    made = await rig.carrier.book(rig.request(offer), BUDGET_S)
    rig.fake.set_price_factor(2.0)

    again = await rig.carrier.book(rig.request(offer), BUDGET_S)

    assert (again.external_id, again.price) == (made.external_id, made.price)


async def test_what_is_booked_is_found_though_its_window_could_be_asked_for_no_more(rig: Rig) -> None:
    wanted = Window(START + timedelta(hours=1), START + timedelta(hours=2))
    offer = await rig.offer(delivery_window=wanted)
    made = await rig.carrier.book(rig.request(offer), BUDGET_S)
    rig.clock.advance(1.9 * 3600)

    again = await rig.carrier.book(rig.request(offer), BUDGET_S)
    with pytest.raises(RemoteRefused) as refused:
        await rig.carrier.book(rig.request(offer, booking_key="leg_02", reference="1002"), BUDGET_S)

    assert rig.ids() == [again.external_id] == [made.external_id]
    assert refused.value.kind is IncidentKind.LATE_RISK


async def test_a_proxys_404_is_not_believed_to_mean_that_nothing_was_booked(rig: Rig) -> None:
    offer = await rig.offer()
    rig.clock.advance(6 * 60)
    astray = rig.crooked(Route("/drive/v2/deliveries/{id}", not_found, methods=["GET"]))

    with pytest.raises(UnknownOutcome):
        await astray.book(rig.request(offer), BUDGET_S)

    assert rig.fake.books() == []
    await astray.close()


async def test_a_label_whose_answer_is_cut_short_undoes_no_booking(rig: Rig) -> None:
    offer = await rig.offer()
    cut = rig.crooked(Route("/drive/v2/deliveries/{id}", CutShort(), methods=["PATCH"]))

    made = await cut.book(rig.request(offer), BUDGET_S)

    assert rig.ids() == [made.external_id] == [offer.booking_data["external_delivery_id"]]
    await cut.close()
