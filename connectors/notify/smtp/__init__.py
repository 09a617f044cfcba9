"""E-mail over any mail server that takes submissions."""

from __future__ import annotations

import ssl
from collections.abc import Mapping

from connectors.notify.smtp.client import MailSettings, Security, SmtpAccount
from doorstep.errors import InvalidInput
from doorstep.notice import NoticeChannel
from doorstep.ports import CredentialField
from doorstep.ports.notifiers import Notifier, NotifierPlugin
from doorstep.secret import Secret

CREDENTIALS = (
    CredentialField("host", "Mail server", is_secret=False),
    CredentialField("port", "Port", is_secret=False, default="587"),
    CredentialField("security", "starttls, tls or none", is_secret=False, default="starttls"),
    CredentialField("username", "User name", is_secret=False, default=""),
    CredentialField("password", "Password", is_secret=True, default=""),
    CredentialField("sender", "Sender's address", is_secret=False),
    CredentialField("sender_name", "Sender's name", is_secret=False, default=""),
    CredentialField("reply_to", "Where answers go", is_secret=False, default=""),
    CredentialField("bounces", "Address that takes bounces+…", is_secret=False, default=""),
    CredentialField("ca_file", "Certificates to trust", is_secret=False, default=""),
)


def channels(credentials: Mapping[str, Secret]) -> tuple[NoticeChannel, ...]:  # noqa: ARG001 - the port's
    """E-mail alone."""
    return (NoticeChannel.EMAIL,)


def connect(credentials: Mapping[str, Secret], callback: str) -> Notifier:  # noqa: ARG001 - the port's
    """One account.

    Raises
    ------
    InvalidInput
        If the server or the sender is missing, or a password would go over an open line.
    """
    given = {name: value.reveal().strip() for name, value in credentials.items()}
    for name in ("host", "sender"):
        if not given.get(name):
            raise InvalidInput(f"{name} is missing.", path=("credentials", name))
    if "@" not in given["sender"]:
        raise InvalidInput("sender must be an e-mail address.", path=("credentials", "sender"))
    try:
        security, port = Security(given.get("security") or "starttls"), int(given.get("port") or 587)
    except ValueError:
        text = "security must be starttls, tls or none, and port a number."
        raise InvalidInput(text, path=("credentials", "security")) from None
    if security is Security.NONE and given.get("username"):
        text = "A user name and a password go over TLS only."
        raise InvalidInput(text, path=("credentials", "security"))
    ca_file = given.get("ca_file")
    return SmtpAccount(
        MailSettings(
            host=given["host"],
            port=port,
            security=security,
            username=given.get("username", ""),
            password=Secret(given.get("password", "")),
            sender=given["sender"],
            sender_name=given.get("sender_name", ""),
            reply_to=given.get("reply_to", ""),
            bounces=given.get("bounces", ""),
        ),
        ssl.create_default_context(cafile=ca_file) if ca_file else None,
    )


CONNECTOR = NotifierPlugin(
    provider="smtp",
    name="E-mail",
    credentials=CREDENTIALS,
    channels=channels,
    connect=connect,
    may_repeat=True,
)

__all__ = ["CONNECTOR"]
