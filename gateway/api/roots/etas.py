"""Reads and writes about what is said of arrivals; parts of the roots."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from gateway.api.admission.checks import root
from gateway.api.context import Info
from gateway.api.marks import shape
from gateway.api.ports.records import Scope
from gateway.api.reading import read_span
from gateway.api.roots.given import INPUT
from gateway.api.types.etas import (
    MOST_VERSIONS,
    EtaAccuracy,
    EtaVersion,
    UseEtaVersionInput,
    UseEtaVersionResult,
    UseEtaVersionSuccess,
)
from gateway.flow.learning.eta_accuracy import accuracy

MOST_DAYS = 365
MOST_TRIPS = 20_000
"""The newest are counted."""


@shape()
class EtaQueries:
    """Reads about arrivals."""

    @root(points=50)
    async def eta_accuracy(self, info: Info, days: int = 30) -> EtaAccuracy:
        """How good what was said of arrivals in the last days was, and what says it."""
        read_span(days, ("days",), 1, MOST_DAYS)
        since = info.context.clock.now() - timedelta(days=days)
        reads = info.context.reads
        found = accuracy(await reads.eta_trips(since, MOST_TRIPS))
        versions = await reads.eta_versions(MOST_VERSIONS)
        return EtaAccuracy.of(found, [EtaVersion.of(version) for version in versions])


@shape()
class EtaMutations:
    """Writes about arrivals."""

    @root(scope=Scope.CONFIGURE)
    async def use_eta_version(
        self, info: Info, given: Annotated[UseEtaVersionInput, INPUT]
    ) -> UseEtaVersionResult:
        """Lets an older version foretell arrivals again."""
        read_span(given.number, ("input", "number"), 1, 1_000_000)
        version = await info.context.commands.use_eta_version(number=given.number)
        return UseEtaVersionSuccess(version=EtaVersion.of(version))
