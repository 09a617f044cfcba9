"""Signatures of Standard Webhooks: HMAC-SHA256 over id, time and body, by every secret that is valid."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook

from doorstep.secret import Secret

SECRET_BYTES = 32


def new_secret() -> Secret:
    """A fresh signing secret in the form that the libraries of receivers take, `whsec_…`."""
    return Secret("whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode())


def signed_headers(message_id: str, at: datetime, body: str, signing: Sequence[Secret]) -> Mapping[str, str]:
    """The three headers of a call.

    Parameters
    ----------
    at
        When it is sent; receivers refuse what is older than five minutes.
    signing
        Newest first. While a secret is rotated both sign, so that a receiver may change at its own time.
    """
    # The library reads the numbers of a time in any zone as if it were UTC (standardwebhooks 1.1.0).
    moment = at.astimezone(UTC)
    signatures = (Webhook(secret.reveal()).sign(message_id, moment, body) for secret in signing)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
