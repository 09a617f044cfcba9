"""Nothing of a forgotten person is left in any column of any table, in the queue or in the log."""

from __future__ import annotations

import logging

import pytest
from structlog.testing import capture_logs

from doorstep.privacy import PrivacyKind, PrivacyNotice
from gateway.flow.privacy.requests import take_privacy_notice
from gateway.flow.records import PrivacyStatus
from tests.conftest import Dsn
from tests.integration.flow.canaries import CANARIES, NOTICE, Sighting, fill_the_house, sightings
from tests.integration.flow.fakes import STORE
from tests.integration.flow.stage import Stage

NESTS = {
    "orders",
    "fulfillment_orders",
    "quote_sets",
    "choices",
    "deliveries",
    "delivery_events",
    "documents",
    "incidents",
    "inbox",
    "quarantine",
    "memory",
    "reports",
    "routes",
    "route_plans",
    "store_syncs",
}
"""Tables in which there is something to be found before; the test is worth nothing for any other."""


def _tables(found: set[Sighting]) -> set[str]:
    return {sighting.table for sighting in found}


@pytest.mark.parametrize(
    "notice", [NOTICE, PrivacyNotice(PrivacyKind.REDACT_STORE)], ids=["shopper", "store"]
)
async def test_a_forgotten_person_is_nowhere(
    stage: Stage, dsn: Dsn, notice: PrivacyNotice, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with capture_logs() as lines:
        await fill_the_house(stage)
        before = await sightings(dsn.app)
        assert _tables(before) == NESTS
        assert {sighting.canary for sighting in before} == set(CANARIES)
        stage.clock.advance(hours=48)
        request = await take_privacy_notice(stage.means, STORE, notice)
        await stage.settle()
    assert request.status is PrivacyStatus.DONE
    assert await sightings(dsn.app) == set()
    written = f"{lines} {caplog.text}".lower()
    assert [canary for canary in CANARIES if canary in written] == []
