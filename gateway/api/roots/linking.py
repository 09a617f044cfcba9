"""Writes about stores and what they send; part of the root of writes."""

from __future__ import annotations

from typing import Annotated

from doorstep import ids
from doorstep.order import StorePlatform
from doorstep.secret import Secret
from gateway.api.admission.checks import root
from gateway.api.context import Info
from gateway.api.marks import shape
from gateway.api.ports import records
from gateway.api.ports.records import Scope
from gateway.api.reading import read_id, read_ids, read_text, wrong
from gateway.api.roots.given import INPUT
from gateway.api.types.quarantine import (
    DiscardQuarantinedInput,
    DiscardQuarantinedResult,
    DiscardQuarantinedSuccess,
    QuarantinedMessage,
    QuarantineOutcome,
    ReplayQuarantinedInput,
    ReplayQuarantinedResult,
    ReplayQuarantinedSuccess,
)
from gateway.api.types.stores import (
    ConnectStoreInput,
    ConnectStoreResult,
    ConnectStoreSuccess,
    Store,
    SyncStoreInput,
    SyncStoreResult,
    SyncStoreSuccess,
    TestLinkInput,
    TestLinkResult,
    TestLinkSuccess,
)

_AT = ("input",)


@shape()
class LinkMutations:
    """Writes about stores and what they send."""

    @root(scope=Scope.ADMINISTER, points=20)
    async def connect_store(
        self, info: Info, given: Annotated[ConnectStoreInput, INPUT]
    ) -> ConnectStoreResult:
        """Links a store, or makes the link with which its merchant says yes."""
        linked = await info.context.commands.connect_store(order=_read_store_order(given))
        info.context.renew()
        return ConnectStoreSuccess.of(linked)

    @root(scope=Scope.OPERATE)
    async def sync_store(self, info: Info, given: Annotated[SyncStoreInput, INPUT]) -> SyncStoreResult:
        """Has a store read soon; orders appear as they are kept."""
        store = await info.context.commands.sync_store(
            store_id=read_id(given.store_id, "sto", (*_AT, "storeId")), is_full=given.full
        )
        return SyncStoreSuccess(store=Store.of(store))

    @root(scope=Scope.CONFIGURE, points=20)
    async def test_link(self, info: Info, given: Annotated[TestLinkInput, INPUT]) -> TestLinkResult:
        """Tries a store or a carrier account now."""
        if ids.prefix_of(given.id) not in {"sto", "acc"}:
            raise wrong((*_AT, "id"), "id is that of a store or of a carrier account")
        checks = await info.context.commands.test_link(link_id=str(given.id))
        return TestLinkSuccess.of(tuple(checks))

    @root(scope=Scope.OPERATE)
    async def replay_quarantined(
        self, info: Info, given: Annotated[ReplayQuarantinedInput, INPUT]
    ) -> ReplayQuarantinedResult:
        """Reads messages again, after what was in their way was mended."""
        wanted = read_ids(given.ids, "qua", (*_AT, "ids"))
        outcomes = await info.context.commands.replay_quarantined(ids=wanted)
        return ReplayQuarantinedSuccess(outcomes=[QuarantineOutcome.of(outcome) for outcome in outcomes])

    @root(scope=Scope.OPERATE)
    async def discard_quarantined(
        self, info: Info, given: Annotated[DiscardQuarantinedInput, INPUT]
    ) -> DiscardQuarantinedResult:
        """Lets messages go that nobody needs to read any more."""
        wanted = tuple(dict.fromkeys(read_ids(given.ids, "qua", (*_AT, "ids"))))
        messages = await info.context.commands.discard_quarantined(ids=wanted)
        return DiscardQuarantinedSuccess(messages=[QuarantinedMessage.of(message) for message in messages])


def _read_store_order(given: ConnectStoreInput) -> records.StoreOrder:
    at = (*_AT, "credentials")
    credentials = {}
    for index, one in enumerate(given.credentials or ()):
        name = read_text(one.name, (*at, str(index), "name"), 100)
        if not name or name in credentials:
            raise wrong((*at, str(index), "name"), "each credential needs a name of its own")
        credentials[name] = Secret(one.value)
    if given.platform is StorePlatform.OTHER:
        raise wrong((*_AT, "platform"), "platform must be one that a store runs on")
    place = given.location_id
    return records.StoreOrder(
        platform=given.platform,
        url=read_text(str(given.url), (*_AT, "url")),
        name=read_text(given.name, (*_AT, "name"), 100),
        credentials=credentials,
        location_id=None if place is None else read_id(place, "loc", (*_AT, "locationId")),
    )
