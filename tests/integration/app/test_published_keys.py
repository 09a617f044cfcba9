"""Webhooks that a carrier signs with keys which it publishes."""

from __future__ import annotations

import json
import random

from gateway.bootstrap.accounts import add_carrier
from simulator.carriers.serving import serve
from simulator.carriers.shipengine import FakeShipEngine
from simulator.clock import WorldClock
from simulator.postman import Postman
from tests.integration.app.market import MORNING
from tests.integration.app.premises import Premises
from tests.integration.app.test_webhooks import kept

BODY = json.dumps(
    {"resource_type": "API_TRACK", "data": {"tracking_number": "9400100000000000000001"}}
).encode()


async def test_what_shipengine_signed_is_kept_without_any_secret_and_nothing_else(premises: Premises) -> None:
    # Given an account without a webhook secret at a ShipEngine that publishes its keys
    clock = WorldClock(MORNING, rate=0)
    postman = Postman(clock, random.Random(1))
    fake = FakeShipEngine(clock, postman, random.Random(2), api_key="live_1")
    tenant = await premises.tenant()
    async with serve(fake.app) as url:
        account = await add_carrier(
            premises.house,
            tenant.merchant_id,
            code="shipengine",
            credentials={"api_key": "live_1"},
            base_url=url,
        )
        path = f"/webhooks/carriers/{account.id}"
        signed = fake.keyring.sign(BODY)

        # Then strangers are turned away, and their messages cost ShipEngine one call at most
        strangers = [
            ({}, BODY),
            ({**signed, "x-shipengine-rsa-sha256-key-id": "theirs"}, BODY),
            (signed, BODY + b" "),
        ]
        for headers, body in strangers * 2:
            assert (await premises.post(path, body, headers))[0] == 401
        assert fake.keyring.times_shown == 1
        assert await kept(premises, tenant) == []

        # And what ShipEngine signed is kept once, however often it comes
        assert [(await premises.post(path, BODY, signed))[0] for _ in range(2)] == [200, 200]
        assert await kept(premises, tenant) == [account.id]
        assert fake.keyring.times_shown == 1
    await fake.close()
    await postman.close()
