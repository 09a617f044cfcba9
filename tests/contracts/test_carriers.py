"""What every carrier's connector does against its simulator, over HTTP.

A new carrier joins with a file in `tests/contracts/carriers`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.applications import Starlette

from doorstep.address import Address
from doorstep.booking import CarrierUpdate
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import (
    AccountProblem,
    BadSignature,
    RemoteError,
    RemoteRefused,
    RemoteUnavailable,
    UnknownOutcome,
)
from doorstep.secret import Secret
from simulator.carriers.books import BookState
from simulator.carriers.serving import serve
from tests.contracts.carriers.rig import (
    BUDGET_S,
    LOST_BUDGET_S,
    SHORT_BUDGET_S,
    SIGNING_KEY,
    SLOW_S,
    START,
    AnyRig,
    Rig,
    connect,
    harnesses,
    rig_of,
)


@pytest.fixture(params=harnesses(), ids=lambda harness: harness.plugin.carrier)
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[AnyRig]:
    """Each carrier in turn."""
    async with rig_of(Rig, request.param) as rig:
        yield rig


@pytest.fixture(
    params=[one for one in harnesses() if one.plugin.webhooks is not None],
    ids=lambda harness: harness.plugin.carrier,
)
async def writing(request: pytest.FixtureRequest) -> AsyncIterator[AnyRig]:
    """Each carrier that sends webhooks in turn."""
    async with rig_of(Rig, request.param) as rig:
        yield rig


@pytest.fixture(
    params=[one for one in harnesses() if one.takes_back], ids=lambda harness: harness.plugin.carrier
)
async def obliging(request: pytest.FixtureRequest) -> AsyncIterator[AnyRig]:
    """Each carrier that lets a booking be called off in turn."""
    async with rig_of(Rig, request.param) as rig:
        yield rig


async def test_it_says_who_it_is(rig: AnyRig) -> None:
    plugin = rig.harness.plugin

    assert (rig.carrier.carrier, rig.carrier.mode) == (plugin.carrier, plugin.mode)


async def test_a_quote_can_be_booked_and_its_promise_lies_ahead(rig: AnyRig) -> None:
    answer = await rig.carrier.quote(rig.question(), BUDGET_S)

    for offer in answer.quotes:
        assert offer.carrier == rig.carrier.carrier
        assert offer.price.currency == rig.places.value.currency
        assert offer.price.minor > 0
        assert offer.promise.window.end > START
        assert offer.expires_at > START
    assert answer.quotes


async def test_an_address_without_a_street_is_no_error(rig: AnyRig) -> None:
    door = rig.places.door
    bare = Address(door.country, province=door.province, postal_code=door.postal_code)

    answer = await rig.carrier.quote(rig.question(dropoff=bare), BUDGET_S)

    assert answer.quotes or answer.declined


async def test_a_booking_is_in_the_carriers_books(rig: AnyRig) -> None:
    offer = await rig.offer()

    made = await rig.carrier.book(rig.request(offer), BUDGET_S)

    (entry,) = rig.fake.books()
    assert (entry.external_id, entry.state) == (made.external_id, BookState.LIVE)
    assert made.price == offer.price
    assert made.status not in {DeliveryStatus.UNKNOWN, DeliveryStatus.CANCELLED}
    assert made.raw_status


async def test_a_repeat_with_the_same_key_answers_the_same_booking(rig: AnyRig) -> None:
    request = rig.request(await rig.offer())

    first = await rig.carrier.book(request, BUDGET_S)
    again = await rig.carrier.book(request, BUDGET_S)

    assert again.external_id == first.external_id
    assert len(rig.fake.books()) == 1


async def test_two_hours_later_a_repeat_still_answers_the_same_booking(rig: AnyRig) -> None:
    request = rig.request(await rig.offer())
    first = await rig.carrier.book(request, BUDGET_S)

    rig.clock.advance(2 * 3600)
    again = await rig.carrier.book(replace(request, asked_at=rig.clock.now()), BUDGET_S)

    assert again.external_id == first.external_id
    assert len(rig.fake.books()) == 1


async def test_an_offer_can_be_booked_again_after_its_booking_was_called_off(obliging: AnyRig) -> None:
    offer = await obliging.offer()
    first = await obliging.carrier.book(obliging.request(offer), BUDGET_S)
    await obliging.carrier.cancel(first.external_id, "other", BUDGET_S)

    second = await obliging.carrier.book(obliging.request(offer, "leg_02"), BUDGET_S)
    again = await obliging.carrier.book(obliging.request(offer, "leg_02"), BUDGET_S)

    assert first.external_id != second.external_id == again.external_id
    assert [entry.state for entry in obliging.fake.books()] == [BookState.CANCELLED, BookState.LIVE]


async def test_calling_off_twice_is_a_success_both_times(obliging: AnyRig) -> None:
    made = await obliging.carrier.book(obliging.request(await obliging.offer()), BUDGET_S)

    updates = [await obliging.carrier.cancel(made.external_id, "too dear", BUDGET_S) for _ in range(2)]

    for update in updates:
        assert (update.external_id, update.status) == (made.external_id, DeliveryStatus.CANCELLED)
        assert update.trouble is None
    assert obliging.fake.books()[0].state is BookState.CANCELLED


async def test_what_was_delivered_cannot_be_called_off(rig: AnyRig) -> None:
    made = await rig.carrier.book(rig.request(await rig.offer()), BUDGET_S)
    await rig.live(4 * 86_400, step_s=86_400)

    with pytest.raises(RemoteRefused):
        await rig.carrier.cancel(made.external_id, "other", BUDGET_S)
    assert rig.fake.books()[0].state is BookState.DELIVERED


async def test_a_fetched_booking_follows_the_carrier_to_the_end(rig: AnyRig) -> None:
    made = await rig.carrier.book(rig.request(await rig.offer()), BUDGET_S)
    before = await rig.carrier.fetch(made.external_id, BUDGET_S)

    await rig.live(4 * 86_400, step_s=86_400)
    after = await rig.carrier.fetch(made.external_id, BUDGET_S)

    assert before.external_id == after.external_id == made.external_id
    assert before.status is not DeliveryStatus.DELIVERED
    assert after.status is DeliveryStatus.DELIVERED


async def test_webhooks_are_signed_and_speak_of_the_booking(writing: AnyRig) -> None:
    reader = writing.harness.plugin.webhooks
    assert reader is not None
    made = await writing.carrier.book(writing.request(await writing.offer()), BUDGET_S)
    await writing.live(4 * 86_400, step_s=3_600)

    updates: list[CarrierUpdate] = []
    for headers, body in writing.letters:
        public = writing.harness.public_keys(writing.fake)
        reader.verify(headers, body, [Secret("older"), Secret(SIGNING_KEY), *public])
        updates += reader.read(headers, body)

    assert {update.external_id for update in updates} == {made.external_id}
    assert DeliveryStatus.DELIVERED in {update.status for update in updates}
    assert all(update.status is not DeliveryStatus.UNKNOWN for update in updates)


async def test_a_repeated_webhook_has_the_same_id_and_others_do_not(writing: AnyRig) -> None:
    reader = writing.harness.plugin.webhooks
    assert reader is not None
    await writing.carrier.book(writing.request(await writing.offer()), BUDGET_S)
    await writing.live(4 * 86_400, step_s=3_600)

    ids: dict[bytes, set[str]] = {}
    for headers, body in writing.letters * 2:
        ids.setdefault(body, set()).update(update.source_event_id for update in reader.read(headers, body))

    assert all(len(of_one_body) == 1 for of_one_body in ids.values())
    assert len(set().union(*ids.values())) == len(ids)


async def test_a_webhook_signed_with_another_key_is_refused(writing: AnyRig) -> None:
    reader = writing.harness.plugin.webhooks
    assert reader is not None
    await writing.carrier.book(writing.request(await writing.offer()), BUDGET_S)
    await writing.live(3600)

    headers, body = writing.letters[0]
    public = list(writing.harness.public_keys(writing.fake))
    for secrets in ([Secret("wrong")], [Secret("")], [], [Secret("wrong"), *public]):
        with pytest.raises(BadSignature):
            reader.verify(headers, body, secrets)
    if writing.harness.signs_bodies:
        with pytest.raises(BadSignature):
            reader.verify(headers, body + b"x", [Secret(SIGNING_KEY), *public])


async def test_a_carrier_that_is_too_slow_to_quote_is_unavailable(rig: AnyRig) -> None:
    rig.fake.slow(SLOW_S)

    with pytest.raises(RemoteUnavailable):
        await rig.carrier.quote(rig.question(), SHORT_BUDGET_S)


async def test_a_lost_answer_is_an_unknown_outcome_and_the_repeat_finds_the_booking(rig: AnyRig) -> None:
    request = rig.request(await rig.offer())
    rig.fake.lose_next_booking()

    with pytest.raises(UnknownOutcome):
        await rig.carrier.book(request, LOST_BUDGET_S)
    made = await rig.carrier.book(request, BUDGET_S)

    (entry,) = rig.fake.books()
    assert (entry.external_id, entry.state) == (made.external_id, BookState.LIVE)


async def test_an_outage_is_unavailable_and_nothing_is_booked(rig: AnyRig) -> None:
    offer = await rig.offer()
    made = await rig.carrier.book(rig.request(offer), BUDGET_S)
    request = rig.request(offer, "leg_02")
    rig.fake.outage(True)

    calls: list[Callable[[], Awaitable[object]]] = [
        lambda: rig.carrier.quote(rig.question(), BUDGET_S),
        lambda: rig.carrier.book(request, BUDGET_S),
        lambda: rig.carrier.fetch(made.external_id, BUDGET_S),
        lambda: rig.carrier.cancel(made.external_id, "other", BUDGET_S),
    ]
    for call in calls:
        with pytest.raises((RemoteUnavailable, UnknownOutcome)):
            await call()
    (entry,) = rig.fake.books()
    assert (entry.external_id, entry.state) == (made.external_id, BookState.LIVE)


async def test_nobody_listening_is_unavailable_and_never_an_unknown_outcome(rig: AnyRig) -> None:
    request = rig.request(await rig.offer())
    async with serve(Starlette()) as url:
        pass
    stranded = connect(rig.harness, url)

    with pytest.raises(RemoteUnavailable):
        await stranded.book(request, BUDGET_S)
    await stranded.close()


async def test_wrong_credentials_are_an_account_problem_and_check_says_so(rig: AnyRig) -> None:
    stranger = connect(rig.harness, rig.base_url, **rig.harness.wrong_credentials)

    with pytest.raises(AccountProblem):
        await stranger.quote(rig.question(), BUDGET_S)
    checks = {check.name: check for check in await stranger.check()}

    assert not checks["credentials"].passed
    assert checks["credentials"].fault == "credentials_refused"
    assert "wrong" not in checks["credentials"].text
    await stranger.close()


async def test_check_finds_nothing_wrong_with_a_good_account(rig: AnyRig) -> None:
    assert all(check.passed for check in await rig.carrier.check())


async def test_check_never_raises_while_the_carrier_is_away(rig: AnyRig) -> None:
    rig.fake.outage(True)

    checks = await rig.carrier.check()

    assert "unreachable" in {check.fault for check in checks}


async def test_an_unknown_booking_is_refused(rig: AnyRig) -> None:
    with pytest.raises(RemoteRefused):
        await rig.carrier.fetch("no/such?id", BUDGET_S)


async def test_no_error_tells_a_name_or_a_street(rig: AnyRig) -> None:
    request = rig.request(await rig.offer())
    rig.clock.advance(timedelta(days=1).total_seconds())
    rig.fake.outage(True)

    with pytest.raises(RemoteError) as failed:
        await rig.carrier.book(request, BUDGET_S)

    told = f"{failed.value!r} {failed.value.raw_message}"
    assert not any(word in told for word in ("Shopper", "Side St", "+1555"))
