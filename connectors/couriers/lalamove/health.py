"""What a doctor says of a Lalamove account."""

from __future__ import annotations

from connectors.couriers.lalamove.client import LalamoveClient
from connectors.couriers.lalamove.markets import Market
from connectors.couriers.lalamove.refusals import REFUSALS
from connectors.couriers.lalamove.vehicles import City, read_cities
from doorstep.deadline import Deadline
from doorstep.errors import AccountProblem, RemoteError
from doorstep.health import HealthCheck

_BUDGET_S = 15.0


async def check(client: LalamoveClient, market: Market) -> tuple[HealthCheck, ...]:
    """Two tests of one call; the market is not looked at where the key already failed."""
    try:
        answer = await client.read("/v3/cities", Deadline(_BUDGET_S))
        if not answer.is_yes:
            raise REFUSALS.error_of(answer)
    except AccountProblem as problem:
        is_market = problem.raw_code == "ERR_INVALID_MARKET"
        name, fault = ("market", "unknown_market") if is_market else ("credentials", "credentials_refused")
        return (HealthCheck(name, False, problem.message, fault),)
    except RemoteError as problem:
        sentence = f"{problem.message} Nothing is known about the key until it can be asked again."
        return (HealthCheck("credentials", False, sentence, "unreachable"),)
    accepted = HealthCheck("credentials", True, "Lalamove accepts the API key and secret.")
    return (accepted, _market(market, read_cities(answer.body)))


def _market(market: Market, cities: tuple[City, ...]) -> HealthCheck:
    if any(city.services for city in cities):
        count = len(cities)
        word = "city" if count == 1 else "cities"
        return HealthCheck("market", True, f"Lalamove serves {count} {word} in {market.code}.")
    sentence = f"Lalamove names no city with a vehicle in {market.code}. Check the market's two letters."
    return HealthCheck("market", False, sentence, "unknown_market")
