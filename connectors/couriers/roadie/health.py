"""What a doctor says of a Roadie account."""

from __future__ import annotations

from connectors.couriers.roadie.client import RoadieClient
from connectors.couriers.roadie.refusals import REFUSALS
from connectors.refusing import Family
from doorstep.deadline import Deadline
from doorstep.errors import AccountProblem, RemoteError
from doorstep.health import HealthCheck

_BUDGET_S = 15.0
_NO_SHIPMENT = "/shipments?ids=0"


async def check(client: RoadieClient, *, has_webhook_key: bool) -> tuple[HealthCheck, ...]:
    """Two tests: the token, and the webhook key."""
    return (await _credentials(client), _webhook_key(has_webhook_key))


async def _credentials(client: RoadieClient) -> HealthCheck:
    try:
        answer = await client.read(_NO_SHIPMENT, Deadline(_BUDGET_S))
        # That it has no shipment of that number is an answer to somebody whom it knows.
        is_known = answer.is_yes or REFUSALS.family_of(answer) in {Family.GONE, Family.INVALID}
        problem = None if is_known else REFUSALS.error_of(answer)
    except RemoteError as error:
        problem = error
    if problem is None:
        return HealthCheck("credentials", True, "Roadie accepts the access token.")
    fault = "credentials_refused" if isinstance(problem, AccountProblem) else "unreachable"
    return HealthCheck("credentials", False, problem.message, fault)


def _webhook_key(has_webhook_key: bool) -> HealthCheck:
    if has_webhook_key:
        return HealthCheck("webhooks", True, "A webhook key is set, so Roadie's messages can be told apart.")
    sentence = (
        "No webhook key is set, so Roadie's messages are refused and deliveries are only polled. Invent a "
        "long one, and ask Roadie to send it with every message."
    )
    return HealthCheck("webhooks", False, sentence, "webhook_secret_missing")
