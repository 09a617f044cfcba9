"""What is made of an update without GraphQL's executor is what the executor makes of it."""

from __future__ import annotations

from typing import Any

import pytest

from doorstep.incident import IncidentKind
from gateway.api.admission.gate import Known
from gateway.api.ports.records import DriverFilter
from gateway.api.schema import GatewaySchema
from gateway.api.sharing.plain import plain_of
from gateway.api.snapshots import driver_positions
from gateway.api.types.deliveries import Delivery
from gateway.api.types.enums import UpdateKind
from gateway.api.types.exceptions import show_exception
from gateway.api.types.updates import DeliveryUpdate, DriverPositionsUpdate, ExceptionUpdate
from tests.unit.api import world as w
from tests.unit.api.fakes import House

HEAD: dict[str, Any] = {"cursor": "7", "kind": UpdateKind.CHANGE, "sent_at": w.NOW}

DELIVERY = """subscription { deliveryUpdated { __typename cursor kind sentAt leftFilter delivery {
  id reference version createdAt status stage flags promise { window { start end } } eta { at }
  lateRisk destination { city countryCode location { latitude } }
  parcels { dimensions { weightGrams } } activeLeg { price { amount currencyCode } service } } } }"""
EXCEPTION = """subscription { exceptionRaised { cursor exception { __typename id kind severity dueAt
  steps { __typename } ... on CarrierException { rawCode } } } }"""
MOVED = """subscription { driverMoved { moved { driver { id name shiftStart vehicle { __typename } }
  status nextStopId position { ageSeconds location { longitude } } } } }"""


async def known(schema: GatewaySchema, house: House, query: str) -> Known:
    """A valid document."""
    stream: Any = await schema.stream(query, {}, house.context())
    await stream.aclose()
    found = schema.measures.known(query, None)
    if found is None:
        from graphql import parse

        found = schema.measures.look_up(schema._schema, query, parse(query), None)
    assert found is not None
    return found


async def updates(house: House) -> list[tuple[str, object]]:
    moved = await driver_positions(house.context(), DriverFilter())
    kinds = (IncidentKind.LATE_RISK, IncidentKind.NO_COURIER, IncidentKind.OTHER)
    return [
        (DELIVERY, DeliveryUpdate(**HEAD, delivery=Delivery.of(w.DELIVERY), left_filter=False)),
        (DELIVERY, DeliveryUpdate(**HEAD, delivery=None, left_filter=True)),
        (MOVED, DriverPositionsUpdate(**HEAD, moved=moved)),
        *(
            (EXCEPTION, ExceptionUpdate(**HEAD, exception=show_exception(one), left_filter=False))
            for one in map(w.incident, kinds)
        ),
    ]


async def test_the_same_is_told_with_and_without_the_executor(schema: GatewaySchema, house: House) -> None:
    for query, update in await updates(house):
        document = await known(schema, house, query)
        plain = plain_of(document)
        assert plain is not None
        told = await schema.tell(document.document, update, house.context(), {}, None)
        assert told.errors is None
        assert plain(update) == told.data


@pytest.mark.parametrize(
    "selection",
    ["delivery { order { id } }", "cursor @skip(if: false)", "delivery { tracking { status } }"],
)
async def test_what_takes_resolvers_or_conditions_is_left_to_the_executor(
    schema: GatewaySchema, house: House, selection: str
) -> None:
    document = await known(schema, house, f"subscription {{ deliveryUpdated {{ {selection} }} }}")
    assert plain_of(document) is None


async def test_a_null_where_there_must_be_none_is_left_to_the_executor(
    schema: GatewaySchema, house: House
) -> None:
    plain = plain_of(await known(schema, house, "subscription { deliveryUpdated { cursor } }"))
    assert plain is not None
    broken: Any = DeliveryUpdate(**HEAD | {"cursor": None}, delivery=None, left_filter=False)
    with pytest.raises(ValueError, match="null"):
        plain(broken)
