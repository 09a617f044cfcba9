"""The simulated Stuart by itself: its protocol as documented, spoken to without the connector."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.carriers.books import BookState
from simulator.carriers.serving import serve
from simulator.carriers.stuart import ERRORS, FakeStuart, Pace
from simulator.clock import WorldClock
from simulator.postman import Postman

START = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


def job(reference: str = "ref_1", street: str = "2 rue du Test", **fields: object) -> dict[str, Any]:
    dropoff = {
        "address": f"{street}, 75002 Paris, FR",
        "coordinates": {"lat": 48.868, "long": 2.352},
        "contact": {"firstname": "A.", "phone": "+33100000009"},
        "package_type": "small",
        "client_reference": reference,
    }
    pickup = {"address": "1 rue du Test, 75001 Paris, FR", "coordinates": {"lat": 48.86, "long": 2.34}}
    return {"job": {"pickups": [pickup], "dropoffs": [dropoff], **fields}}


def tour(*references: str, **fields: str) -> dict[str, Any]:
    """One job with a door for each reference."""
    whole = job(**fields)
    (door,) = whole["job"]["dropoffs"]
    whole["job"]["dropoffs"] = [door | {"client_reference": reference} for reference in references]
    return whole


def at(minutes: float) -> str:
    return (START + timedelta(minutes=minutes)).isoformat()


@dataclass(slots=True)
class Rig:
    clock: WorldClock
    postman: Postman
    stuart: FakeStuart
    session: aiohttp.ClientSession
    letters: list[tuple[str, dict[str, Any]]]

    async def call(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        async with self.session.request(method, path, json=body) as response:
            return response.status, await response.json() if response.status != 204 else None

    async def live(self, seconds: float, step_s: float) -> None:
        for _ in range(round(seconds / step_s)):
            self.clock.advance(step_s)
            await self.stuart.tick(self.clock.now())
            await self.postman.tick(self.clock.now())


@pytest.fixture
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    options: dict[str, Any] = getattr(request, "param", {})
    letters: list[tuple[str, dict[str, Any]]] = []

    async def take_letter(letter: Request) -> Response:
        letters.append((letter.headers["x-key"], json.loads(await letter.body())))
        return Response(status_code=200)

    world = Starlette(routes=[Route("/hook", take_letter, methods=["POST"])])
    clock = WorldClock(START, rate=0)
    postman = Postman(clock, random.Random(11))
    async with serve(world) as url:
        stuart = FakeStuart(
            clock,
            postman,
            random.Random(7),
            client_id="client",
            client_secret="hush",
            webhook_url=f"{url}/hook",
            webhook_secret="key",
            webhook_header="X-Key",
            **options,
        )
        world.mount("/", stuart.app)
        token = stuart.new_token(START + timedelta(days=30))
        headers = {"Authorization": f"Bearer {token}"}
        async with aiohttp.ClientSession(url, headers=headers) as session:
            yield Rig(clock, postman, stuart, session, letters)
        await stuart.close()
        await postman.close()


@pytest.mark.parametrize("code", sorted(ERRORS))
async def test_an_address_may_ask_for_any_error(rig: Rig, code: str) -> None:
    status, answer = await rig.call("POST", "/v2/jobs/pricing", job(street=f"2 FAIL {code} rue"))

    assert (status, answer["error"]) == (ERRORS[code][0], code)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"pickup_at": at(-10)}, "job.pickup_at"),
        ({"pickup_at": at(60 * 24 * 4 + 10)}, "job.pickup_at"),
        ({"dropoff_at": "tomorrow"}, "job.dropoff_at"),
        ({"pickup_at": at(60), "dropoff_at": at(90)}, "job.dropoff_at"),
    ],
)
async def test_an_appointment_that_breaks_a_rule_is_an_invalid_record(
    rig: Rig, fields: dict[str, Any], field: str
) -> None:
    status, answer = await rig.call("POST", "/v2/jobs", job(**fields))

    assert (status, answer["error"], list(answer["data"])) == (422, "RECORD_INVALID", [field])


async def test_a_reference_is_taken_once_for_all(rig: Rig) -> None:
    made, first = await rig.call("POST", "/v2/jobs", job())
    await rig.call("POST", f"/v2/jobs/{first['id']}/cancel")

    status, answer = await rig.call("POST", "/v2/jobs", job())

    assert made == 201
    assert (status, list(answer["data"])) == (422, ["job.dropoffs.client_reference"])
    assert [entry.state for entry in rig.stuart.books()] == [BookState.CANCELLED]


async def test_jobs_are_listed_by_reference_and_status_newest_first(rig: Rig) -> None:
    for place in range(3):
        await rig.call("POST", "/v2/jobs", job(f"ref_{place}"))

    _, one = await rig.call("GET", "/v2/jobs?client_reference=ref_1")
    _, page = await rig.call("GET", "/v2/jobs?status=searching&per_page=2&page=1")

    assert [entry["deliveries"][0]["client_reference"] for entry in one] == ["ref_1"]
    assert [entry["deliveries"][0]["client_reference"] for entry in page] == ["ref_2", "ref_1"]


@pytest.mark.parametrize("step_s", [5.0, 600.0])
async def test_a_jump_in_time_leaves_no_message_out(rig: Rig, step_s: float) -> None:
    await rig.call("POST", "/v2/jobs", job())
    await rig.live(3600, step_s)

    told = {(body["event"], json.dumps(body)) for _, body in rig.letters}
    words = {body["data"]["status"] for _, body in rig.letters if body["event"] == "delivery"}
    assert words == {
        "picking",
        "almost_picking",
        "waiting_at_pickup",
        "delivering",
        "almost_delivering",
        "waiting_at_dropoff",
        "delivered",
    }
    # The same seed gives the same ride, however the time was cut.
    counts = {event: sum(1 for kind, _ in told if kind == event) for event in ("job", "delivery", "driver")}
    assert counts == {"job": 3, "delivery": 7, "driver": 25}
    assert {key for key, _ in rig.letters} == {"key"}


@pytest.mark.parametrize("rig", [{"pace": Pace(dropout_chance=0.6)}], indirect=True)
async def test_couriers_may_give_up_by_themselves_and_others_bring_it(rig: Rig) -> None:
    for place in range(4):
        await rig.call("POST", "/v2/jobs", job(f"ref_{place}"))
    await rig.live(7200, 60)

    dropped = [b for _, b in rig.letters if b["event"] == "delivery" and b["data"]["status"] == "pending"]
    assert dropped
    assert {entry.state for entry in rig.stuart.books()} == {BookState.DELIVERED}


async def test_a_stranger_gets_no_token_and_no_answer(rig: Rig) -> None:
    form = {
        "client_id": "client",
        "client_secret": "wrong",
        "grant_type": "client_credentials",
        "scope": "api",
    }
    async with rig.session.post("/oauth/token", data=form) as refused:
        assert (refused.status, (await refused.json())["error"]) == (401, "INVALID_GRANT")
    rig.stuart.revoke_tokens()

    status, answer = await rig.call("GET", "/v2/jobs")

    assert (status, answer["message"]) == (401, "The access token was revoked")


@pytest.mark.parametrize(
    ("body", "error", "field"),
    [
        (tour(), "JOB_DELIVERIES_INVALID", None),
        (tour(*(f"ref_{place}" for place in range(9))), "JOB_DELIVERIES_INVALID", None),
        (tour("ref_1", "ref_2", dropoff_at=at(90)), "RECORD_INVALID", "job.dropoff_at"),
        (tour("ref_1", "ref_1"), "RECORD_INVALID", "job.dropoffs.client_reference"),
        (tour("ref_1", "ref_0"), "RECORD_INVALID", "job.dropoffs.client_reference"),
    ],
    ids=["none", "nine", "dropoff_at", "twice", "taken"],
)
async def test_a_tour_that_breaks_a_rule_is_refused_whole(
    rig: Rig, body: dict[str, Any], error: str, field: str | None
) -> None:
    await rig.call("POST", "/v2/jobs", job("ref_0"))

    status, answer = await rig.call("POST", "/v2/jobs", body)

    assert (status, answer["error"], next(iter(answer.get("data", {})), None)) == (422, error, field)
    assert [entry.external_id for entry in rig.stuart.books()] == ["ref_0"]


async def test_every_door_of_a_tour_has_messages_of_its_own_and_the_job_ends_once(rig: Rig) -> None:
    status, made = await rig.call("POST", "/v2/jobs", tour(*(f"ref_{place}" for place in range(8))))
    await rig.live(3 * 3600, 60)

    ends = {
        body["data"]["clientReference"]
        for _, body in rig.letters
        if body["event"] == "delivery" and body["data"]["status"] == "delivered"
    }
    jobs = [body["data"] for _, body in rig.letters if body["event"] == "job"]
    assert (status, len({delivery["id"] for delivery in made["deliveries"]})) == (201, 8)
    assert ends == {f"ref_{place}" for place in range(8)}
    assert {len(data["deliveries"]) for data in jobs} == {8}
    assert {json.dumps(data) for data in jobs if data["status"] == "finished"} == {json.dumps(jobs[-1])}


async def test_a_job_is_canceled_with_the_last_of_its_deliveries(rig: Rig) -> None:
    _, made = await rig.call("POST", "/v2/jobs", tour("ref_1", "ref_2"))
    numbers = [delivery["id"] for delivery in made["deliveries"]]

    answers = [
        await rig.call("POST", f"/v2/deliveries/{number}/cancel") for number in (*numbers, numbers[0], 1)
    ]
    _, after = await rig.call("GET", f"/v2/jobs/{made['id']}")

    assert [status for status, _ in answers] == [204, 204, 422, 404]
    assert (after["status"], {one["status"] for one in after["deliveries"]}) == ("canceled", {"cancelled"})
