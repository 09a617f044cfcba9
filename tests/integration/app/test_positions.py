"""What tracking apps post, each in its own words."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from doorstep.geo import LatLng
from doorstep.position import Position
from gateway.bootstrap.accounts import add_driver
from gateway.bootstrap.keys import end_device_keys, make_device_key
from gateway.bootstrap.tracks import import_track
from tests.integration.app.market import Market
from tests.integration.app.premises import Premises, Tenant

DEVICE = "phone-of-the-first-van"


@dataclass(frozen=True, slots=True)
class Fix:
    """What one app sends at one time."""

    method: str
    path: str
    body: str = ""
    content_type: str = "application/json"
    device_header: str = ""


def fixes(lat: float, lng: float, unix_s: int, device: str = DEVICE) -> dict[str, Fix]:
    """The same place in the words of every app."""
    fields = f"id={device}&lat={lat}&lon={lng}&timestamp={unix_s}&speed=3.0"
    traccar = {
        "device_id": device,
        "location": {"timestamp": unix_s, "coords": {"latitude": lat, "longitude": lng}},
    }
    owntracks = {"_type": "location", "lat": lat, "lon": lng, "tst": unix_s}
    batch = {
        "device_id": device,
        "positions": [{"sequence": 1, "lat": lat, "lng": lng, "recorded_at": unix_s}],
    }
    form = "application/x-www-form-urlencoded"
    return {
        "OsmAnd": Fix("GET", f"/positions/osmand?{fields}"),
        "OsmAnd by POST": Fix("POST", f"/positions/osmand?{fields}"),
        "Traccar Client 8": Fix("POST", "/positions/osmand", fields, form),
        "Traccar Client 9": Fix("POST", "/positions/osmand", json.dumps(traccar)),
        "OwnTracks": Fix("POST", "/positions/owntracks", json.dumps(owntracks), device_header=device),
        "the driver app": Fix("POST", "/positions", json.dumps(batch)),
    }


# What is wrong with a fix, and the field that the answer must name.
WRONG: list[tuple[Fix, list[str]]] = [
    (Fix("GET", f"/positions/osmand?id={DEVICE}&lat=91&lon=0&timestamp=1"), ["lat"]),
    (Fix("GET", f"/positions/osmand?id={DEVICE}&lat=north&lon=0&timestamp=1"), ["lat"]),
    (Fix("GET", f"/positions/osmand?id={DEVICE}&lat=1&timestamp=1"), ["lon"]),
    (Fix("GET", f"/positions/osmand?id={DEVICE}&lat=1&lon=1&timestamp=noon"), ["timestamp"]),
    (Fix("GET", "/positions/osmand?lat=1&lon=1&timestamp=1"), ["id"]),
    (Fix("POST", "/positions/osmand", "id=x&lat=1", "application/x-www-form-urlencoded"), ["lon"]),
    (
        Fix(
            "POST",
            "/positions/osmand",
            '{"device_id": "x", "location": {"timestamp": 1, "coords": {"latitude": 1}}}',
        ),
        ["location", "coords", "longitude"],
    ),
    (
        Fix("POST", "/positions/owntracks", '{"_type": "location", "lat": 1, "lon": "east", "tst": 1}'),
        ["lon"],
    ),
    (Fix("POST", "/positions", '{"device_id": "x", "positions": []}'), ["positions"]),
    (
        Fix(
            "POST",
            "/positions",
            '{"device_id": "x", "positions": [{"sequence": 1, "lat": 1, "lng": -181, "recorded_at": 1}]}',
        ),
        ["positions", "0", "lng"],
    ),
    (Fix("POST", "/positions", "not json"), []),
]


async def sent(premises: Premises, fix: Fix) -> tuple[int, Any]:
    """Status and JSON of the answer."""
    headers = {"Content-Type": fix.content_type} | (
        {"X-Limit-D": fix.device_header} if fix.device_header else {}
    )
    url = f"{premises.url}{fix.path}"
    async with premises.session.request(fix.method, url, data=fix.body or None, headers=headers) as response:
        return response.status, await response.json()


async def add_van(premises: Premises, tenant: Tenant, device: str) -> None:
    await add_driver(
        premises.house,
        tenant.merchant_id,
        name="First van",
        depot_id=tenant.location_id,
        device_id=device,
        shift_start="08:00",
        shift_end="18:00",
        capacity_g=400_000,
        vehicle_name="Van",
    )


async def place(premises: Premises, tenant: Tenant) -> tuple[float, float] | None:
    """Where the merchant's only van was seen last."""
    query = "{ drivers { nodes { position { location { latitude longitude } } } } }"
    (driver,) = (await premises.ask(query, tenant.secret_key))["drivers"]["nodes"]
    if driver["position"] is None:
        return None
    return driver["position"]["location"]["latitude"], driver["position"]["location"]["longitude"]


async def test_every_app_moves_its_van_and_no_other(premises: Premises, market: Market) -> None:
    # Given a van of each of two merchants
    tenant, neighbour = await premises.tenant(), await premises.tenant("Shop next door")
    await add_van(premises, tenant, DEVICE)
    await add_van(premises, neighbour, "phone-of-the-van-next-door")

    # When each app in turn tells of a place a little further on
    for number, name in enumerate(fixes(0, 0, 0)):
        market.clock.advance(60)
        lat = round(40.73 + number / 1000, 6)
        fix = fixes(lat, -73.98, int(market.clock.now().timestamp()))[name]
        status, answer = await sent(premises, fix)

        # Then the van is there
        assert status == 200, (name, answer)
        assert await place(premises, tenant) == (lat, -73.98), name
        assert answer == ([] if name == "OwnTracks" else {"taken": 1, "ignored": []}), name
    assert await place(premises, neighbour) is None


async def test_a_device_that_nobody_added_is_turned_away(premises: Premises, market: Market) -> None:
    await add_van(premises, await premises.tenant(), DEVICE)
    now_s = int(market.clock.now().timestamp())
    for name, fix in fixes(40.73, -73.98, now_s, device="a-guess").items():
        status, answer = await sent(premises, fix)
        assert (status, answer) == (401, {"error": "No driver has this device id."}), name


async def test_a_wrong_fix_is_refused_with_the_field_that_is_wrong(premises: Premises) -> None:
    tenant = await premises.tenant()
    await add_van(premises, tenant, DEVICE)
    for fix, path in WRONG:
        status, answer = await sent(premises, fix)
        assert (status, answer["path"]) == (400, path), (fix, answer)
        assert all(part in answer["error"] for part in path[-1:]), answer
    assert await place(premises, tenant) is None


async def test_a_fix_that_cannot_be_believed_is_named_and_the_van_stays_where_it_was(
    premises: Premises, market: Market
) -> None:
    tenant = await premises.tenant()
    await add_van(premises, tenant, DEVICE)
    now_s = int(market.clock.now().timestamp())
    rows: list[dict[str, object]] = [
        {"sequence": 1, "lat": 40.73, "lng": -73.98, "recorded_at": now_s - 60},
        {"sequence": 2, "lat": 41.9, "lng": -73.98, "recorded_at": now_s - 50},
        {"sequence": 3, "lat": 40.73, "lng": -73.98, "recorded_at": now_s - 60},
        {"sequence": 4, "lat": 40.73, "lng": -73.98, "recorded_at": now_s + 3600},
        {"sequence": 5, "lat": 40.73, "lng": -73.98, "recorded_at": now_s - 40, "is_mock": True},
    ]
    body = json.dumps({"device_id": DEVICE, "positions": rows})
    status, answer = await sent(premises, Fix("POST", "/positions", body))
    assert (status, answer["taken"]) == (200, 1)
    assert answer["ignored"] == ["JUMP", "REPEATED", "FUTURE", "MOCK"]
    assert await place(premises, tenant) == (40.73, -73.98)


async def test_a_device_key_works_as_a_password_until_it_is_revoked(
    premises: Premises, market: Market
) -> None:
    # Given a driver with a second key
    tenant = await premises.tenant()
    await add_van(premises, tenant, DEVICE)
    (driver,) = (await premises.ask("{ drivers { nodes { id } } }", tenant.secret_key))["drivers"]["nodes"]
    row, key = await make_device_key(premises.house, tenant.merchant_id, driver["id"], old_last_s=0)
    at = int(market.clock.now().timestamp())
    fix = {"_type": "location", "tid": "va", "lat": 40.73, "lon": -73.98, "tst": at}
    url = f"{premises.url}/positions/owntracks"
    login = {"authorization": "Basic " + base64.b64encode(f"van:{key.reveal()}".encode()).decode()}
    # Then it is good, the first one is not any more
    async with premises.session.post(url, json=fix, headers=login) as response:
        assert (response.status, await response.json()) == (200, [])
    assert await place(premises, tenant) == (40.73, -73.98)
    async with premises.session.post(url, json=fix, headers={"X-Limit-D": DEVICE}) as response:
        assert response.status == 401
    # And neither is the second once it is revoked, though the server has met it
    assert await end_device_keys(premises.house, tenant.merchant_id, driver["id"], row.id) == 1
    async with premises.session.post(url, json=fix, headers=login) as response:
        assert response.status == 401


async def test_a_track_of_a_file_is_history_and_what_is_fresh_of_it_is_the_present(
    premises: Premises, market: Market
) -> None:
    tenant = await premises.tenant()
    await add_van(premises, tenant, DEVICE)
    (driver,) = (await premises.ask("{ drivers { nodes { id } } }", tenant.secret_key))["drivers"]["nodes"]
    now = market.clock.now()
    ages_s = (3 * 86400, 60, 30)
    track = [Position(LatLng(40.73, -73.98), now - timedelta(seconds=age_s)) for age_s in ages_s]
    house = premises.house
    assert await import_track(house, tenant.merchant_id, driver["id"], track) == {"LATE": 1, "TAKEN": 2}
    assert await import_track(house, tenant.merchant_id, driver["id"], track) == {"REPEATED": 3}
    assert await place(premises, tenant) == (40.73, -73.98)


GPX = """<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>{}</trkseg></trk></gpx>"""


def _trkpt(lat: float, at: str) -> str:
    time = f"<time>{at}</time>" if at else ""
    return f'<trkpt lat="{lat}" lon="-73.98">{time}</trkpt>'


async def test_a_track_is_posted_with_the_key_of_the_phone(premises: Premises, market: Market) -> None:
    tenant = await premises.tenant()
    await add_van(premises, tenant, DEVICE)
    now = market.clock.now()
    points = [
        _trkpt(40.73, f"{now - timedelta(seconds=30):%Y-%m-%dT%H:%M:%SZ}"),
        _trkpt(40.7299, f"{now - timedelta(seconds=60):%Y-%m-%dT%H:%M:%SZ}"),
        _trkpt(40.7, f"{now - timedelta(days=3):%Y-%m-%dT%H:%M:%SZ}"),
        _trkpt(40.9, ""),
    ]
    body = GPX.format("".join(points))
    url, key = f"{premises.url}/positions/gpx", {"Authorization": f"Bearer {DEVICE}"}
    for expected in (
        {"taken": 2, "ignored": {"LATE": 1}, "without_time": 1},
        {"taken": 0, "ignored": {"REPEATED": 3}, "without_time": 1},
    ):
        async with premises.session.post(url, data=body, headers=key) as response:
            assert (response.status, await response.json()) == (200, expected)
    assert await place(premises, tenant) == (40.73, -73.98)
    async with premises.session.post(url, data=body, headers={"Authorization": "Bearer guess"}) as response:
        assert response.status == 401
    async with premises.session.post(url, data="<kml/>", headers=key) as response:
        assert (response.status, (await response.json())["error"]) == (400, "The file is no GPX.")
    async with premises.session.post(
        url, data=io.BytesIO(b" " * (4 * 1024 * 1024 + 1)), headers=key
    ) as response:
        assert response.status == 413


async def test_keys_of_phones_are_made_listed_and_revoked_over_the_api(
    premises: Premises, market: Market
) -> None:
    tenant = await premises.tenant()
    await add_van(premises, tenant, DEVICE)
    (driver,) = (await premises.ask("{ drivers { nodes { id } } }", tenant.secret_key))["drivers"]["nodes"]
    id_, secret = f'"{driver["id"]}"', tenant.secret_key
    made = await premises.ask(
        f"""mutation {{ createDeviceKey(input: {{driverId: {id_}, oldLastSeconds: 0}}) {{
          ... on CreateDeviceKeySuccess {{ secret deviceKey {{ id hint endsAt }} }} }} }}""",
        secret,
    )
    key, card = made["createDeviceKey"]["secret"], made["createDeviceKey"]["deviceKey"]
    assert (card["hint"], card["endsAt"]) == (f"…{key[-4:]}", None)
    listed = f"{{ deviceKeys(driverId: {id_}) {{ id hint endsAt }} }}"
    keys = {one["id"]: one for one in (await premises.ask(listed, secret))["deviceKeys"]}
    assert keys.pop(card["id"]) == card
    assert [one["endsAt"] is None for one in keys.values()] == [False]
    at = int(market.clock.now().timestamp())
    url = f"{premises.url}/positions/osmand?id={key}&lat=40.73&lon=-73.98&timestamp={at}"
    async with premises.session.get(url) as response:
        assert response.status == 200
    revoke = f"""mutation {{ revokeDeviceKeys(input: {{driverId: {id_}, deviceKeyId: "{card["id"]}"}}) {{
      ... on RevokeDeviceKeysSuccess {{ revoked driver {{ id }} }} ... on NotFound {{ code }} }} }}"""
    for revoked in (1, 0):
        answer = (await premises.ask(revoke, secret))["revokeDeviceKeys"]
        assert answer == {"revoked": revoked, "driver": {"id": driver["id"]}}
    async with premises.session.get(url) as response:
        assert response.status == 401
