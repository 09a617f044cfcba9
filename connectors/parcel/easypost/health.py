"""What a doctor says of an EasyPost account."""

from __future__ import annotations

from connectors.calling import Answer
from connectors.parcel.easypost.client import EasyPostClient
from connectors.parcel.easypost.refusals import REFUSALS
from doorstep.deadline import Deadline
from doorstep.errors import AccountProblem, RemoteError
from doorstep.health import HealthCheck
from doorstep.json_reading import children

_BUDGET_S = 15.0

_FAULTS = {401: "credentials_refused", 402: "payment_missing", 403: "account_suspended"}


async def check(client: EasyPostClient, *, has_webhook_secret: bool) -> tuple[HealthCheck, ...]:
    """The key, then the webhooks; these are not looked at where the key already failed."""
    try:
        answer = await client.read("/v2/webhooks", Deadline(_BUDGET_S))
    except RemoteError as problem:
        return (_failed(problem, "unreachable"), _secret(has_webhook_secret))
    if not answer.is_yes:
        refusal = REFUSALS.error_of(answer)
        fallback = "credentials_refused" if isinstance(refusal, AccountProblem) else "unreachable"
        return (_failed(refusal, _FAULTS.get(answer.status, fallback)), _secret(has_webhook_secret))
    return (
        HealthCheck("credentials", True, "EasyPost accepts the key."),
        _secret(has_webhook_secret) if not has_webhook_secret else _registered(answer),
    )


def _failed(problem: RemoteError, fault: str) -> HealthCheck:
    return HealthCheck("credentials", False, problem.message, fault)


def _secret(has_webhook_secret: bool) -> HealthCheck:
    if has_webhook_secret:
        return HealthCheck("webhooks", True, "A webhook secret is set.")
    sentence = (
        "No webhook secret is set, so EasyPost's events are refused and parcels are only polled. "
        "Give the webhook a secret at easypost.com and enter the same one here."
    )
    return HealthCheck("webhooks", False, sentence, "webhook_secret_missing")


def _registered(answer: Answer) -> HealthCheck:
    hooks = children(answer.body, "webhooks")
    if not hooks:
        sentence = "EasyPost has no webhook, so parcels are only polled. Add our address at easypost.com."
        return HealthCheck("webhooks", False, sentence, "webhook_missing")
    if all(hook.get("disabled_at") for hook in hooks):
        sentence = "EasyPost has switched its webhook off after failures. Switch it on again at easypost.com."
        return HealthCheck("webhooks", False, sentence, "webhook_disabled")
    return HealthCheck("webhooks", True, "EasyPost has a webhook that is switched on.")
