"""Lalamove in a rig of its own for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from connectors.couriers.lalamove import Heard
from tests.contracts.carriers.rig import rig_of
from tests.integration.connectors.lalamove.lalamove_rig import HONG_KONG, Rig, harness


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    """A process that has heard nothing yet."""
    heard = Heard()
    async with rig_of(Rig, harness(heard), HONG_KONG, tells_of_wallet=True) as rig:
        rig.heard = heard
        yield rig
