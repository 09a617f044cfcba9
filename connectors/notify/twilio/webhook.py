"""Twilio's calls to us: how messages fare, and what people write back. Signed over address and form.

https://www.twilio.com/docs/usage/webhooks/webhooks-security
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from connectors.notify.twilio import mapping
from doorstep.errors import BadSignature, UnreadablePayload
from doorstep.notice import NoticeUpdate, Reply
from doorstep.secret import Secret

_SIGNATURE = "x-twilio-signature"
_SETTINGS = "x-twilio-webhooks-signature-settings"
_PORTS = {"https": 443, "http": 80}


class TwilioWebhooks:
    """See `doorstep.ports.notifiers.NotifierWebhookReader`."""

    def verify(self, url: str, headers: Mapping[str, str], body: bytes, secrets: Sequence[Secret]) -> None:
        """Check the signature against each auth token, with and without the port in the address."""
        given = headers.get(_SIGNATURE, "")
        # Without the header it is SHA-1; what a sender may choose is the stronger one, under the same secret.
        algorithm = hashlib.sha256 if "HMAC_SHA256" in headers.get(_SETTINGS, "") else hashlib.sha1
        form = _form(body)
        matches = [
            hmac.compare_digest(signature(secret, spelling, form, algorithm), given)
            for secret in secrets
            if secret
            for spelling in _spellings(url)
        ]
        if not given or not any(matches):
            raise BadSignature("the call's X-Twilio-Signature is not made with a token of this account")

    def read(self, headers: Mapping[str, str], body: bytes) -> NoticeUpdate | Reply | None:  # noqa: ARG002 - the port's
        """A status, or what somebody wrote."""
        form = dict(_form(body))
        if not form:
            raise UnreadablePayload("Twilio's call holds no form.")
        return mapping.reply_of(form) or mapping.update_of_callback(form)


def signature(
    secret: Secret, url: str, form: Sequence[tuple[str, str]], algorithm: object = hashlib.sha1
) -> str:
    """What Twilio signs: the address, then each name with its values, sorted and once each."""
    parts = [f"{name}{value}" for name, value in sorted(set(form))]
    text = (url + "".join(parts)).encode()
    made = hmac.new(secret.reveal().encode(), text, algorithm)  # type: ignore[call-overload] # a constructor of hashlib's
    return base64.b64encode(made.digest()).decode()


def _form(body: bytes) -> list[tuple[str, str]]:
    return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)


def _spellings(url: str) -> Iterator[str]:
    """With and without the port: Twilio has signed either."""
    parts = urlsplit(url)._replace(fragment="")
    host = parts.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    port = parts.port or _PORTS.get(parts.scheme, 443)
    yield urlunsplit(parts)
    yield urlunsplit(parts._replace(netloc=shown))
    yield urlunsplit(parts._replace(netloc=f"{shown}:{port}"))
