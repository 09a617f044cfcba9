"""Between validation and execution: may this caller run this document, and can they pay for it?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    get_operation_ast,
)
from strawberry.extensions import SchemaExtension
from strawberry.types import StreamExecutionResult

from gateway.api.admission.access import Needs, fragments_of, needs_of
from gateway.api.admission.cost import Balance, Bucket, cost_of, page_variables
from gateway.api.context import Context
from gateway.api.settings import ApiSettings
from gateway.auth.caller import Caller

MOST_PRICES = 100
"""Prices remembered for one document; each combination of page sizes has its own."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a valid document, whoever asks."""

    schema: GraphQLSchema
    document: DocumentNode
    operation: OperationDefinitionNode
    needs: Needs
    page_variables: frozenset[str]
    prices: dict[tuple[tuple[str, int], ...], int] = field(default_factory=dict)

    @property
    def fragments(self) -> Mapping[str, FragmentDefinitionNode]:
        """The document's fragments by name."""
        return fragments_of(self.document)

    def cost(self, variables: Mapping[str, object]) -> int:
        """Points with these variables."""
        given = ((name, variables.get(name)) for name in sorted(self.page_variables))
        sizes = tuple((name, value) for name, value in given if isinstance(value, int))
        if sizes not in self.prices:
            if len(self.prices) >= MOST_PRICES:
                self.prices.clear()
            self.prices[sizes] = cost_of(self.schema, self.document, self.operation, dict(sizes))
        return self.prices[sizes]


class Measures:
    """Documents by their text and the name of the operation; the oldest of `size` is forgotten first."""

    def __init__(self, size: int) -> None:
        self._known: dict[tuple[str, str | None], Known] = {}
        self._size = size
        self.hits = 0

    def known(self, text: str, operation_name: str | None) -> Known | None:
        """What was looked up before and not yet forgotten."""
        return self._known.get((text, operation_name))

    def look_up(
        self, schema: GraphQLSchema, text: str, document: DocumentNode, operation_name: str | None
    ) -> Known | None:
        """None where the document has no such operation."""
        key = (text, operation_name)
        known = self.known(text, operation_name)
        if known is not None:
            self.hits += 1
            return known
        operation = get_operation_ast(document, operation_name)
        if operation is None:
            return None
        needs = needs_of(schema, document, operation)
        known = Known(schema, document, operation, needs, page_variables(document))
        if len(self._known) >= self._size:
            del self._known[next(iter(self._known))]
        self._known[key] = known
        return known


class Gate(SchemaExtension):
    """Refuses before anything runs. Comes after the validation cache in the list of extensions."""

    def __init__(self, settings: ApiSettings, measures: Measures, bucket: Bucket) -> None:
        self._settings = settings
        self._measures = measures
        self._bucket = bucket

    async def on_validate(self) -> AsyncIterator[None]:
        """Once the document is known to be valid."""
        execution = self.execution_context
        if execution.pre_execution_errors == [] and execution.graphql_document and execution.query:
            refusal = await self._refusal(execution.query, execution.graphql_document)
            if refusal is not None:
                execution.pre_execution_errors = [refusal]
        yield

    def on_stream_result(self, result: StreamExecutionResult) -> Iterator[None]:  # noqa: ARG002  # a hook
        """The price is told once, not with every event."""
        yield
        self.execution_context.extensions_results.pop("cost", None)

    async def _refusal(self, text: str, document: DocumentNode) -> GraphQLError | None:
        execution = self.execution_context
        if execution._provided_operation_name is None and _count_operations(document) > 1:
            return _unnamed()
        name, context = execution.operation_name, execution.context
        known = self._measures.look_up(execution.schema._schema, text, document, name)
        if known is None or not isinstance(context, Context):
            return None
        forbidden = known.needs.refusal(context.caller)
        if forbidden is not None:
            return forbidden
        requested = known.cost(execution.variables or {})
        if requested > self._settings.max_cost:
            return _too_costly(requested, self._settings.max_cost)
        balance = await self._bucket.pay(_payer(context.caller), requested)
        context.cost = execution.extensions_results["cost"] = self._told(requested, balance)
        return None if balance.is_paid else _throttled(requested, balance)

    def _told(self, requested: int, balance: Balance) -> dict[str, object]:
        return {
            "requested": requested,
            "granted": requested if balance.is_paid else 0,
            "remaining": balance.remaining,
            "limit": self._settings.bucket_points,
            "restoreRate": self._settings.restore_per_s,
        }


def _payer(caller: Caller) -> str:
    # A tracking token is no key: each delivery's shoppers share one bucket.
    return caller.key_id or f"{caller.audience}:{caller.delivery_id or caller.driver_id}"


def _count_operations(document: DocumentNode) -> int:
    return sum(isinstance(part, OperationDefinitionNode) for part in document.definitions)


def _unnamed() -> GraphQLError:
    # Strawberry would run the first, and nobody would learn that the others did not.
    return GraphQLError(
        "The document has several operations: say in operationName which one is meant.",
        extensions={"code": "UNKNOWN_OPERATION", "retryable": False},
    )


def _too_costly(requested: int, limit: int) -> GraphQLError:
    return GraphQLError(
        f"The document costs {requested} points; {limit} are allowed. Ask for smaller pages (first: …).",
        extensions={"code": "TOO_COSTLY", "retryable": False, "requested": requested, "limit": limit},
    )


def _throttled(requested: int, balance: Balance) -> GraphQLError:
    wait = round(balance.retry_after_s, 3)
    return GraphQLError(
        f"The document costs {requested} points and {balance.remaining} are left. Try again in {wait} s.",
        extensions={"code": "THROTTLED", "retryable": True, "retryAfterSeconds": wait},
    )
