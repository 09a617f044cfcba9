"""Subscriptions after their snapshot: told once for all who ask for the same, and a place without reading."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from doorstep.delivery_status import DeliveryStatus
from doorstep.geo import LatLng
from doorstep.position import Position
from gateway.api.ports.records import LiveKind, LiveMessage
from gateway.api.schema import GatewaySchema
from gateway.api.sharing.follower import Follower
from gateway.api.sharing.sharing import Sharing
from gateway.api.sharing.told import Asked
from gateway.auth.caller import Caller, Scope
from tests.unit.api import world as w
from tests.unit.api.fake_reads import GOOD_TOKEN
from tests.unit.api.fakes import House, publishable, secret, tracking

DELIVERIES = (
    "subscription($after: String) { deliveryUpdated(after: $after) { cursor kind delivery { id status } } }"
)
TRACKING = """subscription { trackingUpdated { cursor kind sentAt tracking { status headline ...Place } } }
fragment Place on Tracking {
  where: position { __typename location { latitude } recordedAt ageSeconds } positionHidden }"""
TOPIC = f"delivery:{w.DELIVERY.id}"
OWN_VAN = replace(
    w.DELIVERY,
    driver_id=w.DRIVER.id,
    eta=None if w.DELIVERY.eta is None else replace(w.DELIVERY.eta, stops_before=1),
)
ELSEWHERE = Position(LatLng(40.5, -3.7), w.NOW - timedelta(seconds=4))


def framed(text: bytes) -> bytes:
    return b"|" + text


class Way:
    """A way out that a test can fill."""

    def __init__(self) -> None:
        self.is_full = False
        self.has_written = False
        self.frame = framed
        self.sent: list[dict[str, Any]] = []
        self.frames: list[bytes] = []
        self.writes = 0
        self._kept: list[bytes] = []

    def put(self, frame: bytes) -> bool:
        self._kept.append(frame)
        return len(self._kept) == 1

    def flush(self) -> None:
        self.writes += 1
        self.frames += self._kept
        self.sent += [json.loads(frame[1:]) for frame in self._kept]
        self._kept.clear()

    def send(self, text: bytes) -> None:
        self.put(framed(text))
        self.flush()

    def on_room(self, listener: Callable[[], None]) -> None:
        raise NotImplementedError

    def on_full(self, listener: Callable[[], None]) -> None:
        raise NotImplementedError

    def abort(self) -> None:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    def told(self) -> list[dict[str, Any]]:
        """The updates so far."""
        return [update for each in self.sent for update in each["payload"]["data"].values()]


class Room:
    """Subscriptions over one schema that share."""

    def __init__(self, schema: GatewaySchema, house: House) -> None:
        self.house = house
        self.sharing = Sharing(schema, house.clock)
        self.ended: list[bool] = []
        self.held = 0
        self._followers: list[Follower] = []

    async def begin(
        self,
        query: str,
        caller: Caller | None = None,
        *,
        way: Way | None = None,
        id_: str = "",
        **variables: Any,
    ) -> Way:
        """Take the snapshot as a socket does, and go on from there."""
        way, context = way or Way(), self.house.context(caller)
        context.goes_on = True
        async with aclosing(await self.sharing.schema.stream(query, variables, context)) as source:
            async for _ in source:
                pass
        assert context.standing is not None
        asked = Asked(context.session, context.request, query, None, variables)
        cost = None if context.cost is None or "after" not in variables else {"cost": context.cost}
        follower = Follower(
            self.sharing,
            way,
            id_ or str(len(self._followers)),
            asked,
            context.standing,
            first_extensions=cost,
            ended=lambda _, by_fault: self.ended.append(by_fault),
            held=self._hold,
        )
        self._followers.append(follower)
        return way

    def _hold(self) -> None:
        self.held += 1

    async def settle(self) -> None:
        """Until nobody has anything to do."""
        for _ in range(60):
            await asyncio.sleep(0)

    async def close(self) -> None:
        for follower in self._followers:
            await follower.leave()


@pytest.fixture
async def room(schema: GatewaySchema, house: House) -> AsyncIterator[Room]:
    house.reads.things["deliveries"] = {w.DELIVERY.id: OWN_VAN}
    opened = Room(schema, house)
    yield opened
    await opened.close()
    assert house.live.feeds == {}
    assert opened.sharing.group_count == 0


async def test_a_change_is_read_once_for_all_who_ask_for_the_same(room: Room) -> None:
    ways = [await room.begin(DELIVERIES) for _ in range(5)]
    before = room.house.reads.calls["deliveries"]
    room.house.live.tell("deliveries", w.DELIVERY.id)
    await room.settle()
    assert room.house.reads.calls["deliveries"] == before + 1
    for number, way in enumerate(ways):
        (message,) = way.sent
        assert (message["id"], message["type"]) == (str(number), "next")
        assert way.told()[0]["delivery"]["status"] == "OUT_FOR_DELIVERY"


@pytest.mark.parametrize(
    ("one", "other", "groups"),
    [
        (secret(), replace(secret(), key_id=w.id_of("key", 7)), 1),
        (secret(), secret(Scope.READ), 2),
        (secret(), replace(secret(), merchant_id=w.id_of("mer", 7)), 2),
        (tracking(), tracking(), 1),
        (tracking(), tracking(w.id_of("del", 2)), 2),
        (tracking(), tracking(expires_at=w.NOW + timedelta(hours=1)), 2),
    ],
)
async def test_only_those_of_the_same_right_share(
    room: Room, one: Caller, other: Caller, groups: int
) -> None:
    room.house.reads.things["deliveries"][w.id_of("del", 2)] = w.delivery(2)
    query = DELIVERIES if one == secret() else TRACKING
    for caller in (one, other):
        await room.begin(query, caller)
    assert room.sharing.group_count == groups


async def test_those_who_came_back_at_other_places_share_what_comes(room: Room) -> None:
    for _ in range(2):
        room.house.live.tell("deliveries", w.DELIVERY.id)
    early, late = await room.begin(DELIVERIES, after="0"), await room.begin(DELIVERIES, after="1")
    await room.settle()
    assert [len(early.sent), len(late.sent), room.sharing.group_count] == [2, 1, 1]
    assert "cost" in early.sent[0]["payload"]["extensions"]
    assert "extensions" not in early.sent[1]["payload"]


async def test_a_subscription_is_told_the_same_as_without_sharing(schema: GatewaySchema, room: Room) -> None:
    room.house.reads.things["deliveries"] = {w.delivery(n).id: w.delivery(n) for n in (1, 2)}
    alone: Any = await schema.stream(DELIVERIES, {}, room.house.context())
    async with aclosing(alone) as source:
        opening = [await anext(source) for _ in range(3)]
        way = await room.begin(DELIVERIES)
        room.house.live.tell("deliveries", w.DELIVERY.id)
        lost = LiveMessage("1", "", "", LiveKind.LOST)
        for feed in room.house.live.feeds:
            feed.tell(lost)
        expected = [(await anext(source)).data["deliveryUpdated"] for _ in range(5)]
        await room.settle()
    assert [update.data["deliveryUpdated"]["kind"] for update in opening][-1] == "CHECKPOINT"
    assert way.told() == expected
    assert [update["kind"] for update in expected] == [
        "CHANGE",
        "RESET",
        "SNAPSHOT",
        "SNAPSHOT",
        "CHECKPOINT",
    ]


async def test_a_place_is_told_without_reading_and_as_it_would_be_read(room: Room) -> None:
    way = await room.begin(TRACKING, tracking())
    room.house.live.tell(TOPIC, w.DELIVERY.id, room.house.reads.things["driver_states"][w.DRIVER.id].position)
    await room.settle()
    read = room.house.reads.calls.total()
    room.house.live.tell(TOPIC, w.DELIVERY.id, room.house.reads.things["driver_states"][w.DRIVER.id].position)
    room.house.live.tell(TOPIC, w.DELIVERY.id, ELSEWHERE)
    await room.settle()
    assert room.house.reads.calls.total() == read
    first, second, third = way.told()
    assert second == first | {"cursor": "2"}
    assert list(second) == list(first)
    assert third["tracking"]["where"] == {
        "__typename": "Position",
        "location": {"latitude": 40.5},
        "recordedAt": first["tracking"]["where"]["recordedAt"].replace("09:30:00", "09:29:56"),
        "ageSeconds": 4,
    }


async def test_a_change_is_read_and_the_places_after_it_are_told_on_top_of_it(room: Room) -> None:
    way = await room.begin(TRACKING, tracking())
    for _ in range(2):
        room.house.live.tell(TOPIC, w.DELIVERY.id, ELSEWHERE)
        await room.settle()
    room.house.reads.things["deliveries"][w.DELIVERY.id] = replace(OWN_VAN, status=DeliveryStatus.AT_DROPOFF)
    room.house.live.tell(TOPIC, w.DELIVERY.id)
    room.house.live.tell(TOPIC, w.DELIVERY.id, ELSEWHERE)
    await room.settle()
    statuses = [update["tracking"]["status"] for update in way.told()]
    assert statuses == ["OUT_FOR_DELIVERY", "OUT_FOR_DELIVERY", "AT_DROPOFF", "AT_DROPOFF"]


async def test_a_change_that_comes_while_another_is_read_is_told_after_the_place_between(room: Room) -> None:
    way = await room.begin(TRACKING, tracking())
    room.house.live.tell(TOPIC, w.DELIVERY.id)
    room.house.live.tell(TOPIC, w.DELIVERY.id, ELSEWHERE)
    # The first change is being read by now, and the place behind it is already taken from the feed.
    await asyncio.sleep(0)
    room.house.live.tell(TOPIC, w.DELIVERY.id)
    await room.settle()
    assert [update["cursor"] for update in way.told()] == ["1", "2", "3"]


async def test_a_place_that_the_shopper_may_not_see_is_masked_without_reading_too(room: Room) -> None:
    assert OWN_VAN.eta is not None
    far = replace(OWN_VAN, eta=replace(OWN_VAN.eta, stops_before=9))
    room.house.reads.things["deliveries"][w.DELIVERY.id] = far
    way = await room.begin(TRACKING, tracking())
    for _ in range(2):
        room.house.live.tell(TOPIC, w.DELIVERY.id, ELSEWHERE)
        await room.settle()
    for update in way.told():
        assert update["tracking"]["where"] is None
        assert update["tracking"]["positionHidden"] == "TOO_MANY_STOPS_BEFORE"


@pytest.mark.parametrize(
    "selection",
    [
        "status @include(if: true) position { ageSeconds }",
        "position { ageSeconds } slots { nodes { id } }",
    ],
)
async def test_what_needs_reading_is_read_every_time(room: Room, selection: str) -> None:
    if "slots" in selection:
        room.house.commands.answers["slots_of"] = []
    query = f"subscription {{ trackingUpdated {{ tracking {{ {selection} }} }} }}"
    await room.begin(query, tracking())
    before = room.house.reads.calls["deliveries"]
    for count in (1, 2):
        room.house.live.tell(TOPIC, w.DELIVERY.id, ELSEWHERE)
        await room.settle()
        assert room.house.reads.calls["deliveries"] == before + count


async def test_a_place_that_nobody_can_write_keeps_no_one_from_what_comes_after_it(room: Room) -> None:
    query = TRACKING.replace("ageSeconds", "headingDegrees")
    ways = [await room.begin(query, tracking()), await room.begin(DELIVERIES)]
    for heading_deg in (90.0, math.inf, 90.0):
        room.house.live.tell(TOPIC, w.DELIVERY.id, replace(ELSEWHERE, heading_deg=heading_deg))
        room.house.live.tell("deliveries", w.DELIVERY.id)
        await room.settle()
    assert [len(way.sent) for way in ways] == [3, 3]


async def test_a_subscription_that_breaks_ends_alone(room: Room) -> None:
    class Broken(Way):
        def put(self, frame: bytes) -> bool:
            raise RuntimeError("this way out is broken")

    ways = [await room.begin(DELIVERIES, way=Broken()), await room.begin(TRACKING, tracking())]
    # What is told of a place again goes out within the round.
    for _ in range(2):
        room.house.live.tell("deliveries", w.DELIVERY.id)
        room.house.live.tell(TOPIC, w.DELIVERY.id, ELSEWHERE)
        await room.settle()
    assert room.ended == [True]
    assert [len(way.sent) for way in ways] == [0, 2]


async def test_a_link_that_ends_shows_no_place_any_more_and_ends_the_subscription(room: Room) -> None:
    query = TRACKING.replace("trackingUpdated", f'trackingUpdated(token: "{GOOD_TOKEN}")')
    way = await room.begin(query, publishable())
    room.house.live.tell(TOPIC, w.DELIVERY.id, ELSEWHERE)
    await room.settle()
    room.house.clock.at = w.NOW + timedelta(days=30)
    room.house.live.tell(TOPIC, w.DELIVERY.id, ELSEWHERE)
    await room.settle()
    payload = way.sent[-1]["payload"]
    assert payload["data"] is None
    assert payload["errors"][0]["extensions"]["code"] == "TOKEN_EXPIRED"
    assert room.ended == [False]


async def test_nothing_is_told_by_a_right_that_ended_though_the_socket_is_still_there(room: Room) -> None:
    ways = [
        await room.begin(TRACKING, tracking(expires_at=w.NOW + timedelta(hours=hours))) for hours in (1, 2)
    ]
    for ways_told in ([1, 1], [1, 2]):
        room.house.live.tell(TOPIC, w.DELIVERY.id, ELSEWHERE)
        await room.settle()
        assert [len(way.sent) for way in ways] == ways_told
        # Nothing rang yet that ends a socket: the clock alone is past the end.
        room.house.clock.at = w.NOW + timedelta(hours=1)


async def test_a_full_socket_takes_nothing_until_it_has_room(room: Room) -> None:
    way = await room.begin(DELIVERIES)
    way.is_full = True
    before = room.house.reads.calls["deliveries"]
    for _ in range(3):
        room.house.live.tell("deliveries", w.DELIVERY.id)
    await room.settle()
    assert (way.sent, room.house.reads.calls["deliveries"]) == ([], before)
    way.is_full = False
    room._followers[0].wake()
    await room.settle()
    assert [update["cursor"] for update in way.told()] == ["1", "2", "3"]


async def test_a_subscription_that_ends_by_itself_ends_here_too(room: Room) -> None:
    query = f'subscription {{ routePlanProgress(planId: "{w.PLAN.id}") {{ kind plan {{ status }} }} }}'
    way = await room.begin(query)
    ready = replace(w.PLAN, status=type(w.PLAN.status).READY)
    room.house.reads.things["route_plans"][w.PLAN.id] = ready
    room.house.live.tell(f"plan:{w.PLAN.id}", w.PLAN.id)
    await room.settle()
    assert way.told()[-1]["plan"]["status"] == "READY"
    assert room.ended == [False]


async def test_positions_are_gathered_into_one_message(room: Room) -> None:
    way = await room.begin(
        "subscription { driverMoved(everySeconds: 0.2) { cursor moved { driver { name } } } }"
    )
    for _ in range(5):
        room.house.live.tell("drivers", w.DRIVER.id)
    async with asyncio.timeout(5):
        while not way.sent:
            await asyncio.sleep(0.02)
    assert [(update["cursor"], len(update["moved"])) for update in way.told()] == [("5", 1)]


async def test_who_reads_the_same_under_the_same_name_is_written_the_same_bytes(room: Room) -> None:
    ways = [await room.begin(DELIVERIES, id_="1") for _ in range(3)]
    room.house.live.tell("deliveries", w.DELIVERY.id)
    await room.settle()
    first, second, third = (way.frames[-1] for way in ways)
    assert first is second is third


async def test_what_several_operations_of_a_socket_are_told_at_once_is_written_at_once(room: Room) -> None:
    way = await room.begin(TRACKING, tracking())
    await room.begin(TRACKING, tracking(), way=way)
    for times in (1, 2):
        room.house.live.tell(TOPIC, w.DELIVERY.id, ELSEWHERE)
        await room.settle()
        assert (len(way.frames), way.writes) == (2 * times, times)


async def test_a_place_of_a_delivery_is_told_to_boards_without_reading(room: Room) -> None:
    query = f"""subscription {{ deliveryUpdated(ids: ["{w.DELIVERY.id}", "{w.id_of("del", 2)}"]) {{
      cursor kind leftFilter delivery {{ id status activeLeg {{ price {{ amount }} }} }} }} }}"""
    way = await room.begin(query)
    room.house.live.tell(TOPIC, w.DELIVERY.id)
    await room.settle()
    read = room.house.reads.calls.total()
    room.house.live.tell(TOPIC, w.DELIVERY.id, ELSEWHERE)
    await room.settle()
    assert room.house.reads.calls.total() == read
    first, second = way.told()
    assert second == first | {"cursor": "2"}


@pytest.mark.parametrize(
    "field",
    [
        "tracking { positionHidden }",
        "driver { name }",
        "activeLeg { position { ageSeconds } }",
        "legs { ... on Leg { position { ageSeconds } } }",
    ],
)
async def test_what_moves_with_a_place_is_read_for_boards(room: Room, field: str) -> None:
    way = await room.begin(
        f'subscription {{ deliveryUpdated(ids: ["{w.DELIVERY.id}"]) {{ delivery {{ {field} }} }} }}'
    )
    for _ in range(2):
        before = room.house.reads.calls["deliveries"]
        room.house.live.tell(TOPIC, w.DELIVERY.id, ELSEWHERE)
        await room.settle()
        assert room.house.reads.calls["deliveries"] > before
    assert len(way.sent) == 2


async def test_who_gathers_as_long_is_told_the_same_bytes_though_they_came_at_other_times(room: Room) -> None:
    query = "subscription { driverMoved(everySeconds: 0.2) { moved { driver { name } } } }"
    ways = []
    for _ in range(2):
        ways.append(await room.begin(query, id_="1"))
        await asyncio.sleep(0.03)
    room.house.live.tell("drivers", w.DRIVER.id)
    async with asyncio.timeout(5):
        while not all(way.frames for way in ways):
            await asyncio.sleep(0.01)
    one, other = ways
    assert one.frames[0] is other.frames[0]


async def test_what_waits_for_a_full_socket_is_weighed(room: Room) -> None:
    way = await room.begin(DELIVERIES)
    way.is_full, before = True, room.held
    for _ in range(5):
        room.house.live.tell("deliveries", w.DELIVERY.id)
    await room.settle()
    assert room.held > before
    assert room._followers[0].waiting_bytes == 5 * 400
