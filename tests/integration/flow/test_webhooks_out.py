"""What merchants' systems are called with, over a real wire, and what becomes of calls that go wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select
from standardwebhooks import Webhook

from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import InvalidInput, NotFound, StateConflict
from doorstep.events import DeliveryAdvanced
from doorstep.ids import new_id
from doorstep.webhook import WAITS_S, WebhookAttempt, WebhookCall, WebhookCallStatus, WebhookTopic
from gateway.bootstrap.systems import GuardedSystems
from gateway.flow.messaging.systems.call import LEASE, call_endpoint
from gateway.flow.messaging.systems.save import (
    Draft,
    archive_endpoint,
    replay,
    rotate_secret,
    save_endpoint,
    try_endpoint,
)
from gateway.flow.messaging.tell import tell_outside
from gateway.store import tables as t
from gateway.store.codec import from_json
from gateway.store.repositories.webhooks import endpoints_with_due_calls
from tests.integration.flow.fakes import HOME, MERCHANT_ID
from tests.integration.flow.receiver import Receiver, calling, listen, receiving
from tests.integration.flow.stage import Stage


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


async def log_of(stage: Stage) -> Sequence[WebhookAttempt]:
    async with stage.database.tenant(MERCHANT_ID) as connection:
        rows = await connection.execute(select(t.webhook_attempts.c.doc).order_by(t.webhook_attempts.c.id))
        return [from_json(row.doc, WebhookAttempt) for row in rows]


async def calls_of(stage: Stage) -> Sequence[WebhookCall]:
    async with stage.database.tenant(MERCHANT_ID) as connection:
        rows = await connection.execute(select(t.webhook_calls.c.doc).order_by(t.webhook_calls.c.id))
        return [from_json(row.doc, WebhookCall) for row in rows]


async def due(stage: Stage) -> Sequence[tuple[str, str]]:
    async with stage.database.doors() as connection:
        return await endpoints_with_due_calls(connection, stage.clock.now())


async def test_an_order_on_its_way_is_told_to_who_wants_to_know_signed_and_without_personal_data(
    stage: Stage, receiver: Receiver
) -> None:
    means = calling(stage)
    endpoint, secret = await listen(means, receiver.url)
    delivery = await stage.booked()
    assert await due(stage) == [(MERCHANT_ID, endpoint.id)]
    await call_endpoint(means, MERCHANT_ID, endpoint.id)
    assert set(receiver.types) == {"order.received", "delivery.booked"}
    for headers, body in receiver.came:
        verifier = Webhook(secret.reveal())
        signed = verifier.sign(headers["webhook-id"], stage.clock.now(), body)
        assert headers["webhook-signature"] == signed
        assert headers["webhook-timestamp"] == str(int(stage.clock.now().timestamp()))
        assert HOME.line1 not in body
        assert str(HOME.phone) not in body
    booked = next(body for body in receiver.bodies if body["type"] == "delivery.booked")
    assert booked["version"] == "1"
    assert booked["data"]["delivery_id"] == delivery.id
    assert booked["data"]["leg"]["carrier"] == "cheap"
    assert await due(stage) == []
    assert {call.status for call in await calls_of(stage)} == {WebhookCallStatus.DELIVERED}


async def test_an_endpoint_that_asks_for_personal_data_gets_it(stage: Stage, receiver: Receiver) -> None:
    means = calling(stage)
    endpoint, _ = await listen(means, receiver.url, with_personal_data=True)
    await stage.booked()
    await call_endpoint(means, MERCHANT_ID, endpoint.id)
    places = [body["data"]["destination"]["address1"] for body in receiver.bodies]
    assert places == [HOME.line1, HOME.line1]


async def test_a_handler_that_runs_again_tells_nothing_twice_and_a_new_status_is_told(
    stage: Stage, receiver: Receiver
) -> None:
    means = calling(stage)
    await listen(means, receiver.url, (WebhookTopic.DELIVERY_BOOKED, WebhookTopic.DELIVERY_UPDATED))
    delivery = await stage.booked()
    event = DeliveryAdvanced(MERCHANT_ID, delivery.id)
    for _ in range(3):
        await tell_outside(event, stage.means)
    (first,) = await calls_of(stage)
    assert first.topic is WebhookTopic.DELIVERY_BOOKED
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.deliveries.put(replace(delivery, status=DeliveryStatus.PICKED_UP))
    await tell_outside(event, stage.means)
    stage.clock.advance(seconds=1)
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.deliveries.put(replace(delivery, status=delivery.status))
    await tell_outside(event, stage.means)
    topics = [call.topic for call in await calls_of(stage)]
    updated = WebhookTopic.DELIVERY_UPDATED
    assert topics == [WebhookTopic.DELIVERY_BOOKED, updated, updated], "back again is news too"


async def test_what_nobody_subscribed_to_is_not_queued(stage: Stage, receiver: Receiver) -> None:
    await listen(calling(stage), receiver.url, (WebhookTopic.EXCEPTION_RAISED,))
    await listen(calling(stage), receiver.url, enabled=False)
    await stage.booked()
    assert await calls_of(stage) == []


async def test_a_call_that_fails_is_made_again_ever_later_for_three_days_and_then_given_up(
    stage: Stage, receiver: Receiver
) -> None:
    means = calling(stage)
    endpoint, _ = await listen(means, receiver.url, (WebhookTopic.ORDER_RECEIVED,))
    await stage.booked()
    receiver.answers = [500] * 20
    began = stage.clock.now()
    tries: list[float] = []
    while (waiting := [call for call in await calls_of(stage) if call.due_at]) and len(tries) < 20:
        (call,) = waiting
        assert call.due_at is not None
        assert await due(stage) == [] or call.due_at <= stage.clock.now()
        stage.clock.advance(seconds=(call.due_at - stage.clock.now()).total_seconds())
        assert await call_endpoint(means, MERCHANT_ID, endpoint.id) == 1
        tries.append((stage.clock.now() - began).total_seconds())
    # 0, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h, each a tenth longer or shorter at most.
    waited = [later - earlier for earlier, later in pairwise(tries)]
    assert len(tries) == len(WAITS_S) == 10
    for span, wanted in zip(waited, WAITS_S[1:], strict=True):
        assert 0.9 * wanted <= span <= 1.1 * wanted
    assert len({headers["webhook-id"] for headers, _ in receiver.came}) == 1, "a repeat is known for one"
    (lost,) = await calls_of(stage)
    assert lost.status is WebhookCallStatus.FAILED
    log = await log_of(stage)
    assert [attempt.answer.status for attempt in log] == [500] * 10
    assert log[0].answer.excerpt == "ok"
    assert log[0].next_try_at is not None
    assert log[-1].next_try_at is None


async def test_an_endpoint_that_took_nothing_for_three_days_is_switched_off_and_a_person_hears_of_it(
    stage: Stage, receiver: Receiver
) -> None:
    means = calling(stage)
    endpoint, _ = await listen(means, receiver.url, (WebhookTopic.ORDER_RECEIVED,))
    await stage.booked()
    receiver.answers = [503] * 20
    async with means.begin(MERCHANT_ID) as work:
        (call,) = await work.webhooks.claim(endpoint.id, stage.clock.now(), stage.clock.now(), 1)
        await work.webhooks.put_calls([replace(call, attempts=len(WAITS_S) - 1)])
        failing = replace(endpoint, failing_since=stage.clock.now() - timedelta(days=3))
        await work.webhooks.put_endpoint(failing)
    await call_endpoint(means, MERCHANT_ID, endpoint.id)
    async with means.begin(MERCHANT_ID) as work:
        off = await work.webhooks.endpoint(endpoint.id)
    assert off is not None
    assert not off.enabled
    assert "took no call since" in off.disabled_reason
    (incident,) = await stage.incidents()
    assert incident.title == "Webhooks to Back end were switched off"


async def test_410_switches_off_at_once_and_what_waited_is_given_up(stage: Stage, receiver: Receiver) -> None:
    means = calling(stage)
    endpoint, _ = await listen(means, receiver.url)
    await stage.booked()
    receiver.answers = [410, 410]
    await call_endpoint(means, MERCHANT_ID, endpoint.id)
    assert {call.status for call in await calls_of(stage)} == {WebhookCallStatus.FAILED}
    assert await due(stage) == []
    async with means.begin(MERCHANT_ID) as work:
        off = await work.webhooks.endpoint(endpoint.id)
    assert off is not None
    assert "410" in off.disabled_reason


async def test_each_endpoint_that_was_switched_off_is_an_exception_until_it_is_on_again(
    stage: Stage, receiver: Receiver
) -> None:
    means = calling(stage)
    endpoints = [(await listen(means, receiver.url))[0] for _ in range(3)]
    await stage.booked()
    receiver.answers = [410] * 6
    for endpoint in endpoints:
        await call_endpoint(means, MERCHANT_ID, endpoint.id)
    assert [incident.about for incident in await stage.incidents()] == [one.id for one in endpoints]
    one, two, three = endpoints
    await save_endpoint(means, MERCHANT_ID, Draft(one.name, one.url, one.topics), one.id, 1)
    await archive_endpoint(means, MERCHANT_ID, two.id, 1)
    assert [incident.about for incident in await stage.incidents()] == [three.id]


async def test_a_redirect_is_not_followed_and_counts_as_failed(stage: Stage, receiver: Receiver) -> None:
    means = calling(stage)
    endpoint, _ = await listen(means, receiver.url, (WebhookTopic.ORDER_RECEIVED,))
    await stage.booked()
    receiver.answers = [302]
    await call_endpoint(means, MERCHANT_ID, endpoint.id)
    (attempt,) = await log_of(stage)
    assert attempt.answer.status == 302
    assert "redirects are not followed" in attempt.answer.error
    assert len(receiver.came) == 1
    assert [call.status for call in await calls_of(stage)] == [WebhookCallStatus.WAITING]


async def test_a_success_ends_the_count_of_failing(stage: Stage, receiver: Receiver) -> None:
    means = calling(stage)
    endpoint, _ = await listen(means, receiver.url, (WebhookTopic.ORDER_RECEIVED,))
    await stage.booked()
    receiver.answers = [500]
    for _ in range(2):
        await call_endpoint(means, MERCHANT_ID, endpoint.id)
        stage.clock.advance(seconds=6)
    async with means.begin(MERCHANT_ID) as work:
        good = await work.webhooks.endpoint(endpoint.id)
    assert good is not None
    assert (len(receiver.came), good.failing_since, good.version) == (2, None, 1)


async def test_an_endpoint_that_hangs_and_one_that_drips_forever_end_with_the_budget(
    stage: Stage, receiver: Receiver
) -> None:
    means = calling(stage, budget_s=0.2)
    endpoint, _ = await listen(means, receiver.url, (WebhookTopic.ORDER_RECEIVED,))
    await stage.booked()
    receiver.gate.clear()
    await call_endpoint(means, MERCHANT_ID, endpoint.id)
    (attempt,) = await log_of(stage)
    assert (attempt.answer.status, attempt.answer.error) == (None, "There was no answer within 0.2 seconds.")


async def test_of_a_long_answer_only_the_beginning_is_read(stage: Stage, receiver: Receiver) -> None:
    means = calling(stage)
    endpoint, _ = await listen(means, receiver.url, (WebhookTopic.ORDER_RECEIVED,))
    await stage.booked()
    receiver.says = "x" * 5_000_000
    await call_endpoint(means, MERCHANT_ID, endpoint.id)
    (attempt,) = await log_of(stage)
    assert (attempt.answer.status, len(attempt.answer.excerpt)) == (200, 1024)


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.8", "169.254.169.254", "::1", "fd00:ec2::254", "100.100.100.200"]
)
async def test_a_name_that_comes_to_lead_to_a_forbidden_address_is_not_called(
    stage: Stage, receiver: Receiver, address: str
) -> None:
    leads_to = ["203.0.113.9", "1.1.1.1"][1:]

    async def resolve(host: str, port: int) -> Sequence[str]:
        return leads_to

    systems = GuardedSystems(allow_private=False, resolver=resolve)
    means = replace(stage.means, systems=systems)
    endpoint, _ = await listen(means, "https://hooks.shop.example/in", (WebhookTopic.ORDER_RECEIVED,))
    await stage.booked()
    leads_to[:] = [address]
    await call_endpoint(means, MERCHANT_ID, endpoint.id)
    (attempt,) = await log_of(stage)
    assert attempt.answer.status is None
    assert "private or reserved" in attempt.answer.error
    with pytest.raises(InvalidInput, match="private or reserved"):
        await listen(means, "https://hooks.shop.example/in")


async def test_the_connection_goes_to_the_address_that_was_judged_whatever_the_name_says_next(
    stage: Stage, receiver: Receiver
) -> None:
    looked_up: list[str] = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        looked_up.append(host)
        return ["127.0.0.1"]

    means = replace(stage.means, systems=GuardedSystems(allow_private=True, resolver=resolve))
    url = receiver.url.replace("127.0.0.1", "rebinding.example")
    endpoint, _ = await listen(means, url, (WebhookTopic.ORDER_RECEIVED,))
    await stage.booked()
    looked_up.clear()
    await call_endpoint(means, MERCHANT_ID, endpoint.id)
    assert looked_up == ["rebinding.example"], "once for each call"
    assert receiver.came[0][0]["Host"].startswith("rebinding.example:")


@pytest.mark.parametrize(
    "url", ["ftp://shop.example", "https://a:b@shop.example", "https://0x7f.1/", "http://[::1]/", "nonsense"]
)
async def test_addresses_that_are_none_to_call_are_refused_when_saved(stage: Stage, url: str) -> None:
    means = replace(stage.means, systems=GuardedSystems(allow_private=False))
    with pytest.raises(InvalidInput) as refused:
        await listen(means, url)
    assert refused.value.path == ("input", "url")


async def test_while_a_secret_is_rotated_both_sign_and_then_the_new_one_alone(
    stage: Stage, receiver: Receiver
) -> None:
    means = calling(stage)
    endpoint, old = await listen(means, receiver.url)
    _, new, until = await rotate_secret(means, MERCHANT_ID, endpoint.id)
    assert until == stage.clock.now() + timedelta(days=1)
    await try_endpoint(means, MERCHANT_ID, endpoint.id)
    await call_endpoint(means, MERCHANT_ID, endpoint.id)
    stage.clock.advance(days=1)
    await try_endpoint(means, MERCHANT_ID, endpoint.id)
    await call_endpoint(means, MERCHANT_ID, endpoint.id)
    (during, body), (after, later) = receiver.came

    def signed(headers: object, body: str, secret: str, back: timedelta) -> str:
        assert isinstance(headers, dict)
        return Webhook(secret).sign(headers["webhook-id"], stage.clock.now() - back, body)

    a_day, none = timedelta(days=1), timedelta()
    both = [signed(during, body, secret.reveal(), a_day) for secret in (new, old)]
    assert during["webhook-signature"].split() == both
    assert after["webhook-signature"].split() == [signed(after, later, new.reveal(), none)]
    assert receiver.types == ["test", "test"]


async def test_calls_are_made_again_by_hand_one_by_one_or_all_that_were_given_up_since(
    stage: Stage, receiver: Receiver
) -> None:
    means = calling(stage)
    endpoint, _ = await listen(means, receiver.url)
    await stage.booked()
    receiver.answers = [410, 410]
    began = stage.clock.now()
    await call_endpoint(means, MERCHANT_ID, endpoint.id)
    with pytest.raises(StateConflict, match="switched off"):
        await replay(means, MERCHANT_ID, endpoint.id, failed_since=began)
    draft = Draft(endpoint.name, endpoint.url, endpoint.topics)
    on = await save_endpoint(means, MERCHANT_ID, draft, endpoint.id, 1)
    assert (on.endpoint.enabled, on.endpoint.disabled_reason, on.secret) == (True, "", None)
    assert await replay(means, MERCHANT_ID, endpoint.id, failed_since=began) == 2
    await call_endpoint(means, MERCHANT_ID, endpoint.id)
    assert {call.status for call in await calls_of(stage)} == {WebhookCallStatus.DELIVERED}
    message = (await calls_of(stage))[0].message_id
    assert await replay(means, MERCHANT_ID, endpoint.id, message_ids=[message]) == 1
    await call_endpoint(means, MERCHANT_ID, endpoint.id)
    assert receiver.came[-1][0]["webhook-id"] == message, "the same id: it is the same message"
    with pytest.raises(NotFound):
        await replay(means, MERCHANT_ID, endpoint.id, message_ids=[new_id("whm")])
    with pytest.raises(InvalidInput):
        await replay(means, MERCHANT_ID, endpoint.id)


async def test_a_call_whose_process_died_is_made_again_after_its_lease(
    stage: Stage, receiver: Receiver
) -> None:
    means = calling(stage)
    endpoint, _ = await listen(means, receiver.url, (WebhookTopic.ORDER_RECEIVED,))
    await stage.booked()
    now = stage.clock.now()
    async with means.begin(MERCHANT_ID) as work:
        assert len(await work.webhooks.claim(endpoint.id, now, now + LEASE, 20)) == 1
    assert await call_endpoint(means, MERCHANT_ID, endpoint.id) == 0
    stage.clock.advance(seconds=LEASE.total_seconds())
    assert await call_endpoint(means, MERCHANT_ID, endpoint.id) == 1


async def test_an_archived_endpoint_is_called_no_more(stage: Stage, receiver: Receiver) -> None:
    means = calling(stage)
    endpoint, _ = await listen(means, receiver.url)
    await stage.booked()
    await archive_endpoint(means, MERCHANT_ID, endpoint.id, 1)
    assert await call_endpoint(means, MERCHANT_ID, endpoint.id) == 0
    assert receiver.came == []
    with pytest.raises(StateConflict):
        await save_endpoint(means, MERCHANT_ID, Draft("Again", receiver.url, endpoint.topics), endpoint.id, 2)


async def test_a_shopper_who_is_forgotten_is_forgotten_in_calls_and_their_log_too(
    stage: Stage, receiver: Receiver
) -> None:
    means = calling(stage)
    endpoint, _ = await listen(means, receiver.url, with_personal_data=True)
    await stage.booked()
    receiver.says = f"thanks for {HOME.line1}"
    await call_endpoint(means, MERCHANT_ID, endpoint.id)
    order = await stage.order()
    async with means.begin(MERCHANT_ID) as work:
        await work.redaction.erase_orders([order.id], stage.clock.now())
    kept = repr(await calls_of(stage)) + repr(await log_of(stage))
    assert HOME.line1 not in kept
    messages = [call.message_id for call in await calls_of(stage)]
    assert await replay(means, MERCHANT_ID, endpoint.id, message_ids=messages) == 0
