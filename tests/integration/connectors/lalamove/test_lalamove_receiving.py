"""Lalamove's messages at our own receiver: the hello that registers an address, and what follows."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from connectors.couriers.lalamove.webhook import PATH_HEADER
from doorstep.secret import Secret
from tests.contracts.carriers.rig import SIGNING_KEY
from tests.integration.connectors.lalamove.lalamove_rig import Rig, harness
from webhooks.inbound.batcher import Batcher
from webhooks.inbound.inbox import InboxMessage
from webhooks.inbound.receiver import CarrierSource, Receiver

PATH = "/webhooks/carriers/acc_1"


class MemoryInbox:
    """Keeps topics."""

    def __init__(self) -> None:
        self.topics: list[str] = []

    async def put(self, messages: Sequence[InboxMessage]) -> None:
        self.topics += [message.topic for message in messages]


async def test_an_address_is_registered_since_the_hello_is_answered_with_200_and_is_not_kept(
    rig: Rig,
) -> None:
    # The path comes with the request here, as in the gateway.
    reader = harness(rig.heard, path="").plugin.webhooks
    assert reader is not None
    source = CarrierSource("acc_1", "mer_1", reader, [Secret(SIGNING_KEY)])
    inbox = MemoryInbox()
    batcher = Batcher(inbox)
    receiver = Receiver(batcher, rig.clock)

    async def take(letter: Request) -> Response:
        headers = {**letter.headers, PATH_HEADER: letter.url.path}
        answer = await receiver.receive(source, headers, await letter.body())
        return PlainTextResponse(answer.body, answer.status)

    rig.world.router.routes.insert(0, Route(PATH, take, methods=["POST"]))
    await rig.fake.register(f"{rig.base_url.removesuffix('/lalamove')}{PATH}")
    assert inbox.topics == []

    made = await rig.book()
    rig.fake.replace_order(made.external_id)
    await rig.live(minutes=2)
    await batcher.close()

    assert {"ASSIGNING_DRIVER", "ORDER_REPLACED", "CANCELED"} <= set(inbox.topics)
