"""What the suite over all stores shares."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.contracts.store_rig import PLUGINS, Rig, open_rig


@pytest.fixture(params=sorted(PLUGINS.stores), ids=str)
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    """Each store in turn."""
    async with open_rig(request.param) as rig:
        yield rig
