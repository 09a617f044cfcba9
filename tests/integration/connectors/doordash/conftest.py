"""DoorDash Drive in a rig of its own for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.contracts.carriers.rig import rig_of
from tests.integration.connectors.doordash.doordash_rig import HARNESS, Rig


@pytest.fixture
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    """A test may want its simulator otherwise: the fixture's parameter holds options of it."""
    options: dict[str, Any] = getattr(request, "param", {})
    async with rig_of(Rig, HARNESS, **options) as rig:
        yield rig
