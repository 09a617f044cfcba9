"""Carries out GraphQL for one shop, with its throttle and its scopes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, GraphQLObjectType, GraphQLResolveInfo, execute_sync

from simulator.stores.shopify.access import Need, denied
from simulator.stores.shopify.cost import QUERY_LIMIT, CostCounter
from simulator.stores.shopify.mutations import Mutations
from simulator.stores.shopify.queries import Queries
from simulator.stores.shopify.schema import Checked, Edition

if TYPE_CHECKING:
    from simulator.stores.shopify.shop import FakeShopify

_LARGEST_LIST = 250
_MISSING = object()


class Execution:
    """One request: what was asked, and the answer to it."""

    def __init__(self, shop: FakeShopify, edition: Edition, body: bytes) -> None:
        self._shop = shop
        self._edition = edition
        self._variables: dict[str, Any] = {}
        self._checked: Checked | None = None
        try:
            payload = json.loads(body)
            query = payload["query"]
            self._variables = payload.get("variables") or {}
            self._checked = edition.check(query)
        except (ValueError, KeyError, TypeError, AttributeError):
            pass

    @property
    def is_write(self) -> bool:
        """Whether it is a mutation."""
        return self._checked is not None and self._checked.is_write

    def answer(self) -> dict[str, Any]:
        """Carry it out."""
        checked = self._checked
        if checked is None:
            return _errors(GraphQLError("Bad request", extensions={"code": "BAD_REQUEST"}))
        if checked.errors:
            return _errors(*checked.errors)
        if _has_long_list(self._variables):
            return _errors(
                GraphQLError(
                    f"The input array size is greater than the maximum allowed of {_LARGEST_LIST}.",
                    extensions={"code": "MAX_INPUT_SIZE_EXCEEDED"},
                )
            )
        counter = CostCounter(self._edition.schema, checked.document, self._variables)
        requested = counter.requested()
        if requested > QUERY_LIMIT:
            return _errors(_too_dear(requested))
        if not self._shop.bucket.take(requested):
            throttled = GraphQLError("Throttled", extensions={"code": "THROTTLED"})
            return _errors(throttled) | {"extensions": {"cost": self._cost(requested, None)}}
        return self._run(checked, counter, requested)

    def _run(self, checked: Checked, counter: CostCounter, requested: int) -> dict[str, Any]:
        queries = Queries(self._shop)
        refused = checked.refused(self._shop.scopes)
        result = execute_sync(
            self._edition.schema,
            checked.document,
            root_value=Mutations(self._shop).fields() if checked.is_write else queries.fields(),
            variable_values=self._variables,
            field_resolver=_guarding(refused) if refused else resolve,
        )
        for error in result.errors or ():
            original = error.original_error
            if original is not None and not isinstance(original, GraphQLError):
                # A mistake of the simulated shop's own must not pass for one of Shopify's.
                raise original
            if error.extensions is None or not error.extensions:
                error.extensions = {"code": "INVALID_VARIABLE"} if "ariable" in error.message else {}
        actual = min(requested, counter.actual(result.data))
        self._shop.bucket.give_back(requested - actual)
        answer: dict[str, Any] = dict(result.formatted)
        answer["extensions"] = {"cost": self._cost(requested, actual)}
        if queries.searches:
            answer["extensions"]["search"] = queries.searches
        return answer

    def _cost(self, requested: int, actual: int | None) -> dict[str, Any]:
        return {
            "requestedQueryCost": requested,
            "actualQueryCost": actual,
            "throttleStatus": self._shop.bucket.status(),
        }


def resolve(source: Any, info: GraphQLResolveInfo[Any], **given: Any) -> Any:
    """A field of a view: a value, or what gives it when asked."""
    value = source.get(info.field_name, _MISSING)
    if value is _MISSING:
        raise NotImplementedError(f"the simulated shop has no {info.parent_type.name}.{info.field_name}")
    return value(info, **given) if callable(value) else value


def _guarding(refused: Mapping[tuple[str, str], Need]) -> Any:
    def guarded(source: Any, info: GraphQLResolveInfo[Any], **given: Any) -> Any:
        need = refused.get((info.parent_type.name, info.field_name))
        if need is not None and isinstance(info.parent_type, GraphQLObjectType):
            raise denied(info.field_name, need)
        return resolve(source, info, **given)

    return guarded


def _has_long_list(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) > _LARGEST_LIST or any(map(_has_long_list, value))
    return isinstance(value, dict) and any(map(_has_long_list, value.values()))


def _errors(*errors: GraphQLError) -> dict[str, Any]:
    return {"errors": [dict(error.formatted) for error in errors]}


def _too_dear(cost: int) -> GraphQLError:
    return GraphQLError(
        f"Query cost is {cost}, which exceeds the single query max cost limit ({QUERY_LIMIT}).",
        extensions={"code": "MAX_COST_EXCEEDED", "cost": cost, "maxCost": QUERY_LIMIT},
    )
