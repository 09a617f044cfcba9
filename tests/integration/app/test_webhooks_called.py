"""The chore that calls merchants' systems: who is slow holds up nobody else."""

from __future__ import annotations

import asyncio

from doorstep.webhook import WebhookTopic
from gateway.bootstrap.chores import chores
from gateway.flow.messaging.systems.save import Draft, save_endpoint, try_endpoint
from tests.integration.app.premises import Premises
from tests.integration.flow.receiver import receiving


async def test_an_endpoint_that_hangs_holds_up_no_other_and_gets_its_calls_once_it_answers(
    premises: Premises,
) -> None:
    house, tenant = premises.house, await premises.tenant()
    (chore,) = [chore for chore in chores(house) if chore.name == "call"]
    assert chore.rounds is not None
    async with receiving() as slow, receiving() as quick:
        slow.gate.clear()
        for receiver in (slow, quick):
            draft = Draft("A", receiver.url, (WebhookTopic.ORDER_RECEIVED,))
            saved = await save_endpoint(house.means, tenant.merchant_id, draft, None, None)
            for _ in range(3):
                await try_endpoint(house.means, tenant.merchant_id, saved.endpoint.id)
        await chore.act()
        while len(quick.came) < 3 or not slow.came:
            await asyncio.sleep(0.01)
        await chore.act()  # the slow one's turn still goes on, and is not begun again
        assert len(slow.came) <= 4
        slow.gate.set()
        await chore.rounds.settled()
        await chore.act()
        await chore.rounds.settled()
    assert [len({headers["webhook-id"] for headers, _ in one.came}) for one in (slow, quick)] == [3, 3]
    assert [len(one.came) for one in (slow, quick)] == [3, 3]
