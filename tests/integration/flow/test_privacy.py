"""Requests about people's data: what is answered, what is erased at once, and what waits for a courier."""

from __future__ import annotations

from dataclasses import replace

import pytest

from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import StateConflict
from doorstep.incident import IncidentKind
from doorstep.order import FulfillmentOrderStatus, LinkStatus
from doorstep.privacy import PrivacyKind, PrivacyNotice
from gateway.flow.dispatching.dispatch import Wish, dispatch_unit
from gateway.flow.privacy.requests import (
    answer_of,
    finish_data_request,
    redact_due,
    take_privacy_notice,
    without_the_forgotten,
)
from gateway.flow.records import PrivacyStatus
from gateway.flow.watching.watch import sweep
from gateway.store.mentions import words_in
from tests.integration.flow.canaries import CORNELIA, NOTICE, AviaryStore, hear_of
from tests.integration.flow.fakes import MERCHANT_ID, STORE
from tests.integration.flow.stage import Stage

ASKED = replace(NOTICE, kind=PrivacyKind.DATA_REQUEST)


@pytest.fixture
def aviary(stage: Stage) -> Stage:
    """A stage whose store sells to Cornelia."""
    stage.shop = stage.links.shop = AviaryStore(stage.clock)
    return stage


async def test_a_data_request_waits_for_the_merchant_who_is_told(aviary: Stage) -> None:
    await aviary.booked()
    request = await take_privacy_notice(aviary.means, STORE, ASKED)
    assert (request.status, (request.due_at - request.received_at).days) == (PrivacyStatus.WAITING, 30)
    assert request.order_ids == ((await aviary.order()).id,)
    (incident,) = await aviary.incidents()
    assert (incident.kind, incident.raw_code) == (IncidentKind.OTHER, request.id)
    assert CORNELIA.email not in incident.evidence


async def test_its_answer_holds_what_is_known_and_ends_it(aviary: Stage) -> None:
    await aviary.booked()
    request = await take_privacy_notice(aviary.means, STORE, ASKED)
    answer = await answer_of(aviary.means, MERCHANT_ID, request.id)
    assert CORNELIA.name in str(answer.known["orders"])
    assert CORNELIA.line1 in str(answer.known["deliveries"])
    assert len(answer.known["quote_sets"]) == 1
    done = await finish_data_request(aviary.means, MERCHANT_ID, request.id)
    assert done.status is PrivacyStatus.DONE
    assert await aviary.incidents() == []


async def test_the_same_request_again_is_one_request(aviary: Stage) -> None:
    await aviary.booked()
    first = await take_privacy_notice(aviary.means, STORE, ASKED)
    assert await take_privacy_notice(aviary.means, STORE, ASKED) == first
    assert len(await aviary.incidents()) == 1


async def test_a_redaction_cannot_be_declared_done(aviary: Stage) -> None:
    await aviary.booked()
    request = await take_privacy_notice(aviary.means, STORE, NOTICE)
    with pytest.raises(StateConflict, match="cannot be declared done"):
        await finish_data_request(aviary.means, MERCHANT_ID, request.id)


async def test_an_order_that_is_under_way_keeps_its_address_until_it_is_delivered(aviary: Stage) -> None:
    delivery = await aviary.booked()
    request = await take_privacy_notice(aviary.means, STORE, NOTICE)
    assert request.status is PrivacyStatus.WAITING
    assert (await aviary.kept(delivery.id)).destination.line1 == CORNELIA.line1
    assert await redact_due(aviary.means, MERCHANT_ID) == 0
    await hear_of(aviary, delivery, DeliveryStatus.DELIVERED)
    assert await redact_due(aviary.means, MERCHANT_ID) == 1
    assert (await aviary.kept(delivery.id)).destination.line1 == ""
    assert (await aviary.order()).destination is None


async def test_nobody_waits_longer_than_thirty_days(aviary: Stage) -> None:
    delivery = await aviary.booked()
    await take_privacy_notice(aviary.means, STORE, NOTICE)
    aviary.clock.advance(days=30)
    assert await redact_due(aviary.means, MERCHANT_ID) == 1
    assert (await aviary.kept(delivery.id)).destination.line1 == ""


async def test_other_orders_of_the_shopper_are_found_by_their_number_and_nobody_elses(
    aviary: Stage,
) -> None:
    aviary.shop.put("1001", units=[])
    aviary.shop.put("1002", units=[])
    aviary.shop.put("1003", units=[], plain=True)
    await aviary.take_in()
    by_number = PrivacyNotice(PrivacyKind.REDACT_SHOPPER, phone="+1 212 555 0177")
    await take_privacy_notice(aviary.means, STORE, by_number)
    assert (await aviary.order("1001")).destination is None
    assert (await aviary.order("1002")).needs_personal_data
    assert (await aviary.order("1003")).destination is not None


async def test_what_the_store_sends_of_a_forgotten_shopper_is_not_taken_again(aviary: Stage) -> None:
    aviary.shop.put("1001", units=[])
    await aviary.take_in()
    fresh = await aviary.order()
    await take_privacy_notice(aviary.means, STORE, NOTICE)
    async with aviary.means.begin(MERCHANT_ID) as work:
        kept = await without_the_forgotten(work, await aviary.order(), fresh)
        assert (kept.destination, kept.company, kept.tags) == (None, "", ())
        assert kept.needs_personal_data
        assert kept.total == fresh.total
        assert await without_the_forgotten(work, None, fresh) == fresh, "a new order is another matter"


async def test_nobody_is_sent_out_with_an_order_that_was_erased(aviary: Stage) -> None:
    aviary.shop.put("1001")
    await aviary.take_in()
    await take_privacy_notice(aviary.means, STORE, NOTICE)
    await aviary.settle()
    aviary.clock.advance(hours=2)
    await sweep(aviary.means, MERCHANT_ID)
    await aviary.settle()
    (unit,) = (await aviary.order()).fulfillment_orders
    assert unit.status is FulfillmentOrderStatus.ON_HOLD
    assert (aviary.cheap.booked, await aviary.incidents()) == ({}, [])
    with pytest.raises(StateConflict):
        await dispatch_unit(aviary.means, MERCHANT_ID, unit.id, None, Wish())


async def test_an_address_that_was_only_held_back_is_taken_when_it_comes(aviary: Stage) -> None:
    aviary.shop.put("1001", units=[])
    await aviary.take_in()
    fresh = await aviary.order()
    held_back = replace(fresh, destination=None, needs_personal_data=True)
    async with aviary.means.begin(MERCHANT_ID) as work:
        assert await without_the_forgotten(work, held_back, fresh) == fresh


async def test_a_store_that_is_forgotten_is_disconnected_and_its_keys_are_gone(aviary: Stage) -> None:
    async with aviary.means.begin(MERCHANT_ID) as work:
        await work.accounts.put_store(STORE, {"access_token": "shpat_secret"})
    await take_privacy_notice(aviary.means, STORE, PrivacyNotice(PrivacyKind.REDACT_STORE))
    async with aviary.means.begin(MERCHANT_ID) as work:
        store = await work.accounts.store(STORE.id)
        credentials = await work.accounts.store_credentials(STORE.id)  # type: ignore[attr-defined]  # not of the port
    assert store is not None
    assert store.status is LinkStatus.DISCONNECTED
    assert dict(credentials) == {}


def test_a_word_that_means_nobody_is_not_searched_for() -> None:
    assert words_in(replace(CORNELIA, name="Li Yu", company="", phone=None, phone_raw="")) == {
        CORNELIA.line1,
        CORNELIA.email,
    }
