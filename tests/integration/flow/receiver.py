"""A merchant's own server that takes webhooks, over real HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from aiohttp import web

from doorstep.secret import Secret
from doorstep.webhook import WebhookEndpoint, WebhookTopic
from gateway.bootstrap.systems import GuardedSystems
from gateway.flow.messaging.systems.save import Draft, save_endpoint
from gateway.flow.ports import Means
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.stage import Stage

EVERYTHING = tuple(topic for topic in WebhookTopic if topic is not WebhookTopic.TEST)


@dataclass
class Receiver:
    """What came, and what is answered to it.

    Attributes
    ----------
    answers
        Statuses of the next answers; 200 once they are used up.
    gate
        Nothing is answered while it is shut.
    """

    url: str = ""
    came: list[tuple[Mapping[str, str], str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    says: str = "ok"
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.came]

    @property
    def types(self) -> list[str]:
        return [body["type"] for body in self.bodies]

    async def take(self, request: web.Request) -> web.Response:
        self.came.append((dict(request.headers), await request.text()))
        await self.gate.wait()
        status = self.answers.pop(0) if self.answers else 200
        headers = {"Location": "/elsewhere"} if 300 <= status < 400 else {}
        return web.Response(status=status, text=self.says, headers=headers)


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver on a port of its own."""
    receiver = Receiver()
    receiver.gate.set()
    app = web.Application()
    app.router.add_post("/{path:.*}", receiver.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert site._server is not None
    host, port = site._server.sockets[0].getsockname()  # type: ignore[attr-defined] # asyncio's server has them
    receiver.url = f"http://{host}:{port}/hook"
    yield receiver
    receiver.gate.set()
    await runner.cleanup()


def calling(stage: Stage, budget_s: float = 5.0) -> Means:
    """The stage's means, with a wire to private networks."""
    return replace(stage.means, systems=GuardedSystems(allow_private=True, budget_s=budget_s))


async def listen(
    means: Means, url: str, topics: tuple[WebhookTopic, ...] = EVERYTHING, **facts: Any
) -> tuple[WebhookEndpoint, Secret]:
    """An endpoint of the merchant's, with its secret."""
    draft = Draft("Back end", url, topics, **facts)
    saved = await save_endpoint(means, MERCHANT_ID, draft, None, None)
    assert saved.secret is not None
    return saved.endpoint, saved.secret
