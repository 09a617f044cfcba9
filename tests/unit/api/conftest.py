"""One schema for all tests of the API, since building it takes a while; a fresh house for each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from strawberry.types import ExecutionResult

from gateway.api.schema import GatewaySchema, build_schema
from gateway.api.settings import ApiSettings
from gateway.auth.caller import Caller
from tests.unit.api.fakes import House


def fault(result: object) -> dict[str, Any]:
    """The extensions of the first error; fails where there is none."""
    errors = getattr(result, "errors", None)
    assert errors
    return dict(errors[0].extensions or {})


Run = Callable[..., Awaitable[ExecutionResult]]


@pytest.fixture(scope="session")
def schema() -> GatewaySchema:
    # Tests share it: nobody may run dry.
    return build_schema(ApiSettings(bucket_points=10**9))


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def run(schema: GatewaySchema, house: House) -> Run:
    """Run a document as a caller, a secret key with all scopes unless another is named."""

    async def execute(document: str, caller: Caller | None = None, /, **variables: Any) -> ExecutionResult:
        return await schema.execute(document, variables, house.context(caller))

    return execute
