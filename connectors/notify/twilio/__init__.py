"""Twilio: SMS, and WhatsApp through it."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.notify.twilio.client import TwilioAccount
from connectors.notify.twilio.webhook import TwilioWebhooks
from doorstep.errors import InvalidInput
from doorstep.notice import NoticeChannel
from doorstep.ports import CredentialField
from doorstep.ports.notifiers import Notifier, NotifierPlugin
from doorstep.secret import Secret

API = "https://api.twilio.com"

CREDENTIALS = (
    CredentialField("account_sid", "Account SID", is_secret=False, help="Begins with AC; in the console."),
    CredentialField("auth_token", "Auth token", is_secret=True, help="It also verifies Twilio's calls."),
    CredentialField("auth_token_previous", "Auth token before", is_secret=True, default=""),
    CredentialField("api_key", "API key SID", is_secret=False, help="Begins with SK.", default=""),
    CredentialField("api_secret", "API key secret", is_secret=True, default=""),
    CredentialField("from_sms", "SMS sender", is_secret=False, help="E.164, +15005550006.", default=""),
    CredentialField("messaging_service", "Messaging Service SID", is_secret=False, default=""),
    CredentialField("from_whatsapp", "WhatsApp sender", is_secret=False, help="E.164.", default=""),
    CredentialField("base_url", "Another address of the API", is_secret=False, default=API),
)


def channels(credentials: Mapping[str, Secret]) -> tuple[NoticeChannel, ...]:
    """What there is a sender for."""
    named = {name for name, value in credentials.items() if value}
    sms = (NoticeChannel.SMS,) if named & {"from_sms", "messaging_service"} else ()
    whatsapp = (NoticeChannel.WHATSAPP,) if "from_whatsapp" in named else ()
    return (*sms, *whatsapp)


def connect(credentials: Mapping[str, Secret], callback: str) -> Notifier:
    """One account.

    Raises
    ------
    InvalidInput
        If the account, its token or every sender is missing.
    """
    given = {name: value.reveal().strip() for name, value in credentials.items()}
    for name in ("account_sid", "auth_token"):
        if not given.get(name):
            raise InvalidInput(f"{name} is missing.", path=("credentials", name))
    if not channels(credentials):
        text = "One of from_sms, messaging_service and from_whatsapp is needed."
        raise InvalidInput(text, path=("credentials", "from_sms"))
    has_key = bool(given.get("api_key") and given.get("api_secret"))
    return TwilioAccount(
        (given.get("base_url") or API).rstrip("/"),
        given["account_sid"],
        given["api_key"] if has_key else given["account_sid"],
        Secret(given["api_secret"] if has_key else given["auth_token"]),
        {name: given.get(name, "") for name in ("from_sms", "from_whatsapp", "messaging_service")},
        callback,
    )


CONNECTOR = NotifierPlugin(
    provider="twilio",
    name="Twilio",
    credentials=CREDENTIALS,
    channels=channels,
    connect=connect,
    webhooks=TwilioWebhooks(),
    secret_names=("auth_token", "auth_token_previous"),
)

__all__ = ["CONNECTOR"]
