"""One thread for each delivery, through GraphQL: who sees it, who writes, and that a repeat is one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from doorstep.audit import Actor, Author
from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStatus
from doorstep.incident import Incident, IncidentKind, IncidentStatus, Severity
from doorstep.thread import MessageChannel, Participant, ThreadMessage, thread_of
from gateway.api.context import Context
from gateway.api.ports.session import Live, RequestInfo, Session
from gateway.auth.caller import Audience, Caller, Scope
from gateway.flow.desk.answer import acknowledge
from gateway.flow.messaging.threads.tell import tell_live
from gateway.flow.watching.incidents import Alarm, raise_incident, settle
from gateway.store.unit_of_work import SqlUnitOfWork
from tests.integration.api.test_slots_chosen import Counter, counter
from tests.integration.flow.fakes import MERCHANT_ID
from tests.unit.api import world as w

__all__ = ["counter"]

SEND = """mutation($in: SendMessageInput!) { sendMessage(input: $in) {
  ... on SendMessageSuccess { sent { id sender channel body } } ... on Problem { code message } } }"""
READ = """mutation($id: ID!) { readThread(input: {threadId: $id}) {
  ... on ReadThreadSuccess { thread { unreadCount } } ... on Problem { code } } }"""
THREAD = """query($id: ID!) { thread(id: $id) { isOpen unreadCount
  messages(first: 10) { nodes { sender body readAt } pageInfo { hasNextPage } } } }"""
SEEN = "{ tracking { ... on Tracking { actions thread { id unreadCount } } } }"
DRIVER = w.id_of("drv")


async def ask(counter: Counter, audience: Audience, delivery: Delivery, document: str, **given: Any) -> Any:
    """As the shopper with the link, the driver at the wheel, or the desk."""
    caller = Caller(
        audience,
        MERCHANT_ID,
        "",
        frozenset(Scope) if audience is Audience.SECRET else frozenset[Scope](),
        delivery_id=delivery.id if audience is Audience.TRACKING else None,
        driver_id=DRIVER if audience is Audience.DRIVER else None,
    )
    session = Session(caller, counter.reads, counter.commands, cast(Live, None))
    context = Context(session, counter.stage.clock, RequestInfo())
    result = await counter.schema.execute(document, given, context)
    assert result.errors is None, result.errors
    assert result.data is not None
    (answer,) = result.data.values()
    return answer


async def on_the_road(counter: Counter) -> Delivery:
    delivery = await counter.stage.booked()
    async with counter.stage.means.begin(MERCHANT_ID) as work:
        changed = replace(delivery, driver_id=DRIVER)
        await work.deliveries.put(changed)
    return changed


def words(delivery: Delivery, body: str, key: str = "key-00001") -> dict[str, Any]:
    return {"in": {"idempotencyKey": key, "threadId": thread_of(delivery.id), "body": body}}


async def test_three_sides_write_to_one_another_and_numbers_stay_masked(counter: Counter) -> None:
    delivery = await on_the_road(counter)
    shopper, driver, desk = Audience.TRACKING, Audience.DRIVER, Audience.SECRET
    first = await ask(counter, shopper, delivery, SEND, **words(delivery, "Ring +49 170 1234567"))
    assert (first["sent"]["sender"], first["sent"]["channel"]) == ("SHOPPER", "WEB")
    counter.stage.clock.advance(seconds=1)
    await ask(counter, driver, delivery, SEND, **words(delivery, "Five minutes"))
    for viewer, body in ((driver, "Ring •••"), (desk, "Ring +49 170 1234567")):
        seen = await ask(counter, viewer, delivery, THREAD, id=thread_of(delivery.id))
        assert [node["body"] for node in seen["messages"]["nodes"]] == ["Five minutes", body]
        assert seen["unreadCount"] == (1 if viewer is driver else 2)
    page = await ask(counter, shopper, delivery, SEEN)
    assert "SEND_MESSAGE" in page["actions"]
    assert page["thread"] == {"id": thread_of(delivery.id), "unreadCount": 1}
    assert await ask(counter, shopper, delivery, READ, id=thread_of(delivery.id)) == {
        "thread": {"unreadCount": 0}
    }


async def test_the_same_key_is_the_same_message_and_with_other_words_a_conflict(counter: Counter) -> None:
    delivery = await on_the_road(counter)
    sent = [
        (await ask(counter, Audience.TRACKING, delivery, SEND, **words(delivery, "Hello")))["sent"]["id"]
        for _ in range(2)
    ]
    assert sent[0] == sent[1]
    other = await ask(counter, Audience.TRACKING, delivery, SEND, **words(delivery, "Hello again"))
    assert other["code"] == "IDEMPOTENCY_MISMATCH"
    by_driver = await ask(counter, Audience.DRIVER, delivery, SEND, **words(delivery, "Hello"))
    assert by_driver["sent"]["id"] != sent[0], "sides know nothing of each other's keys"


async def test_nobody_reads_or_writes_in_the_thread_of_others(counter: Counter) -> None:
    delivery = await on_the_road(counter)
    counter.stage.shop.put("1002")
    await counter.stage.take_in()
    await counter.stage.settle()
    other = await counter.stage.delivery_of("1002")
    for audience in (Audience.TRACKING, Audience.DRIVER):
        assert await ask(counter, audience, delivery, THREAD, id=thread_of(other.id)) is None
        refused = await ask(counter, audience, delivery, SEND, **words(other, "Hi"))
        assert refused["code"] == "NOT_FOUND"


async def test_a_thread_closes_some_days_after_the_delivery_and_nobody_floods_it(counter: Counter) -> None:
    delivery = await on_the_road(counter)
    shopper = Audience.TRACKING
    for number in range(30):
        given = words(delivery, f"Hello {number}", f"key-{number:05}")
        assert "sent" in await ask(counter, shopper, delivery, SEND, **given)
    flood = await ask(counter, shopper, delivery, SEND, **words(delivery, "Hello", "key-00099"))
    assert flood["code"] == "STATE_CONFLICT"
    counter.stage.clock.advance(days=4)
    async with counter.stage.means.begin(MERCHANT_ID) as work:
        await work.deliveries.put(replace(delivery, status=DeliveryStatus.DELIVERED))
    late = await ask(counter, shopper, delivery, SEND, **words(delivery, "Hello", "key-00100"))
    assert (late["code"], "closed" in late["message"]) == ("STATE_CONFLICT", True)


async def test_what_a_driver_answers_the_desk_alone_is_not_the_shoppers(counter: Counter) -> None:
    delivery = await on_the_road(counter)
    shopper, driver, desk = Audience.TRACKING, Audience.DRIVER, Audience.SECRET
    answer = words(delivery, "I need help")
    answer["in"]["to"] = "DESK"
    sent = [(await ask(counter, driver, delivery, SEND, **answer))["sent"]["id"] for _ in range(2)]
    assert sent[0] == sent[1]
    to_all = await ask(counter, driver, delivery, SEND, **words(delivery, "I need help"))
    assert to_all["code"] == "IDEMPOTENCY_MISMATCH", "whom it is for is part of what was asked"
    page = await ask(counter, shopper, delivery, SEEN)
    assert page["thread"]["unreadCount"] == 0
    for viewer, read in ((shopper, []), (desk, ["I need help"])):
        seen = await ask(counter, viewer, delivery, THREAD, id=thread_of(delivery.id))
        assert [node["body"] for node in seen["messages"]["nodes"]] == read


async def test_nobody_writes_past_the_desk(counter: Counter) -> None:
    delivery = await on_the_road(counter)
    shopper, driver = Audience.TRACKING, Audience.DRIVER
    for sender, to in ((shopper, "DRIVER"), (driver, "SHOPPER"), (driver, "DRIVER")):
        given = words(delivery, "Psst")
        given["in"]["to"] = to
        assert (await ask(counter, sender, delivery, SEND, **given))["code"] == "INVALID_INPUT", (sender, to)


async def test_what_is_wrong_with_a_van_shows_what_its_driver_answers(counter: Counter) -> None:
    delivery = await on_the_road(counter)
    alarm = Alarm(IncidentKind.STALLED, "A van stands", "It does.", driver_id=DRIVER)
    async with counter.stage.means.begin(MERCHANT_ID) as work:
        stalled = await raise_incident(work, alarm, counter.stage.clock.now())
    answer = words(delivery, "I need help, +49 170 1234567")
    await ask(counter, Audience.DRIVER, delivery, SEND, **words(delivery, "To all", "key-00002"))
    answer["in"]["to"] = "DESK"
    await ask(counter, Audience.DRIVER, delivery, SEND, **answer)
    async with counter.stage.means.begin(MERCHANT_ID) as work:
        seen = await work.incidents.get(stalled.id)
    assert seen is not None
    assert seen.version == stalled.version + 1
    assert [(line.by, line.text) for line in seen.history[len(stalled.history) :]] == [
        (Actor.DRIVER, "The driver writes: I need help, •••")
    ]


async def test_a_driver_in_need_is_a_critical_exception_that_no_machine_closes_once_for_each_call(
    counter: Counter,
) -> None:
    delivery = await on_the_road(counter)
    means, now = counter.stage.means, counter.stage.clock.now()
    alarm = Alarm(IncidentKind.STALLED, "A van stands", "It does.", driver_id=DRIVER)
    async with means.begin(MERCHANT_ID) as work:
        await raise_incident(work, alarm, now)

    async def call(key: str, **more: Any) -> Any:
        given = words(delivery, "I need help", key)
        given["in"] |= {"to": "DESK", "needsHelp": True} | more
        return await ask(counter, Audience.DRIVER, delivery, SEND, **given)

    async def live() -> dict[IncidentKind, Incident]:
        async with means.begin(MERCHANT_ID) as work:
            return {one.kind: one for one in await work.incidents.live_of(DRIVER)}

    first = await call("ping-00001")
    assert await call("ping-00001") == first
    raised = (await live())[IncidentKind.OTHER]
    assert (raised.severity, raised.escalations, raised.status) == (Severity.CRITICAL, 1, IncidentStatus.OPEN)
    assert raised.title == "A van: the driver asks for help"
    assert raised.due_at == now + Severity.CRITICAL.response_time
    async with means.begin(MERCHANT_ID) as work:
        await settle(work, DRIVER, {IncidentKind.STALLED}, "The van moves again.", now)
        await acknowledge(work, raised, Author(Actor.PERSON), "", now)
    await call("ping-00002")
    (again,) = (await live()).values()
    assert (again.id, again.escalations, again.status) == (raised.id, 2, IncidentStatus.OPEN)
    for side, to in ((Audience.DRIVER, None), (Audience.SECRET, "DRIVER"), (Audience.TRACKING, "DESK")):
        given = words(delivery, "Help", "key-00009")
        given["in"] |= {"to": to, "needsHelp": True}
        assert (await ask(counter, side, delivery, SEND, **given))["code"] == "INVALID_INPUT", (side, to)


async def test_the_desk_hears_of_what_others_write_where_a_delivery_is_in_trouble(counter: Counter) -> None:
    delivery = await on_the_road(counter)
    now = counter.stage.clock.now()
    alarm = Alarm(IncidentKind.DAMAGED, "A box is wet", "It was said.", delivery_id=delivery.id)
    async with counter.stage.means.begin(MERCHANT_ID) as work:
        wet = await raise_incident(work, alarm, now)
    for sender, hears in ((Participant.SHOPPER, True), (Participant.DRIVER, True), (Participant.DESK, False)):
        message = ThreadMessage(
            w.id_of("msg"), MERCHANT_ID, delivery.id, sender, MessageChannel.WEB, "Hello", now, "key"
        )
        async with counter.stage.means.begin(MERCHANT_ID) as work:
            assert isinstance(work, SqlUnitOfWork)
            await tell_live(work, delivery, message, now)
            assert (("exception", wet.id) in [(one.topic, one.entity_id) for one in work.news]) is hears
