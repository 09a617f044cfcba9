"""The Roadie connector against the simulated Roadie, over HTTP and a clock that is moved by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.couriers.roadie import CONNECTOR
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import AccountProblem, RateLimited, RemoteError, RemoteRefused, UnknownOutcome
from doorstep.incident import IncidentKind
from doorstep.money import Money
from doorstep.order import HandoverRequirement
from doorstep.ports import RaisesOffers, ShowsProof
from doorstep.proof import ProofKind
from doorstep.quote import DeclineReason
from doorstep.secret import Secret
from doorstep.window import Window
from simulator.carriers.books import BookState
from tests.contracts.carriers.rig import BUDGET_S, DOOR, START, STORE
from tests.integration.connectors.roadie.roadie_rig import Rig

# A quarter above, and five per cent, of the same estimate.
TOO_DEAR, DEARER = 1.25, 1.05


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("pickup_location", DeclineReason.ADDRESS_PROBLEM),
        ("delivery_location", DeclineReason.ADDRESS_PROBLEM),
        ("pickup_after", DeclineReason.PAST_CUTOFF),
        ("deliver_between", DeclineReason.PAST_CUTOFF),
        ("items", DeclineReason.TOO_LARGE),
        ("reference_id", DeclineReason.OTHER),
    ],
)
async def test_a_parameter_that_roadie_refuses_is_a_decline(
    rig: Rig, name: str, reason: DeclineReason
) -> None:
    door = replace(DOOR, line1=f"2 FAIL {name} St")

    (decline,) = (await rig.carrier.quote(rig.question(dropoff=door), BUDGET_S)).declined

    assert (decline.reason, decline.raw_code) == (reason, f"1001:{name}")


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("items", RemoteRefused),
        ("forbidden", AccountProblem),
        ("throttled", RateLimited),
        ("internal_error", UnknownOutcome),
        ("unavailable", UnknownOutcome),
    ],
)
async def test_errors_of_a_booking_say_whether_it_may_have_happened(
    rig: Rig, name: str, error: type[RemoteError]
) -> None:
    request = rig.request(await rig.offer())
    rig.fake.refuse_next(name, "create")

    with pytest.raises(error) as failed:
        await rig.carrier.book(request, BUDGET_S)

    assert type(failed.value) is error
    assert rig.fake.books() == []


@pytest.mark.parametrize("rig", [{"calls_a_second": 2}], indirect=True)
async def test_more_than_roadie_takes_is_a_request_to_slow_down(rig: Rig) -> None:
    for _ in range(2):
        await rig.offer()

    with pytest.raises(RateLimited) as limited:
        await rig.offer()

    assert limited.value.retry_after_s == 60.0


async def test_a_price_that_is_a_little_dearer_than_the_estimate_is_taken(rig: Rig) -> None:
    offer = await rig.offer()
    rig.fake.set_booking_factor(DEARER)

    made = await rig.carrier.book(rig.request(offer), BUDGET_S)

    assert made.price.minor == pytest.approx(offer.price.minor * DEARER, abs=1)
    assert rig.fake.books()[0].state is BookState.LIVE


async def test_a_much_dearer_shipment_is_called_off_again_whenever_it_is_asked_for(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    rig.fake.set_booking_factor(TOO_DEAR)

    for _ in range(2):
        with pytest.raises(RemoteRefused, match="more than a tenth") as refused:
            await rig.carrier.book(request, BUDGET_S)
        assert refused.value.kind is IncidentKind.QUOTE_EXPIRED

    assert [entry.state for entry in rig.fake.books()] == [BookState.CANCELLED]


@pytest.mark.parametrize("name", ["internal_error", "throttled"])
async def test_a_dear_shipment_that_was_perhaps_not_called_off_is_in_doubt_until_the_repeat(
    rig: Rig, name: str
) -> None:
    request = rig.request(await rig.offer())
    rig.fake.set_booking_factor(TOO_DEAR)
    rig.fake.refuse_next(name, "cancel")

    with pytest.raises(UnknownOutcome):
        await rig.carrier.book(request, BUDGET_S)
    with pytest.raises(RemoteRefused, match="more than a tenth"):
        await rig.carrier.book(request, BUDGET_S)

    assert [entry.state for entry in rig.fake.books()] == [BookState.CANCELLED]


async def test_a_dear_shipment_that_roadie_keeps_is_ours(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    rig.fake.set_booking_factor(TOO_DEAR)
    rig.fake.refuse_next("state", "cancel")

    made = await rig.carrier.book(request, BUDGET_S)

    (entry,) = rig.fake.books()
    assert (entry.external_id, entry.state) == (made.external_id, BookState.LIVE)


async def test_a_repeat_after_the_window_has_passed_still_finds_the_shipment(rig: Rig) -> None:
    window = Window(START + timedelta(hours=1), START + timedelta(hours=2))
    request = rig.request(await rig.offer(delivery_window=window))
    first = await rig.carrier.book(request, BUDGET_S)
    rig.clock.advance(3 * 3600)

    again = await rig.carrier.book(replace(request, asked_at=rig.clock.now()), BUDGET_S)
    late = replace(request, booking_key="leg_02", asked_at=rig.clock.now())
    with pytest.raises(RemoteRefused) as refused:
        await rig.carrier.book(late, BUDGET_S)

    assert again.external_id == first.external_id
    assert refused.value.kind is IncidentKind.LATE_RISK
    assert len(rig.fake.books()) == 1


async def test_a_shipment_that_is_over_already_is_refused_and_not_adopted(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    made = await rig.carrier.book(request, BUDGET_S)
    rig.fake.call_off(made.external_id)

    with pytest.raises(RemoteRefused, match="over already") as refused:
        await rig.carrier.book(request, BUDGET_S)

    assert refused.value.kind is IncidentKind.COURIER_CANCELLED


async def test_a_booking_without_a_phone_number_of_the_country_is_refused_in_words(rig: Rig) -> None:
    request = rig.request(await rig.offer(), dropoff=replace(DOOR, phone="+33100000009"))

    with pytest.raises(RemoteRefused, match="phone number of the United States") as refused:
        await rig.carrier.book(request, BUDGET_S)

    assert refused.value.kind is IncidentKind.ADDRESS_PROBLEM


async def test_a_ride_is_told_step_by_step(rig: Rig) -> None:
    made = await rig.book()
    await rig.live(minutes=180)
    updates = rig.updates()

    assert [update.raw_status for update in updates] == [
        "driver_assigned",
        "at_pickup",
        "pickup_confirmed",
        "en_route_to_delivery",
        "driver_approaching_delivery",
        "at_delivery",
        "delivery_confirmed",
    ]
    assert {update.external_id for update in updates} == {made.external_id}
    assert [update.position.location for update in updates if update.position] == [
        STORE.location,
        STORE.location,
        STORE.location,
        DOOR.location,
        DOOR.location,
    ]


async def test_a_wanted_window_is_kept(rig: Rig) -> None:
    window = Window(START + timedelta(hours=3), START + timedelta(hours=4))
    offer = await rig.offer(delivery_window=window)
    made = await rig.carrier.book(rig.request(offer), BUDGET_S)
    await rig.live(minutes=300)

    arrived = await rig.carrier.fetch(made.external_id, BUDGET_S)

    assert offer.promise.window == window
    assert arrived.status is DeliveryStatus.DELIVERED
    assert window.contains(arrived.occurred_at)


async def test_a_failed_attempt_comes_back(rig: Rig) -> None:
    made = await rig.book(dropoff=replace(DOOR, line1="2 FATE delivery_attempted St"))
    await rig.live(minutes=180)

    ending = [(update.status, update.trouble) for update in rig.updates()][-2:]
    assert ending == [
        (DeliveryStatus.ATTEMPT_FAILED, IncidentKind.OTHER),
        (DeliveryStatus.RETURNED, None),
    ]
    assert (await rig.carrier.fetch(made.external_id, BUDGET_S)).status is DeliveryStatus.RETURNED


@pytest.mark.parametrize("rig", [{"drivers": 0}], indirect=True)
async def test_a_shipment_that_nobody_takes_expires_for_want_of_drivers(rig: Rig) -> None:
    made = await rig.book()
    await rig.live(minutes=300)

    ended = await rig.carrier.fetch(made.external_id, BUDGET_S)

    assert (ended.status, ended.trouble) == (DeliveryStatus.FAILED, IncidentKind.NO_COURIER)


async def test_a_shipment_that_roadie_calls_off_is_an_incident_and_our_own_is_none(rig: Rig) -> None:
    theirs = await rig.book()
    ours = await rig.book(booking_key="leg_02")
    rig.fake.call_off(theirs.external_id)
    await rig.carrier.cancel(ours.external_id, "too dear", BUDGET_S)
    await rig.live(minutes=1)

    ends = {update.external_id: update.trouble for update in rig.updates()}
    assert ends == {theirs.external_id: IncidentKind.COURIER_CANCELLED, ours.external_id: None}


async def test_a_tip_is_raised_to_what_is_wanted_in_all_and_a_repeat_adds_nothing(rig: Rig) -> None:
    made = await rig.book()
    carrier = rig.carrier
    assert isinstance(carrier, RaisesOffers)

    wanted = [Money(300, "USD"), Money(300, "USD"), Money(500, "USD")]

    raised = [await carrier.raise_offer(made.external_id, extra, BUDGET_S) for extra in wanted]

    assert raised == wanted
    assert rig.fake.desk.get(made.external_id).tip == 5.0


async def test_a_lost_tip_is_in_doubt_and_the_repeat_tips_once(rig: Rig) -> None:
    made = await rig.book()
    carrier = rig.carrier
    assert isinstance(carrier, RaisesOffers)
    rig.fake.mishaps.lose_next_answer("/tips")

    with pytest.raises(UnknownOutcome):
        await carrier.raise_offer(made.external_id, Money(300, "USD"), 0.5)
    await carrier.raise_offer(made.external_id, Money(300, "USD"), BUDGET_S)

    assert rig.fake.desk.get(made.external_id).tip == 3.0


async def test_a_tip_comes_too_late_once_somebody_has_taken_it(rig: Rig) -> None:
    made = await rig.book()
    carrier = rig.carrier
    assert isinstance(carrier, RaisesOffers)
    await rig.live(minutes=10)

    with pytest.raises(RemoteRefused, match="taken it already"):
        await carrier.raise_offer(made.external_id, Money(300, "USD"), BUDGET_S)
    with pytest.raises(RemoteRefused, match="USD"):
        await carrier.raise_offer(made.external_id, Money(300, "EUR"), BUDGET_S)


async def test_pictures_and_a_signature_prove_it(rig: Rig) -> None:
    made = await rig.book(requirements=(HandoverRequirement.SIGNATURE,))
    carrier = rig.carrier
    assert isinstance(carrier, ShowsProof)
    before = await carrier.proofs(made.external_id, BUDGET_S)
    await rig.live(minutes=180)

    proofs = await carrier.proofs(made.external_id, BUDGET_S)

    assert before == ()
    assert [(proof.kind, proof.is_pickup, proof.signed_by) for proof in proofs] == [
        (ProofKind.PHOTO, True, ""),
        (ProofKind.PHOTO, False, ""),
        (ProofKind.SIGNATURE, False, "Front Desk"),
    ]
    assert proofs[0].url == f"{rig.base_url}/v1/shipments/{made.external_id}/images/pickup"


async def test_it_is_too_late_to_cancel_once_the_driver_has_the_goods(rig: Rig) -> None:
    made = await rig.book()
    await rig.live(minutes=25)

    with pytest.raises(RemoteRefused, match="too late"):
        await rig.carrier.cancel(made.external_id, "item_not_ready", BUDGET_S)


async def test_a_missing_webhook_key_is_named(rig: Rig) -> None:
    carrier = CONNECTOR.connect({"token": Secret("good")}, rig.base_url)

    checks = {check.name: check.fault for check in await carrier.check()}

    assert checks == {"credentials": "", "webhooks": "webhook_secret_missing"}
    await carrier.close()
