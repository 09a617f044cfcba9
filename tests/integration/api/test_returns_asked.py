"""Failed attempts, returns and claims through GraphQL: the real flow and database, carriers by hand."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from doorstep.booking import Booking, BookingRequest
from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import IdempotencyConflict, InvalidInput
from doorstep.incident import IncidentKind
from doorstep.order import FulfillmentLine, FulfillmentOrderStatus
from doorstep.quote import DeliveryMode
from doorstep.return_request import ReturnMethod, ReturnReason, ReturnRequest
from doorstep.route import RouteStatus, StopStatus
from doorstep.secret import Secret
from doorstep.window import Window
from gateway.api.context import Context
from gateway.api.ports.session import Live, RequestInfo, Session
from gateway.api.schema import GatewaySchema
from gateway.api.settings import ApiSettings
from gateway.auth.caller import Audience, Caller, Scope
from gateway.auth.tokens import TrackingTokens
from gateway.auth.vault import Vault
from gateway.bootstrap.commands import FlowCommands
from gateway.bootstrap.sessions import MerchantReads
from gateway.flow.returning.looking_after import look_after_returns
from gateway.flow.returning.requesting import Wish, request_return
from gateway.flow.tracking.track import apply_update
from gateway.plugins import Plugins
from gateway.store.database import Database
from gateway.store.jobs import open_queue
from gateway.store.unit_of_work import Transactions
from tests.conftest import Dsn
from tests.integration.api.conftest import schema_for
from tests.integration.api.part_of_a_house import part_of_a_house
from tests.integration.flow.fakes import MERCHANT_ID, STORE, FakeCarrier
from tests.integration.flow.stage import Stage, set_stage
from tests.integration.flow.tour import add_van, drive, north, order_to, own_fleet, put_tour, tour_of
from tests.unit.api import world as w

RECORD = """mutation($in: RecordFailedAttemptInput!) { recordFailedAttempt(input: $in) { __typename
  ... on RecordFailedAttemptSuccess { failedAttempt { id number failure state choices } }
  ... on Problem { code message } } }"""
DECIDE = """mutation($in: DecideFailedAttemptInput!) { decideFailedAttempt(input: $in) { __typename
  ... on DecideFailedAttemptSuccess { failedAttempt { state refundDraft { amount } decidedBy } }
  ... on Problem { code message } } }"""
RESCHEDULE = """mutation($in: RescheduleDeliveryInput!) { rescheduleDelivery(input: $in) { __typename
  ... on RescheduleDeliverySuccess { tracking { id promise { window { start } } } }
  ... on SlotUnavailable { alternatives { id } } ... on Problem { code path } } }"""
DROPOFF = """mutation($in: UpdateDropoffInput!) { updateDropoff(input: $in) { __typename
  ... on UpdateDropoffSuccess { tracking { status } } ... on Problem { code message } } }"""
RETURN = """mutation($in: CreateReturnRequestInput!) { createReturnRequest(input: $in) { __typename
  ... on CreateReturnRequestSuccess { returnRequest { id status lines { quantity } } }
  ... on Problem { code path } } }"""
RETURNS = """{ returnRequests(status: [RECEIVED, APPROVED, IN_TRANSIT]) { nodes { id status cost { amount }
  delivery { legs { direction } } order { status } } total { value } } }"""
CLAIM = """mutation($in: RecordClaimInput!) { recordClaim(input: $in) { __typename
  ... on RecordClaimSuccess { claim { status reference amount { amount } } } ... on Problem { code } } }"""
SAVE_SLOT = """mutation($in: SaveSlotTemplateInput!) { saveSlotTemplate(input: $in) {
  ... on SaveSlotTemplateSuccess { slotTemplate { id } } } }"""
TEMPLATE = {
    "name": "Tomorrow", "locationId": STORE.location_id, "weekdays": [2], "startsAt": "15:00",
    "endsAt": "17:00", "timeZone": "America/New_York", "capacity": 1, "cutoffSeconds": 7200,
    "price": {"amount": "2.00", "currencyCode": "USD"},
}  # fmt: skip
ACTIONS = "{ tracking { ... on Tracking { actions slots(first: 1) { nodes { id } } } } }"


@dataclass
class LabelPrinter(FakeCarrier):
    """Sells labels."""

    label_url: str = ""

    async def book(self, request: BookingRequest, budget_s: float) -> Booking:
        return replace(await super().book(request, budget_s), label_url=self.label_url)


@dataclass
class Desk:
    """A merchant's API, for the merchant and for the shopper of a delivery."""

    stage: Stage
    schema: GatewaySchema
    commands: FlowCommands
    reads: MerchantReads

    async def ask(self, document: str, shopper_of: str = "", /, **given: Any) -> Any:
        """The data of an answer without errors; as the merchant unless a delivery's shopper asks."""
        caller = (
            Caller(Audience.TRACKING, MERCHANT_ID, "", frozenset(), delivery_id=shopper_of)
            if shopper_of
            else Caller(Audience.SECRET, MERCHANT_ID, w.id_of("key"), frozenset(Scope))
        )
        live = cast(Live, None)  # nobody subscribes here
        session = Session(caller, self.reads, self.commands, live)
        context = Context(session, self.stage.clock, RequestInfo())
        result = await self.schema.execute(document, given, context)
        assert result.errors is None, result.errors
        assert result.data is not None
        await self.stage.settle()
        (answer,) = result.data.values()
        return answer

    async def tour(self) -> tuple[Delivery, Delivery]:
        """A van at the first of two doors."""
        await own_fleet(self.stage)
        first, second = await order_to(self.stage, **{"1001": north(2000), "1002": north(4000)})
        van = await add_van(self.stage)
        await put_tour(self.stage, van, [first, second])
        await drive(self.stage, van, north(0), north(400), north(2000), north(2000), north(2000), every_s=60)
        return first, second

    async def delivered(self, external_id: str = "1001") -> Delivery:
        """What a courier has brought."""
        delivery = await self.stage.booked(external_id)
        brought = self.stage.cheap.update(delivery.legs[0].external_id, DeliveryStatus.DELIVERED, "there")
        await apply_update(self.stage.means, MERCHANT_ID, "cheap", brought)
        await self.stage.settle()
        return delivery

    async def requests(self, order_id: str) -> list[ReturnRequest]:
        async with self.stage.means.begin(MERCHANT_ID) as work:
            return list(await work.returns.requests_of(order_id))


def _document_link(_: str, document_id: str) -> str:
    return f"https://ours.example/{document_id}"


@pytest.fixture
async def desk(dsn: Dsn, database: Database) -> AsyncIterator[Desk]:
    queue = open_queue(dsn.app)
    async with queue.open_async():
        transactions = Transactions(database, queue, Vault([Secret("k" * 40)]), lambda _: None)
        stage = await set_stage(database, queue, transactions, [])
        tokens = TrackingTokens([Secret("t" * 40)], stage.clock)
        commands = FlowCommands(part_of_a_house(stage, transactions, tokens), MERCHANT_ID)
        reads = MerchantReads(database, MERCHANT_ID, Plugins({}, {}, {}), tokens, _document_link)
        yield Desk(stage, schema_for(ApiSettings()), commands, reads)
        await stage.means.later.close()


async def test_a_shopper_moves_what_nobody_took_in_to_another_slot_and_nobody_elses(desk: Desk) -> None:
    first, second = await desk.tour()
    template = (await desk.ask(SAVE_SLOT, **{"in": TEMPLATE}))["slotTemplate"]
    assert (await desk.ask(ACTIONS, first.id))["actions"] == ["SEND_MESSAGE"]
    key = {"idempotencyKey": "failed-123"}
    failed = await desk.ask(RECORD, **{"in": {**key, "deliveryId": first.id, "reason": "NOT_HOME"}})
    assert failed["failedAttempt"]["choices"] == ["TRY_AGAIN", "SAFE_PLACE", "RETURN", "GIVE_UP"]
    again = await desk.ask(RECORD, **{"in": {**key, "deliveryId": first.id, "reason": "NOT_HOME"}})
    assert again == failed
    slot = f"{template['id']}.2026-11-24"
    assert await desk.ask(ACTIONS, first.id) == {
        "actions": ["RESCHEDULE", "CHOOSE_SAFE_PLACE", "SEND_MESSAGE"],
        "slots": {"nodes": [{"id": slot}]},
    }
    wish = {"idempotencyKey": "move-12345", "slotId": slot}
    foreign = await desk.ask(RESCHEDULE, second.id, **{"in": {**wish, "deliveryId": first.id}})
    assert (foreign["__typename"], foreign["code"]) == ("NotFound", "NOT_FOUND")
    idle = await desk.ask(RESCHEDULE, second.id, **{"in": wish})
    assert idle["code"] == "STATE_CONFLICT", "nobody failed to hand that one over"
    moved = await desk.ask(RESCHEDULE, first.id, **{"in": {**wish, "idempotencyKey": "move-67890"}})
    assert moved["tracking"]["id"] == first.id
    kept = await desk.stage.kept(first.id)
    assert kept.promise is not None
    # 15:00 in New York
    assert kept.promise.window.start.isoformat() == "2026-11-24T20:00:00+00:00"
    assert [leg.is_live for leg in kept.legs] == [False, True]
    shown = await desk.commands.slot(slot_id=slot)
    assert shown is not None
    assert shown.taken == 1


async def test_a_safe_place_reaches_the_driver_and_no_goods_that_need_a_hand(desk: Desk) -> None:
    first, second = await desk.tour()
    key = {"idempotencyKey": "leave-1234"}
    early = await desk.ask(DROPOFF, second.id, **{"in": {**key, "safePlace": "the blue shed"}})
    assert early["__typename"] == "UpdateDropoffSuccess"
    assert "the blue shed" in (await desk.stage.kept(second.id)).destination.instructions
    record = {"idempotencyKey": "failed-123", "deliveryId": first.id, "reason": "REFUSED"}
    await desk.ask(RECORD, **{"in": record})
    refused = await desk.ask(DROPOFF, first.id, **{"in": {**key, "safePlace": "the blue shed"}})
    assert refused["code"] == "STATE_CONFLICT"
    failed = (await desk.ask("query($id: ID!) { failedAttempts(deliveryId: $id) { id } }", id=first.id))[0]
    decide = {"idempotencyKey": "refund-123", "failedAttemptId": failed["id"], "choice": "GIVE_UP"}
    given_up = (await desk.ask(DECIDE, **{"in": decide}))["failedAttempt"]
    assert given_up == {"state": "GIVEN_UP", "refundDraft": {"amount": "42.00"}, "decidedBy": "PERSON"}


async def test_an_own_van_fetches_a_return_and_it_is_there_when_the_tour_is_over(desk: Desk) -> None:
    stage = desk.stage
    vans = await own_fleet(stage)
    (delivery,) = await order_to(stage, **{"1001": north(2000)})
    leg = delivery.legs[0]
    delivered = vans.update(leg.external_id, DeliveryStatus.DELIVERED, "delivered")
    await apply_update(stage.means, MERCHANT_ID, "own_fleet", delivered)
    await stage.settle()
    order_id = delivery.order_id
    lines = [{"lineExternalId": "line-1", "quantity": 3}]
    wish = {"idempotencyKey": "back-12345", "orderId": order_id, "lines": lines, "reason": "NOT_WANTED"}
    assert (await desk.ask(RETURN, **{"in": wish}))["path"] == ["input", "lines", "0", "quantity"]
    lines[0]["quantity"] = 2
    made = (await desk.ask(RETURN, **{"in": wish}))["returnRequest"]
    assert made["lines"] == [{"quantity": 2}]
    more = await desk.ask(RETURN, **{"in": {**wish, "idempotencyKey": "back-67890"}})
    assert more["path"] == ["input", "lines", "0", "quantity"], "it comes back already"
    (shown,) = (await desk.ask(RETURNS))["nodes"]
    assert (shown["status"], shown["cost"]["amount"]) == ("APPROVED", "1.00")
    assert shown["delivery"]["legs"] == [{"direction": "RETURN"}]
    asked = vans.asked[-1]
    assert asked.dropoff.line1 == "1001 Road", "an own van comes from its depot whichever way the goods go"
    async with stage.means.begin(MERCHANT_ID) as work:
        (back,) = await work.deliveries.unrouted(10)
    van = await add_van(stage)
    route = await put_tour(stage, van, [back])
    way = (north(0), north(400), north(2000), north(2000), north(2000), north(1000), north(900))
    await drive(stage, van, *way, every_s=60)
    await stage.settle()
    await look_after_returns(stage.means, MERCHANT_ID)
    (shown,) = (await desk.ask(RETURNS))["nodes"]
    assert shown["status"] == "IN_TRANSIT", "fetched, and still in the van"
    assert (await tour_of(stage, route)).stops[0].status is StopStatus.DONE
    await drive(stage, van, north(100), north(0), north(0), every_s=60)
    assert (await tour_of(stage, route)).status is RouteStatus.FINISHED
    await look_after_returns(stage.means, MERCHANT_ID)
    answer = await desk.ask(RETURNS)
    assert (answer["nodes"][0]["status"], answer["nodes"][0]["order"]) == ("RECEIVED", {"status": "RETURNED"})
    assert answer["total"] == {"value": 1}


async def test_a_return_asked_for_twice_with_one_key_is_one_return(desk: Desk) -> None:
    order_id = (await desk.delivered()).order_id
    lines = (FulfillmentLine("line-1", 1),)
    at_the_door = Window.around(desk.stage.clock.now(), before_s=0.5, after_s=3600)
    wish = Wish(order_id, lines, ReturnReason.NOT_WANTED, pickup=at_the_door)
    # Written down by a call that died before it could remember its key.
    first = await request_return(desk.stage.means, MERCHANT_ID, wish, "back-12345")
    assert (first.merchant_id, first.order_id) == (MERCHANT_ID, order_id)
    asked: dict[str, Any] = {
        "order_id": order_id,
        "lines": lines,
        "reason": ReturnReason.NOT_WANTED,
        "method": ReturnMethod.DOOR,
        "pickup": at_the_door,
    }
    again = await desk.commands.create_return_request(idempotency_key="back-12345", **asked)
    assert again.id == first.id
    pair = [desk.commands.create_return_request(idempotency_key="back-67890", **asked) for _ in range(2)]
    left, right = await asyncio.gather(*pair)
    assert left.id == right.id != first.id
    assert [one.id for one in await desk.requests(order_id)] == sorted({first.id, left.id})
    with pytest.raises(IdempotencyConflict):
        await request_return(
            desk.stage.means, MERCHANT_ID, replace(wish, reason=ReturnReason.OTHER), "back-67890"
        )
    assert len(await desk.requests(order_id)) == 2


async def test_one_key_for_two_orders_is_refused_and_the_second_gets_nothing(desk: Desk) -> None:
    """Also where both come at once, or the first died before it could answer."""
    delivery = await desk.delivered()
    other = await desk.delivered("1002")

    def wish(order_id: str, key: str) -> dict[str, Any]:
        lines = [{"lineExternalId": "line-1", "quantity": 1}]
        return {"idempotencyKey": key, "orderId": order_id, "lines": lines, "reason": "NOT_WANTED"}

    asked = RETURN.replace("code path", "code path message")
    answers = await asyncio.gather(
        *(
            desk.ask(asked, **{"in": wish(one.order_id, f"both-{number:03}")})
            for number in range(2)
            for one in (delivery, other)
        )
    )
    made = [one["returnRequest"]["id"] for one in answers if "returnRequest" in one]
    refused = [one for one in answers if "returnRequest" not in one]
    assert [one["code"] for one in refused] == ["IDEMPOTENCY_MISMATCH"] * 2
    assert {one["message"] for one in refused} == {"This idempotencyKey was used with other input."}
    kept = [*await desk.requests(delivery.order_id), *await desk.requests(other.order_id)]
    assert sorted(one.id for one in kept) == sorted(made)
    assert len(made) == 2

    first = Wish(delivery.order_id, (FulfillmentLine("line-1", 1),), ReturnReason.OTHER)
    with pytest.raises(IdempotencyConflict):
        await request_return(desk.stage.means, MERCHANT_ID, first, "both-000")
    assert len(await desk.requests(delivery.order_id)) + len(await desk.requests(other.order_id)) == 2


async def test_windows_that_nobody_can_keep_and_ways_that_nobody_knows_are_refused(desk: Desk) -> None:
    delivery = await desk.delivered()
    now, key = desk.stage.clock.now(), {"idempotencyKey": "window-123"}
    back = {**key, "orderId": delivery.order_id, "lines": [{"lineExternalId": "line-1", "quantity": 1}]}
    back["reason"] = "OTHER"
    decide = {**key, "failedAttemptId": w.id_of("att"), "choice": "TRY_AGAIN"}
    reschedule = RESCHEDULE.replace("code path", "code path message")
    made = RETURN.replace("code path", "code path message")
    decided = DECIDE.replace("code message", "code path message")
    cases = (
        (reschedule, {**key, "deliveryId": delivery.id}, "window"),
        (decided, decide, "window"),
        (made, back, "pickup"),
    )
    hour, ends = timedelta(hours=1), datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
    for start, end, why in (
        (now - hour, now, "future"),
        (now + hour, now + hour, "after start"),
        (now + 2 * hour, now + hour, "after start"),
        (now, now + timedelta(days=60, seconds=1), "60 days"),
        (now, ends, "60 days"),
    ):
        window = {"start": start.isoformat(), "end": end.isoformat()}
        for document, given, name in cases:
            answer = await desk.ask(document, **{"in": {**given, name: window}})
            assert (answer["__typename"], answer["path"]) == ("InvalidInput", ["input", name, "end"])
            assert why in answer["message"]
    other = await desk.ask(made, **{"in": {**back, "method": "OTHER"}})
    assert (other["code"], other["path"]) == ("INVALID_INPUT", ["input", "method"])
    assert await desk.requests(delivery.order_id) == []
    window = {"start": (now - hour).isoformat(), "end": (now + timedelta(days=60)).isoformat()}
    kept = await desk.ask(made, **{"in": {**back, "pickup": window}})
    assert kept["__typename"] == "CreateReturnRequestSuccess"


@pytest.mark.parametrize("is_inside", [True, False], ids=["inside", "a-link"])
async def test_the_label_of_a_return_is_ours_or_the_carriers_link_and_never_the_label_itself(
    desk: Desk, is_inside: bool
) -> None:
    delivery = await desk.delivered()
    label = base64.b64encode(b"%PDF-1.4 a label").decode()
    url = f"data:application/pdf;base64,{label}" if is_inside else "https://labels.example/1.pdf"
    await desk.stage.link(LabelPrinter("printer", desk.stage.clock, 100, DeliveryMode.PARCEL, label_url=url))
    wish: dict[str, Any] = {"idempotencyKey": "back-12345", "orderId": delivery.order_id}
    wish |= {
        "reason": "NOT_WANTED",
        "method": "PARCEL_SHOP",
        "lines": [{"lineExternalId": "line-1", "quantity": 1}],
    }
    made = (await desk.ask(RETURN, **{"in": wish}))["returnRequest"]
    (request,) = await desk.requests(delivery.order_id)
    assert request.label_url == ("" if is_inside else url)
    shown = await desk.ask("query($id: ID!) { returnRequest(id: $id) { labelUrl } }", id=made["id"])
    if is_inside:
        assert shown["labelUrl"].startswith("https://ours.example/doc_")
    else:
        assert shown == {"labelUrl": url}
    async with desk.stage.means.begin(MERCHANT_ID) as work:
        # As older returns were written down.
        await work.returns.put_request(replace(request, label_url="data:,x", delivery_id=None))
    shown = await desk.ask("query($id: ID!) { returnRequest(id: $id) { labelUrl } }", id=made["id"])
    assert shown == {"labelUrl": None}


async def test_a_lost_parcel_becomes_a_claim_that_a_person_files(desk: Desk) -> None:
    stage = desk.stage
    delivery = await stage.booked()
    external_id = delivery.legs[0].external_id
    for status, raw in ((DeliveryStatus.PICKED_UP, "picked"), (DeliveryStatus.FAILED, "gone")):
        update = stage.cheap.update(external_id, status, raw)
        await apply_update(stage.means, MERCHANT_ID, "cheap", update)
        stage.clock.advance(minutes=5)
    await stage.settle()
    (incident,) = await stage.incidents()
    assert incident.kind is IncidentKind.LOST
    assert [step.action for step in incident.steps] == ["CLAIM", "REFUND_DRAFT"]
    claims = "{ lossClaims(status: [DRAFT]) { nodes { id amount { amount } fileBy exceptionId } } }"
    (claim,) = (await desk.ask(claims))["nodes"]
    # 42.00 for the goods and 5.00 for the delivery
    assert (claim["amount"]["amount"], claim["exceptionId"]) == ("47.00", incident.id)
    due = stage.clock.now() + timedelta(days=14)
    assert claim["fileBy"].startswith(f"{due:%Y-%m-%d}")
    early = await desk.ask(CLAIM, **{"in": {"claimId": claim["id"], "status": "PAID"}})
    assert early["code"] == "STATE_CONFLICT"
    filed = {"claimId": claim["id"], "status": "FILED", "reference": "C-7"}
    assert (await desk.ask(CLAIM, **{"in": filed}))["claim"]["reference"] == "C-7"


async def test_pieces_of_one_line_that_came_in_two_parts_come_back_part_by_part(desk: Desk) -> None:
    stage = desk.stage
    stage.shop.put("1001", units=["a", "b"], left=1)
    await stage.take_in()
    await stage.settle()
    order = await stage.order()
    async with stage.means.begin(MERCHANT_ID) as work:
        for unit in order.fulfillment_orders:
            arrived = replace(unit, status=FulfillmentOrderStatus.DELIVERED)
            await work.orders.put_fulfillment_order(arrived)

    async def back(pieces: int) -> ReturnRequest:
        wish = Wish(order.id, (FulfillmentLine("line-1", pieces),), ReturnReason.NOT_WANTED)
        return await request_return(stage.means, MERCHANT_ID, wish)

    with pytest.raises(InvalidInput, match="must be 1 to 1 for line-1, got 2"):
        await back(2)
    made = [await back(1), await back(1)]
    assert [one.unit_id for one in made] == [unit.id for unit in order.fulfillment_orders]
    with pytest.raises(InvalidInput, match="Nothing of line-1 is left"):
        await back(1)
