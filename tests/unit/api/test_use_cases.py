"""Mutations and the storefront: what a command is asked, and how its answer is shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from doorstep.audit import Actor
from doorstep.errors import NotFound, NotServiceable
from doorstep.incident import IncidentStatus, Resolution
from doorstep.money import Money
from doorstep.quote import Decline, DeclineReason
from doorstep.secret import Secret
from gateway.api.ports import records as r
from gateway.auth.caller import Audience, Scope
from gateway.flow.records import QuarantineStatus
from tests.unit.api import world as w
from tests.unit.api.conftest import Run
from tests.unit.api.fakes import House, publishable

OPTIONS = """query($to: DestinationInput!, $items: [CartItemInput!]) {
  deliveryOptions(destination: $to, items: $items, cart: {currencyCode: "EUR", cartId: "c-1"}) {
    __typename
    ... on DeliveryOptions { id isComplete refreshAfterSeconds serverTime
      destination { precision missing timeZone }
      groups { id options { id code title rank highlights isBookable price { amount currencyCode minorUnits }
        promise { window { start end } confidence } emissions { co2eGrams } carrier { name mode }
        rankReasons { factor text } } } }
    ... on NotServiceable { code retryable } } }"""


async def test_options_of_a_cart_are_shown_best_first_with_what_stands_out(run: Run, house: House) -> None:
    house.commands.answers["delivery_options"] = w.QUOTES
    items = [{"quantity": 2, "weightGrams": 600, "unitPrice": {"amount": "21.25", "currencyCode": "EUR"}}]
    to = {"countryCode": "es", "address1": "Calle Dos 2", "city": "Madrid", "phone": "+34911234567"}
    result = await run(OPTIONS, publishable(), to=to, items=items)
    assert result.errors is None
    assert result.data is not None
    answer = result.data["deliveryOptions"]
    slow, fast = answer["groups"][0]["options"]
    assert (answer["id"], answer["groups"][0]["id"]) == (w.QUOTES.id, w.QUOTES.id)
    assert answer["serverTime"] == "2026-11-22T09:30:00.000Z"
    assert answer["destination"] == {"precision": "ROOFTOP", "missing": [], "timeZone": "Europe/Madrid"}
    assert slow["price"] == {"amount": "4.90", "currencyCode": "EUR", "minorUnits": "490"}
    assert slow["highlights"] == ["RECOMMENDED", "CHEAPEST", "GREENEST"]
    assert fast["highlights"] == ["FASTEST"]
    assert (slow["code"], slow["isBookable"]) == ("slow_bikes:same_day", True)
    name, asked = house.commands.asked[0]
    assert (name, asked["budget_ms"], asked["destination"].country) == ("delivery_options", 1500, "ES")
    assert asked["items"][0].unit_price == Money(2125, "EUR")
    assert asked["cart"] == r.Cart(cart_id="c-1", currency="EUR")


async def test_a_postcode_alone_gets_options_that_are_not_bookable_yet(run: Run, house: House) -> None:
    rough = replace(w.HOME, line1="", city="", location=None, postal_code="28001")
    house.commands.answers["delivery_options"] = replace(
        w.QUOTES, request=replace(w.QUESTION, dropoff=rough), is_complete=False
    )
    result = await run(OPTIONS, publishable(), to={"countryCode": "ES", "postalCode": "28001"})
    assert result.data is not None
    answer = result.data["deliveryOptions"]
    assert answer["destination"]["precision"] == "POSTAL_CODE"
    assert answer["destination"]["missing"] == ["address1", "city"]
    assert (answer["isComplete"], answer["refreshAfterSeconds"]) == (False, 2)
    assert not any(option["isBookable"] for option in answer["groups"][0]["options"])


async def test_nobody_delivers_there_is_a_problem_and_only_a_merchant_sees_who_declined(
    run: Run, house: House
) -> None:
    house.commands.answers["delivery_options"] = NotServiceable("Nobody.", quote_set_id=w.QUOTES.id)
    result = await run(OPTIONS, publishable(), to={"countryCode": "ES"})
    assert result.data is not None
    assert result.data["deliveryOptions"] == {
        "__typename": "NotServiceable",
        "code": "NOT_SERVICEABLE",
        "retryable": False,
    }
    document = """{ deliveryOptions(destination: {countryCode: "ES"}) {
      ... on NotServiceable { declined { reason carrier { code } } } } }"""
    merchant = await run(document)
    assert merchant.data is not None
    declined = merchant.data["deliveryOptions"]["declined"]
    assert declined == [{"reason": "OUT_OF_AREA", "carrier": {"code": "far_trucks"}}]


async def test_a_choice_is_locked_and_shown_with_its_option(run: Run, house: House) -> None:
    house.commands.answers["choose_option"] = w.CHOICE
    document = """mutation($set: ID!, $quote: ID!) { chooseDeliveryOption(input: {idempotencyKey: "key-12345",
      deliveryOptionsId: $set, cartId: "c-1", selections: [{groupId: $set, optionId: $quote}]}) {
      ... on ChooseDeliveryOptionSuccess { choice { id reference priceLockedUntil total { amount }
        selections { option { id } } } } } }"""
    quote_id = w.QUOTES.quotes[0].id
    result = await run(document, publishable(), set=w.QUOTES.id, quote=quote_id)
    assert result.errors is None
    assert result.data is not None
    choice = result.data["chooseDeliveryOption"]["choice"]
    assert choice["reference"] == w.CHOICE.id
    assert choice["selections"] == [{"option": {"id": quote_id}}]
    assert house.commands.asked[0][1]["quote_id"] == quote_id


@pytest.mark.parametrize(
    "selections", ["[]", "[{groupId: $set, optionId: $q}, {groupId: $set, optionId: $q}]"]
)
async def test_a_choice_takes_one_option_for_the_one_group(run: Run, selections: str) -> None:
    document = f"""mutation($set: ID!, $q: ID!) {{ chooseDeliveryOption(input: {{idempotencyKey: "key-12345",
      deliveryOptionsId: $set, selections: {selections}}}) {{ ... on InvalidInput {{ path }} }}
      node: chooseDeliveryOption(input: {{idempotencyKey: "key-12345", deliveryOptionsId: $set,
      selections: [{{groupId: $q, optionId: $q}}]}}) {{ ... on InvalidInput {{ path }} }} }}"""
    result = await run(document, publishable(), set=w.QUOTES.id, q=w.QUOTES.quotes[0].id)
    assert result.data is not None
    assert result.data["chooseDeliveryOption"]["path"] == ["input", "selections"]
    assert result.data["node"]["path"] == ["input", "selections", "0", "groupId"]


async def test_each_fulfillment_order_has_its_own_outcome(run: Run, house: House) -> None:
    other = w.id_of("ful", 2)
    tried = Decline("far_trucks", DeclineReason.CARRIER_DOWN, "Did not answer.", retry_after_s=2.0)
    house.commands.answers["dispatch"] = (
        r.DispatchOutcome(w.UNIT.id, w.DELIVERY, attempts=(tried,)),
        r.DispatchOutcome(other, error=NotFound(other)),
    )
    document = """mutation($a: ID!, $b: ID!) { dispatch(input: {idempotencyKey: "key-12345",
      fulfillmentOrders: [{fulfillmentOrderId: $a, maxPrice: {amount: "9.90", currencyCode: "EUR"}},
        {fulfillmentOrderId: $b}]}) {
      ... on DispatchSuccess { outcomes { fulfillmentOrderId delivery { id } problem { code message }
        attempts { reason retryAfterSeconds } } } } }"""
    result = await run(document, None, a=w.UNIT.id, b=other)
    assert result.errors is None
    assert result.data is not None
    first, second = result.data["dispatch"]["outcomes"]
    assert (first["delivery"], first["problem"]) == ({"id": w.DELIVERY.id}, None)
    assert first["attempts"] == [{"reason": "CARRIER_DOWN", "retryAfterSeconds": 2}]
    assert (second["delivery"], second["problem"]["code"]) == (None, "NOT_FOUND")
    assert house.commands.asked[0][1]["orders"][0].max_price == Money(990, "EUR")


async def test_naming_one_fulfillment_order_twice_books_nothing(run: Run, house: House) -> None:
    document = """mutation($a: ID!) { dispatch(input: {idempotencyKey: "key-12345", fulfillmentOrders: [
      {fulfillmentOrderId: $a}, {fulfillmentOrderId: $a}]}) { ... on InvalidInput { message } } }"""
    result = await run(document, None, a=w.UNIT.id)
    assert result.data is not None
    assert "twice" in result.data["dispatch"]["message"]
    assert house.commands.asked == []


async def test_quotes_for_a_fulfillment_order_are_shown_with_declines(run: Run, house: House) -> None:
    house.commands.answers["request_quotes"] = w.DISPATCHER_QUOTES
    document = """mutation($a: ID!) {
      requestQuotes(input: {idempotencyKey: "key-12345", fulfillmentOrderId: $a}) {
      ... on RequestQuotesSuccess { quoteSet { id isComplete quotes { rank score carrier { name } }
        declined { text } fulfillmentOrder { id order { number } } } } } }"""
    result = await run(document, None, a=w.UNIT.id)
    assert result.data is not None
    quote_set = result.data["requestQuotes"]["quoteSet"]
    assert [quote["rank"] for quote in quote_set["quotes"]] == [1, 2]
    assert quote_set["fulfillmentOrder"] == {"id": w.UNIT.id, "order": {"number": "1001"}}


async def test_a_tracking_token_comes_with_its_link(run: Run, house: House) -> None:
    link = r.TrackingLink(Secret("t0ken"), "https://track.example/t0ken", w.NOW + timedelta(days=2))
    house.commands.answers["create_tracking_token"] = link
    document = """mutation($id: ID!) { createTrackingToken(input: {deliveryId: $id}) {
      ... on CreateTrackingTokenSuccess { token url expiresAt } } }"""
    result = await run(document, None, id=w.DELIVERY.id)
    assert result.data is not None
    assert result.data["createTrackingToken"]["token"] == "t0ken"
    assert house.commands.asked[0][1] == {"delivery_id": w.DELIVERY.id, "lifetime_s": 172_800}


async def test_an_exception_is_acknowledged_and_resolved(run: Run, house: House) -> None:
    seen = replace(w.incident(), status=IncidentStatus.ACKNOWLEDGED, version=2)
    over = replace(
        seen, status=IncidentStatus.RESOLVED, resolution=Resolution.FIXED, resolved_by=Actor.PERSON, version=3
    )
    house.commands.answers |= {"acknowledge_exception": seen, "resolve_exception": over}
    document = """mutation($id: ID!) {
      acknowledgeException(input: {exceptionId: $id, expectedVersion: 1, note: "On it."}) {
        ... on AcknowledgeExceptionSuccess { exception { status version } } }
      resolveException(input: {exceptionId: $id, resolution: FIXED}) {
        ... on ResolveExceptionSuccess { exception { status resolution resolvedBy } } } }"""
    result = await run(document, None, id=w.incident().id)
    assert result.data == {
        "acknowledgeException": {"exception": {"status": "ACKNOWLEDGED", "version": 2}},
        "resolveException": {
            "exception": {"status": "RESOLVED", "resolution": "FIXED", "resolvedBy": "PERSON"}
        },
    }
    assert house.commands.asked[0][1]["note"] == "On it."


async def test_a_replayed_message_shows_the_order_that_it_became(run: Run, house: House) -> None:
    replayed = replace(w.MESSAGE, status=QuarantineStatus.REPLAYED)
    house.commands.answers["replay_quarantined"] = (r.ReplayOutcome(replayed, w.ORDER.id),)
    document = """mutation($ids: [ID!]!) { replayQuarantined(input: {ids: $ids}) {
      ... on ReplayQuarantinedSuccess {
        outcomes { message { status } order { number } problem { code } } } } }"""
    result = await run(document, None, ids=[w.MESSAGE.id])
    assert result.data is not None
    outcome = result.data["replayQuarantined"]["outcomes"][0]
    assert outcome == {"message": {"status": "REPLAYED"}, "order": {"number": "1001"}, "problem": None}


async def test_a_new_key_is_shown_with_its_secret_once(run: Run, house: House) -> None:
    card = r.KeyCard(
        w.id_of("key"), "Web", Audience.PUBLISHABLE, "pk_live_…4f2a", (), ("https://shop.example",), w.NOW
    )
    house.commands.answers["create_api_key"] = r.NewKey(card, Secret("pk_live_all_of_it"))
    document = """mutation($in: CreateApiKeyInput!) { createApiKey(input: $in) { ... on CreateApiKeySuccess {
      secret apiKey { hint audience allowedOrigins } } ... on InvalidInput { path } } }"""
    given = {"name": "Web", "audience": "PUBLISHABLE", "allowedOrigins": ["https://shop.example"]}
    result = await run(document, None, **{"in": given})
    assert result.data is not None
    assert result.data["createApiKey"]["secret"] == "pk_live_all_of_it"
    assert house.commands.asked[0][1]["order"].audience is Audience.PUBLISHABLE


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"name": " ", "audience": "SECRET", "scopes": ["READ"]}, ["input", "name"]),
        ({"name": "x", "audience": "TRACKING"}, ["input", "audience"]),
        ({"name": "x", "audience": "PUBLISHABLE", "scopes": ["READ"]}, ["input", "scopes"]),
        ({"name": "x", "audience": "SECRET"}, ["input", "scopes"]),
        (
            {"name": "x", "audience": "PUBLISHABLE", "allowedOrigins": ["shop.example"]},
            ["input", "allowedOrigins", "0"],
        ),
        (
            {"name": "x", "audience": "SECRET", "scopes": ["READ"], "expiresAt": "2020-01-01T00:00:00Z"},
            ["input", "expiresAt"],
        ),
    ],
)
async def test_a_key_that_would_make_no_sense_is_not_made(
    run: Run, house: House, given: dict[str, object], path: list[str]
) -> None:
    document = (
        """mutation($in: CreateApiKeyInput!) { createApiKey(input: $in) { ... on InvalidInput { path } } }"""
    )
    result = await run(document, None, **{"in": given})
    assert result.data == {"createApiKey": {"path": path}}
    assert house.commands.asked == []


def test_the_scopes_of_the_schema_are_those_of_keys() -> None:
    assert [scope.value for scope in sorted(Scope)] == ["READ", "OPERATE", "CONFIGURE", "ADMINISTER"]
