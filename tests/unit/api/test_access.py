"""Who may run what: decided at validation, for the caller and not for the cache."""

from __future__ import annotations

import pytest
from graphql import get_introspection_query

from gateway.api.schema import GatewaySchema, build_schema
from gateway.api.settings import ApiSettings
from gateway.auth.caller import Audience, Caller, Scope
from tests.unit.api import world as w
from tests.unit.api.conftest import Run, fault
from tests.unit.api.fakes import House, publishable, secret, tracking

OPTIONS_WITH_COST = """query($to: DestinationInput!) { deliveryOptions(destination: $to) {
  ... on DeliveryOptions { groups { options { id quote { score } } } } } }"""


async def test_a_document_that_one_key_may_run_is_still_refused_to_another(run: Run, house: House) -> None:
    document = "{ orders { nodes { id } } }"
    assert (await run(document)).errors is None
    refused = await run(document, publishable())
    assert fault(refused)["code"] == "FORBIDDEN"
    assert (await run(document)).errors is None
    assert house.reads.calls["find_orders"] == 2


async def test_the_refusal_names_the_first_field_and_nothing_runs(run: Run, house: House) -> None:
    house.commands.answers["delivery_options"] = w.QUOTES
    result = await run(OPTIONS_WITH_COST, publishable(), to={"countryCode": "ES"})
    assert result.data is None
    assert fault(result) == {
        "code": "FORBIDDEN",
        "retryable": False,
        "field": "DeliveryOption.quote",
    }
    assert house.commands.asked == []


async def test_a_forbidden_field_hidden_in_a_fragment_or_an_alias_is_refused(run: Run) -> None:
    document = """query($to: DestinationInput!) { hello: deliveryOptions(destination: $to) { ...Shown } }
      fragment Shown on DeliveryOptionsResult { ... on DeliveryOptions { ...Deep } }
      fragment Deep on DeliveryOptions { groups { options { innocent: rankReasons { c: contribution } } } }"""
    result = await run(document, publishable(), to={"countryCode": "ES"})
    assert fault(result)["field"] == "RankReason.contribution"


@pytest.mark.parametrize(
    ("document", "audience", "is_open"),
    [
        ("{ viewer { audience } }", Audience.PUBLISHABLE, True),
        ("{ viewer { audience } }", Audience.TRACKING, True),
        ("{ viewer { audience } }", Audience.DRIVER, True),
        ("{ tracking { ... on Tracking { id } } }", Audience.TRACKING, True),
        ("{ tracking { ... on Tracking { id } } }", Audience.DRIVER, False),
        ('{ deliveryOptionsById(id: "x") { id } }', Audience.TRACKING, False),
        ('{ node(id: "x") { id } }', Audience.PUBLISHABLE, False),
        ('{ node(id: "x") { id } }', Audience.TRACKING, False),
        ("{ drivers { nodes { name } } }", Audience.DRIVER, False),
        ("{ quarantine { nodes { id } } }", Audience.PUBLISHABLE, False),
        ("mutation { createApiKey(input: MAKE) { __typename } }", Audience.TRACKING, False),
        ("subscription { driverMoved { cursor } }", Audience.PUBLISHABLE, False),
    ],
)
async def test_each_audience_reaches_its_own_root_fields_only(
    schema: GatewaySchema, house: House, document: str, audience: Audience, *, is_open: bool
) -> None:
    caller = Caller(audience, w.MERCHANT.id, "", frozenset(), delivery_id=w.DELIVERY.id)
    document = document.replace("MAKE", '{name: "x", audience: SECRET}')
    source = await schema.stream(document, context_value=house.context(caller))
    result = await anext(source)
    await source.aclose()
    codes = {(error.extensions or {})["code"] for error in getattr(result, "errors", None) or ()}
    assert ("FORBIDDEN" not in codes) is is_open


@pytest.mark.parametrize("scope", [Scope.READ, Scope.OPERATE, Scope.CONFIGURE, Scope.ADMINISTER])
async def test_a_secret_key_needs_the_scope_of_a_mutation(run: Run, house: House, scope: Scope) -> None:
    house.commands.answers["plan_routes"] = w.PLAN
    document = """mutation { planRoutes(input: {idempotencyKey: "12345678", date: "2026-11-22"}) {
      ... on PlanRoutesSuccess { plan { id } } } }"""
    result = await run(document, secret(scope))
    if scope is Scope.READ:
        assert fault(result)["scope"] == "OPERATE"
    else:
        assert result.errors is None


async def test_a_storefront_cannot_re_read_what_a_dispatcher_asked(run: Run) -> None:
    document = "query($id: ID!) { deliveryOptionsById(id: $id) { id } }"
    own = await run(document, publishable(), id=w.QUOTES.id)
    assert own.data == {"deliveryOptionsById": {"id": w.QUOTES.id}}
    others = await run(document, publishable(), id=w.DISPATCHER_QUOTES.id)
    assert others.data == {"deliveryOptionsById": None}


async def test_introspection_is_answered_or_not_by_setting(run: Run, house: House) -> None:
    document = "{ __schema { queryType { name } } }"
    assert (await run(document, publishable())).errors is None
    closed = build_schema(ApiSettings(introspection=False))
    result = await closed.execute(document, context_value=house.context(publishable()))
    assert result.data is None
    assert result.errors is not None


async def test_tools_that_ask_for_the_whole_schema_stay_within_the_limits(run: Run) -> None:
    result = await run(get_introspection_query(descriptions=True), publishable())
    assert result.errors is None
    assert result.data is not None
    assert {type_["name"] for type_ in result.data["__schema"]["types"]} >= {"Money", "Delivery"}


async def test_a_tracking_token_opens_its_own_delivery_and_no_phone_number(run: Run) -> None:
    result = await run("{ tracking { ... on Tracking { id reference } } }", tracking())
    assert result.data == {"tracking": {"id": w.DELIVERY.id, "reference": "1001-1"}}
