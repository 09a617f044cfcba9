"""The schema: roots, scalars, the table of problems, and the extensions in their order."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing
from functools import lru_cache
from typing import Any

import strawberry
from graphql import DocumentNode, GraphQLError, execute
from graphql import ExecutionResult as GraphQLResult
from strawberry.extensions import AddValidationRules, MaxTokensLimiter, ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema import StreamResult
from strawberry.types import ExecutionContext, ExecutionResult
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from gateway.api.admission.cost import Bucket, LeakyBucket
from gateway.api.admission.gate import Gate, Measures
from gateway.api.admission.limits import limit_rules
from gateway.api.context import Context
from gateway.api.faults import presented
from gateway.api.problems import PROBLEMS, OtherProblem
from gateway.api.roots.mutations import Mutation
from gateway.api.roots.queries import Query
from gateway.api.roots.subscriptions import Subscription
from gateway.api.scalars import SCALARS
from gateway.api.settings import ApiSettings
from gateway.api.types.exceptions import CarrierException, DelayException, FleetException, OtherException


class GatewaySchema(strawberry.Schema):
    """Strawberry's schema, whose errors leave dressed."""

    measures: Measures

    async def execute(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any | None = None,
        root_value: Any | None = None,
        operation_name: str | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """Run a query or mutation."""
        result = await super().execute(
            query,
            variable_values,
            context_value,
            root_value,
            operation_name,
            allowed_operation_types,
            operation_extensions,
        )
        return _dressed(result)

    async def stream(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any | None = None,
        root_value: Any | None = None,
        operation_name: str | None = None,
        operation_extensions: dict[str, Any] | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
    ) -> StreamResult:
        """Run anything, giving each result as it comes."""
        source = await super().stream(
            query,
            variable_values,
            context_value,
            root_value,
            operation_name,
            operation_extensions,
            allowed_operation_types,
        )
        return _dressed_stream(source)

    async def tell(
        self,
        document: DocumentNode,
        update: object,
        context: Context,
        variables: Mapping[str, Any],
        operation_name: str | None,
    ) -> ExecutionResult:
        """What a valid subscription's selection makes of one update, as `stream` would give it."""
        result = execute(
            self._schema,
            document,
            update,
            context,
            variable_values=dict(variables),
            operation_name=operation_name,
        )
        done = result if isinstance(result, GraphQLResult) else await result
        return _dressed(ExecutionResult(data=done.data, errors=done.errors))

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Nothing here: `faults` logs what nobody expected, and a client's mistakes are not worth a line."""


def build_schema(settings: ApiSettings | None = None, bucket: Bucket | None = None) -> GatewaySchema:
    """Make the schema.

    Parameters
    ----------
    bucket
        Where keys pay for their documents; counted in this process where absent.
    """
    chosen = settings or ApiSettings()
    paid_from = bucket or LeakyBucket(chosen.bucket_points, chosen.restore_per_s)
    rules, measures = limit_rules(chosen), Measures(chosen.cached_documents)
    schema = GatewaySchema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[DelayException, CarrierException, FleetException, OtherException, OtherProblem],
        extensions=[
            lambda: MaxTokensLimiter(max_token_count=chosen.max_tokens),
            lambda: AddValidationRules(rules),
            lambda: ParserCache(maxsize=chosen.cached_documents),
            lambda: ValidationCache(maxsize=chosen.cached_documents),
            lambda: Gate(chosen, measures, paid_from),
        ],
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=not chosen.introspection),
        exception_handlers=PROBLEMS,
    )
    schema.measures = measures
    return schema


def failed(error: Exception) -> ExecutionResult:
    """What a subscription tells when its resolver raises."""
    given = error if isinstance(error, GraphQLError) else GraphQLError(str(error), original_error=error)
    return _dressed(ExecutionResult(data=None, errors=[given]))


@lru_cache(maxsize=4)
def sdl_of(schema: GatewaySchema) -> str:
    """The schema in GraphQL's definition language, ending in one line break."""
    return schema.as_str().rstrip() + "\n"


def _dressed(result: ExecutionResult) -> ExecutionResult:
    if result.errors:
        code = "VALIDATION_FAILED" if isinstance(result, PreExecutionError) else "BAD_REQUEST"
        result.errors = [presented(error, code) for error in result.errors]
    return result


async def _dressed_stream(source: StreamResult) -> AsyncGenerator[Any]:
    async with aclosing(source):
        try:
            async for result in source:
                yield _dressed(result) if isinstance(result, ExecutionResult) else result
        except GraphQLError as error:
            # A syntax error leaves Strawberry's stream as an exception where the parser cache is in use.
            yield _dressed(PreExecutionError(data=None, errors=[error]))
