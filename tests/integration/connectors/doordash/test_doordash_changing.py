"""Changes, tips, proofs and accounts of DoorDash against the simulated DoorDash."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import aiohttp
import pytest

from doorstep.booking import BookingChange
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import (
    AccountProblem,
    RateLimited,
    RemoteRefused,
    UnknownOutcome,
)
from doorstep.geo import LatLng, distance_m
from doorstep.goods import Goods, GoodsTrait
from doorstep.money import Money
from doorstep.order import HandoverRequirement
from doorstep.proof import ProofKind
from doorstep.window import Window
from tests.contracts.carriers.rig import BUDGET_S, DOOR, START
from tests.integration.connectors.doordash.doordash_rig import Rig


async def test_a_door_is_moved_and_the_dasher_goes_there(rig: Rig) -> None:
    made = await rig.book()
    moved = replace(DOOR, line1="9 Far St", location=LatLng(40.76, -73.97), instructions="Blue door")

    update = await rig.carrier.change(made.external_id, BookingChange(dropoff=moved), BUDGET_S)
    await rig.live(minutes=60)

    assert update.price is not None
    assert update.price > made.price
    arrived = next(update for update in rig.updates() if update.status is DeliveryStatus.AT_DROPOFF)
    assert arrived.position is not None
    assert moved.location is not None
    assert distance_m(arrived.position.location, moved.location) < 1


async def test_a_window_is_moved_and_kept(rig: Rig) -> None:
    wanted = Window(START + timedelta(hours=2), START + timedelta(hours=3))
    made = await rig.carrier.book(rig.request(await rig.offer(delivery_window=wanted)), BUDGET_S)
    later = Window(START + timedelta(hours=5), START + timedelta(hours=6))

    await rig.carrier.change(made.external_id, BookingChange(window=later), BUDGET_S)
    await rig.live(minutes=7 * 60, step_s=300)

    arrived = await rig.carrier.fetch(made.external_id, BUDGET_S)
    assert arrived.status is DeliveryStatus.DELIVERED
    assert later.contains(arrived.occurred_at)


async def test_nothing_to_change_reads_where_it_stands(rig: Rig) -> None:
    made = await rig.book()

    assert (await rig.carrier.change(made.external_id, BookingChange(), BUDGET_S)).raw_status == "created"


async def test_a_change_comes_too_late_once_the_goods_are_on_their_way(rig: Rig) -> None:
    made = await rig.book()
    await rig.live(minutes=30)

    with pytest.raises(RemoteRefused, match="too late"):
        await rig.carrier.change(made.external_id, BookingChange(instructions="Ring."), BUDGET_S)


async def test_a_change_whose_answer_is_lost_is_an_unknown_outcome(rig: Rig) -> None:
    made = await rig.book()
    rig.fake.slow(5.0)

    with pytest.raises(UnknownOutcome):
        await rig.carrier.change(made.external_id, BookingChange(instructions="Ring."), 0.25)


async def test_a_tip_stands_once_and_is_never_lowered(rig: Rig) -> None:
    made = await rig.book()

    stands = [await rig.carrier.raise_offer(made.external_id, Money(300, "USD"), BUDGET_S) for _ in range(2)]
    lower = await rig.carrier.raise_offer(made.external_id, Money(100, "USD"), BUDGET_S)

    assert [*stands, lower] == [Money(300, "USD")] * 3
    assert (await rig.carrier.fetch(made.external_id, BUDGET_S)).price == made.price


async def test_a_tip_is_refused_once_somebody_has_taken_the_job(rig: Rig) -> None:
    made = await rig.book()
    await rig.live(minutes=3)

    with pytest.raises(RemoteRefused, match="taken"):
        await rig.carrier.raise_offer(made.external_id, Money(300, "USD"), BUDGET_S)
    with pytest.raises(RemoteRefused, match="EUR"):
        await rig.carrier.raise_offer(made.external_id, Money(300, "EUR"), BUDGET_S)


async def test_a_delivery_with_a_signature_has_its_proofs_and_their_pictures(rig: Rig) -> None:
    made = await rig.book(requirements=(HandoverRequirement.SIGNATURE,))
    early = await rig.carrier.proofs(made.external_id, BUDGET_S)
    await rig.live(minutes=60)

    proofs = await rig.carrier.proofs(made.external_id, BUDGET_S)

    assert early == ()
    assert [(proof.kind, proof.is_pickup) for proof in proofs] == [
        (ProofKind.PHOTO, True),
        (ProofKind.PHOTO, False),
        (ProofKind.SIGNATURE, False),
    ]
    async with aiohttp.ClientSession() as session, session.get(proofs[1].url) as picture:
        assert (await picture.read()).startswith(b"\x89PNG")


async def test_alcohol_is_told_and_comes_back_whatever_was_wished_for(rig: Rig) -> None:
    goods = Goods(frozenset({GoodsTrait.ALCOHOL}))
    made = await rig.book(goods=goods, dropoff=replace(DOOR, instructions="FATE undeliverable"))
    await rig.live(minutes=90, step_s=60)

    told = rig.fake.desk.get(made.external_id).body
    assert told["order_contains"] == {"alcohol": True}
    assert (await rig.carrier.fetch(made.external_id, BUDGET_S)).status is DeliveryStatus.RETURNED


async def test_deliveries_on_one_route_are_still_told_apart(rig: Rig) -> None:
    first = await rig.book()
    second = await rig.book(booking_key="leg_02", reference="1002")
    before = len(rig.updates())
    rig.fake.batch(first.external_id, second.external_id)
    await rig.postman.tick(rig.clock.now() + timedelta(seconds=60))

    assert sum(b"DELIVERY_BATCHED" in body for _, body in rig.letters) >= 2
    assert len(rig.updates()) == before + 2  # DELIVERY_CREATED of each, and nothing of the batch


@pytest.mark.parametrize("rig", [{"calls_a_minute": 3}], indirect=True)
async def test_the_limit_on_calls_is_a_rate_limit_that_passes(rig: Rig) -> None:
    for _ in range(3):
        await rig.offer()

    with pytest.raises(RateLimited) as limited:
        await rig.offer()
    rig.clock.advance(60)

    assert limited.value.retry_after_s == 30.0
    assert (await rig.offer()).price.minor > 0


async def test_an_access_key_without_rights_is_named(rig: Rig) -> None:
    rig.fake.is_forbidden = True

    with pytest.raises(AccountProblem, match="approval"):
        await rig.carrier.quote(rig.question(), BUDGET_S)
    checks = {check.name: check for check in await rig.carrier.check()}

    assert (checks["credentials"].passed, checks["credentials"].fault) == (False, "account_refused")


@pytest.mark.parametrize(
    "changes",
    [
        {"developer_id": "dev_43"},
        {"key_id": "key_43"},
        {"signing_secret": "YW5vdGhlci1zaWduaW5nLXNlY3JldC0xMjM0NTY3ODk"},
    ],
    ids=lambda changes: str(*changes),
)
async def test_every_wrong_part_of_an_access_key_is_refused(rig: Rig, changes: dict[str, str]) -> None:
    stranger = rig.connect(**changes)

    checks = {check.name: check.fault for check in await stranger.check()}

    assert checks == {"credentials": "credentials_refused", "webhooks": ""}
    await stranger.close()


async def test_a_missing_webhook_authorization_is_named(rig: Rig) -> None:
    carrier = rig.connect(webhook_authorization="")

    checks = {check.name: check.fault for check in await carrier.check()}

    assert checks == {"credentials": "", "webhooks": "webhook_secret_missing"}
    await carrier.close()
