"""What a doctor says of a ShipEngine account."""

from __future__ import annotations

from connectors.calling import Answer
from connectors.parcel.shipengine.accounts import read_accounts
from connectors.parcel.shipengine.client import ShipEngineClient
from connectors.parcel.shipengine.published import KeyBook
from connectors.parcel.shipengine.refusals import REFUSALS, code_of
from connectors.parcel.shipengine.signatures import key_set
from connectors.parcel.shipengine.webhook import SECRET_HEADER
from doorstep.deadline import Deadline
from doorstep.errors import AccountProblem, RemoteError
from doorstep.health import HealthCheck
from doorstep.json_reading import Json, children, text
from doorstep.secret import Secret

_BUDGET_S = 15.0
_TRACKING = frozenset({"track", "track_event_v2"})

_FAULTS = {
    "insufficient_funds": "payment_missing",
    "invalid_billing_plan": "payment_missing",
    "subscription_inactive": "account_suspended",
    "trial_expired": "account_suspended",
    "terms_not_accepted": "account_refused",
}

_UNREAD_KEYS = HealthCheck(
    "webhooks",
    False,
    "ShipEngine's published keys cannot be read, so its messages are refused and parcels are only polled.",
    "unreachable",
)


async def check(client: ShipEngineClient, webhook_secret: Secret, keys: KeyBook) -> tuple[HealthCheck, ...]:
    """The key, the carriers behind it, then the webhooks; each is looked at where the one before passed."""
    deadline = Deadline(_BUDGET_S)
    try:
        answer = await client.read("/carriers", deadline)
        if not answer.is_yes:
            refusal = REFUSALS.error_of(answer)
            return (_failed(refusal, _fault_of(answer, refusal)),)
        found = [HealthCheck("credentials", True, "ShipEngine accepts the key."), _carriers(answer.body)]
        if client.is_sandbox:
            sentence = "This is a key for tests: ShipEngine sends no webhooks, so parcels are polled."
            found.append(HealthCheck("webhooks", True, sentence))
        else:
            hooks = await client.read("/environment/webhooks", deadline)
            registered = _registered(hooks, webhook_secret)
            is_unread = registered.passed and await keys.read(deadline.left_s) is None
            found.append(_UNREAD_KEYS if is_unread else registered)
    except RemoteError as problem:
        return (_failed(problem, "unreachable"),)
    return tuple(found)


def _failed(problem: RemoteError, fault: str) -> HealthCheck:
    return HealthCheck("credentials", False, problem.message, fault)


def _fault_of(answer: Answer, refusal: RemoteError) -> str:
    fallback = "credentials_refused" if isinstance(refusal, AccountProblem) else "unreachable"
    return _FAULTS.get(code_of(answer), fallback)


def _carriers(body: Json) -> HealthCheck:
    accounts = read_accounts(body)
    if accounts.failed:
        sentence = " ".join(decline.text for decline in accounts.failed)
        return HealthCheck("carriers", False, f"ShipEngine could not list all: {sentence}", "account_refused")
    if not accounts.ids:
        sentence = "No carrier is connected at ShipEngine. Connect one in its dashboard."
        return HealthCheck("carriers", False, sentence, "account_refused")
    names = ", ".join(sorted(set(accounts.ids.values())))
    return HealthCheck("carriers", True, f"Connected at ShipEngine: {names}.")


def _registered(answer: Answer, webhook_secret: Secret) -> HealthCheck:
    listed = answer.content if isinstance(answer.content, list) else answer.body.get("webhooks")
    hooks = [hook for hook in children({"hooks": listed}, "hooks") if text(hook, "event") in _TRACKING]
    if not answer.is_yes:
        return HealthCheck("webhooks", False, REFUSALS.error_of(answer).message, "unreachable")
    if not hooks:
        sentence = (
            "ShipEngine has no webhook for tracking, so parcels are only polled. Add our address there."
        )
        return HealthCheck("webhooks", False, sentence, "webhook_missing")
    wants_header = bool(webhook_secret) and key_set(webhook_secret.reveal()) is None
    if wants_header and not any(_has_header(hook) for hook in hooks):
        sentence = (
            f"ShipEngine's webhook has no header {SECRET_HEADER}, so its messages are refused. "
            "Register it again with that header and the secret that is entered here, or enter none."
        )
        return HealthCheck("webhooks", False, sentence, "webhook_secret_missing")
    return HealthCheck("webhooks", True, "ShipEngine has a webhook for tracking.")


def _has_header(hook: Json) -> bool:
    return any(text(header, "key").lower() == SECRET_HEADER for header in children(hook, "headers"))
