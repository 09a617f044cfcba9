"""What a doctor says of an Uber Direct account."""

from __future__ import annotations

from connectors.couriers.uber_direct.client import UberClient
from connectors.couriers.uber_direct.refusals import REFUSALS
from doorstep.deadline import Deadline
from doorstep.errors import AccountProblem, RemoteError
from doorstep.health import HealthCheck

_BUDGET_S = 15.0

_ACCOUNT_FAULTS = {
    "customer_suspended": "account_suspended",
    "customer_blocked": "account_suspended",
    "customer_not_found": "unknown_customer",
    "missing_payment": "payment_missing",
}


async def check(client: UberClient, *, has_signing_key: bool) -> tuple[HealthCheck, ...]:
    """Three tests; the account is not looked at where the sign-in already failed."""
    credentials = await _credentials(client)
    account = (await _account(client),) if credentials.passed else ()
    return (credentials, *account, _signing_key(has_signing_key))


async def _credentials(client: UberClient) -> HealthCheck:
    try:
        await client.sign_in(Deadline(_BUDGET_S))
    except AccountProblem as problem:
        return HealthCheck("credentials", False, problem.message, "credentials_refused")
    except RemoteError as problem:
        sentence = f"{problem.message} Nothing is known about the credentials until it can be asked again."
        return HealthCheck("credentials", False, sentence, "unreachable")
    return HealthCheck("credentials", True, "Uber accepts the client id and secret.")


async def _account(client: UberClient) -> HealthCheck:
    try:
        answer = await client.read("/deliveries?limit=1", Deadline(_BUDGET_S))
        problem = None if answer.is_yes else REFUSALS.error_of(answer)
    except RemoteError as error:
        problem = error
    if problem is None:
        return HealthCheck("account", True, "The account is open and its deliveries can be read.")
    fallback = "account_refused" if isinstance(problem, AccountProblem) else "unreachable"
    return HealthCheck("account", False, problem.message, _ACCOUNT_FAULTS.get(problem.raw_code, fallback))


def _signing_key(has_signing_key: bool) -> HealthCheck:
    if has_signing_key:
        return HealthCheck("webhooks", True, "A signing key is set, so Uber's messages can be verified.")
    sentence = (
        "No signing key is set, so Uber's messages are refused and deliveries are only polled. "
        "Make a webhook at direct.uber.com and copy its signing key."
    )
    return HealthCheck("webhooks", False, sentence, "webhook_secret_missing")
