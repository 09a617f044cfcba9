"""What a doctor says of an access key of DoorDash Drive."""

from __future__ import annotations

from connectors.couriers.doordash.client import DoorDashClient
from connectors.couriers.doordash.refusals import REFUSALS, code_of
from connectors.couriers.doordash.wording import NAME
from connectors.refusing import Family
from doorstep.deadline import Deadline
from doorstep.errors import AccountProblem, RemoteError
from doorstep.health import HealthCheck

_BUDGET_S = 15.0
_NOBODYS_DELIVERY = "doorstep-checks-this-key"


async def check(client: DoorDashClient, *, has_webhook_secret: bool) -> tuple[HealthCheck, ...]:
    """Two tests; the key is tried by asking for a delivery that does not exist, which costs nothing."""
    return (await _credentials(client), _webhooks(has_webhook_secret))


async def _credentials(client: DoorDashClient) -> HealthCheck:
    try:
        answer = await client.read(_NOBODYS_DELIVERY, Deadline(_BUDGET_S))
        is_known = answer.is_yes or (REFUSALS.family_of(answer) is Family.GONE and bool(code_of(answer)))
        problem = None if is_known else REFUSALS.error_of(answer)
    except RemoteError as error:
        problem = error
    if problem is None:
        return HealthCheck("credentials", True, f"{NAME} accepts the access key.")
    if isinstance(problem, AccountProblem):
        is_forbidden = problem.raw_code.startswith("authorization_error") or problem.raw_code == "403"
        fault = "account_refused" if is_forbidden else "credentials_refused"
        return HealthCheck("credentials", False, problem.message, fault)
    sentence = f"{problem.message} Nothing is known about the credentials until it can be asked again."
    return HealthCheck("credentials", False, sentence, "unreachable")


def _webhooks(has_webhook_secret: bool) -> HealthCheck:
    if has_webhook_secret:
        return HealthCheck(
            "webhooks",
            True,
            "An authorization value is set, so DoorDash's messages can be told from others'.",
        )
    sentence = (
        "No authorization value is set, so DoorDash's messages are refused and deliveries are only polled. "
        "Set one for the webhook in the developer portal and enter the same here."
    )
    return HealthCheck("webhooks", False, sentence, "webhook_secret_missing")
