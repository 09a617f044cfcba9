"""What a doctor says of a Stuart account."""

from __future__ import annotations

from connectors.couriers.stuart.client import StuartClient
from connectors.couriers.stuart.refusals import REFUSALS
from doorstep.deadline import Deadline
from doorstep.errors import AccountProblem, RemoteError
from doorstep.health import HealthCheck

_BUDGET_S = 15.0


async def check(client: StuartClient, *, has_webhook_key: bool) -> tuple[HealthCheck, ...]:
    """Three tests; the account is not looked at where the sign-in already failed."""
    credentials = await _credentials(client)
    account = (await _account(client),) if credentials.passed else ()
    return (credentials, *account, _webhook_key(has_webhook_key))


async def _credentials(client: StuartClient) -> HealthCheck:
    try:
        await client.sign_in(Deadline(_BUDGET_S))
    except AccountProblem as problem:
        return HealthCheck("credentials", False, problem.message, "credentials_refused")
    except RemoteError as problem:
        sentence = f"{problem.message} Nothing is known about the credentials until it can be asked again."
        return HealthCheck("credentials", False, sentence, "unreachable")
    return HealthCheck("credentials", True, "Stuart accepts the client id and secret.")


async def _account(client: StuartClient) -> HealthCheck:
    try:
        answer = await client.read("/v2/jobs?page=1&per_page=1", Deadline(_BUDGET_S))
        problem = None if answer.is_yes else REFUSALS.error_of(answer)
    except RemoteError as error:
        problem = error
    if problem is None:
        return HealthCheck("account", True, "The account is open and its jobs can be read.")
    fault = "account_refused" if isinstance(problem, AccountProblem) else "unreachable"
    return HealthCheck("account", False, problem.message, fault)


def _webhook_key(has_webhook_key: bool) -> HealthCheck:
    if has_webhook_key:
        return HealthCheck("webhooks", True, "A webhook key is set, so Stuart's messages can be told apart.")
    sentence = (
        "No webhook key is set, so Stuart's messages are refused and deliveries are only polled. Invent a "
        "long one, and give it to the webhook in Stuart's dashboard as its authentication key."
    )
    return HealthCheck("webhooks", False, sentence, "webhook_secret_missing")
