"""The gateway's API with its own sockets, feed and tokens; only the rows come from memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from starlette.applications import Starlette

from bench.live import scene
from doorstep.clock import SystemClock
from doorstep.delivery import Delivery
from doorstep.merchant import Merchant
from doorstep.secret import Secret
from gateway.api.ports.session import Commands, CredentialRejected, Reads, RequestInfo, Session
from gateway.api.schema import build_schema
from gateway.api.transport.asgi import graphql_app
from gateway.auth.caller import Audience, Caller
from gateway.auth.tokens import TrackingTokens
from gateway.bootstrap.feeds import MerchantLive
from gateway.flow.records import DriverState
from gateway.live import Live, LiveMessage
from gateway.live.message import changed, moved
from gateway.live.message import delivery as topic_of

_MERCHANT = Merchant(scene.MERCHANT_ID, "A shop", "EUR", "Europe/Madrid")


class Rows:
    """What a tracking page reads."""

    def __init__(self, deliveries: Sequence[Delivery]) -> None:
        self._deliveries = {each.id: each for each in deliveries}

    async def deliveries(self, ids: Sequence[str]) -> Mapping[str, Delivery]:
        """By id."""
        return {id_: self._deliveries[id_] for id_ in ids if id_ in self._deliveries}

    async def merchant(self) -> Merchant:
        """Whose rules say what is shown."""
        return _MERCHANT

    async def driver_states(self, ids: Sequence[str]) -> Mapping[str, DriverState]:
        """By the driver's id."""
        return {id_: DriverState(id_, scene.MERCHANT_ID, scene.here(), datetime.now(UTC)) for id_ in ids}


@dataclass(frozen=True, slots=True)
class Door:
    """Reads tracking tokens as the gateway does."""

    tokens: TrackingTokens
    rows: Rows
    live: Live

    async def open(self, credential: Secret, _request: RequestInfo) -> Session:
        """Whose token it is."""
        try:
            grant = self.tokens.read(credential.reveal())
        except Exception as error:
            raise CredentialRejected(str(error)) from None
        caller = Caller(
            Audience.TRACKING,
            grant.merchant_id,
            "",
            frozenset(),
            delivery_id=grant.delivery_id,
            expires_at=grant.expires_at,
        )
        live = MerchantLive(self.live, grant.merchant_id)
        return Session(caller, cast(Reads, self.rows), cast(Commands, None), live)


class Ours:
    """See `bench.live.server`."""

    def __init__(self, live: Live, topics: int) -> None:
        self._live = live
        self._ids: list[str] = []
        deliveries = [scene.delivery(number) for number in range(topics)]
        self._ids = [each.id for each in deliveries]
        tokens = TrackingTokens([Secret(scene.SECRET)], SystemClock())
        self.greetings = [tokens.issue(scene.MERCHANT_ID, id_, 3600)[0] for id_ in self._ids]
        door = Door(tokens, Rows(deliveries), live)
        self.app: Starlette = graphql_app(build_schema(), cast(Any, door))

    def publish(self, numbers: Sequence[int]) -> None:
        """Tell that the vans of these topics moved."""
        self._live.publish([self._moved(number) for number in numbers])

    def publish_changes(self, numbers: Sequence[int]) -> None:
        """Tell that these deliveries changed."""
        ids = [self._ids[number] for number in numbers]
        self._live.publish([changed(topic_of(scene.MERCHANT_ID, id_), id_) for id_ in ids])

    def _moved(self, number: int) -> LiveMessage:
        id_ = self._ids[number]
        return moved(topic_of(scene.MERCHANT_ID, id_), id_, scene.here())
