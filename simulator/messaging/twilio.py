"""A Twilio: the Messages API with its magic numbers, signed callbacks, STOP, and answers that get lost.

Read from Twilio's OpenAPI files of April 2026 and its documentation, and from nothing of ours.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import parse_qsl, urldefrag, urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

ACCOUNT, TOKEN = "AC" + "a" * 32, "simulated-auth-token"
DOCS = "https://www.twilio.com/docs/errors"
SESSION = timedelta(hours=24)

# Numbers with which test credentials answer; `From` first.
MAGIC_FROM = {"+15005550001": 21212, "+15005550007": 21606, "+15005550008": 21611}
MAGIC_TO = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}
# The last four digits of a number say what becomes of a message to it later.
LATER = {"9003": 30003, "9005": 30005, "9007": 30007, "9008": 30008}

Call = Callable[[str, Mapping[str, str], bytes], Awaitable[object]]
"""(url, headers, body): how callbacks leave."""


@dataclass
class SimulatedTwilio:
    """One account.

    Attributes
    ----------
    callbacks
        Calls that are to be made, as (url, form), in the order in which a real one would make them.
    loses_answers
        How many of the next answers never arrive, though the message is taken.
    throttles
        How many of the next messages are answered 429.
    signs_sha256
        With the newer signature.
    """

    account_sid: str = ACCOUNT
    auth_token: str = TOKEN
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    messages: list[dict[str, object]] = field(default_factory=list)
    callbacks: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    stopped: set[tuple[str, str]] = field(default_factory=set)
    sessions: dict[str, datetime] = field(default_factory=dict)
    templates: dict[str, str] = field(default_factory=dict)
    loses_answers: int = 0
    throttles: int = 0
    signs_sha256: bool = False

    def app(self) -> Starlette:
        """The API as an application."""
        base = f"/2010-04-01/Accounts/{self.account_sid}"
        return Starlette(
            routes=[
                Route(f"{base}/Messages.json", self._create, methods=["POST"]),
                Route(f"{base}/Messages.json", self._list),
                Route(f"{base}/Messages/{{sid}}.json", self._read),
                Route(f"{base}.json", self._account),
            ]
        )

    async def deliver(self, call: Call) -> int:
        """Make the calls that are due, signed; how many there were."""
        due, self.callbacks = self.callbacks, []
        for url, form in due:
            body, headers = self.signed(url, form)
            await call(urldefrag(url).url, headers, body)
        return len(due)

    def signed(self, url: str, form: Mapping[str, str]) -> tuple[bytes, dict[str, str]]:
        """Body and headers of a call of Twilio's."""
        text = urldefrag(url).url + "".join(f"{name}{form[name]}" for name in sorted(form))
        algorithm = hashlib.sha256 if self.signs_sha256 else hashlib.sha1
        made = hmac.new(self.auth_token.encode(), text.encode(), algorithm)
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "x-twilio-signature": base64.b64encode(made.digest()).decode(),
        }
        if self.signs_sha256:
            headers["x-twilio-webhooks-signature-settings"] = "key=k1,algorithm=HMAC_SHA256"
        return urlencode(form).encode(), headers

    def receive(self, sender: str, to: str, text: str) -> dict[str, str]:
        """The form that our side is called with when somebody writes; STOP and START are heeded here too."""
        word = text.strip().upper()
        plain = (sender.removeprefix("whatsapp:"), to.removeprefix("whatsapp:"))
        if word in {"STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "CANCEL"}:
            self.stopped.add(plain)
        if word in {"START", "UNSTOP"}:
            self.stopped.discard(plain)
        if sender.startswith("whatsapp:"):
            self.sessions[plain[0]] = self.now()
        number = len(self.messages) + 1
        return {
            "MessageSid": f"SM{number:032x}",
            "AccountSid": self.account_sid,
            "From": sender,
            "To": to,
            "Body": text,
            "NumMedia": "0",
            "NumSegments": "1",
        }

    async def _create(self, request: Request) -> Response:
        if (refused := self._refused(request)) is not None:
            return refused
        if self.throttles:
            self.throttles -= 1
            return _error(429, 20429, "Too Many Requests")
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        code = self._objection(form)
        if code:
            return _error(400, code, "The message cannot be sent.")
        message = self._take(form)
        if self.loses_answers:
            self.loses_answers -= 1
            await asyncio.sleep(3600)
        return JSONResponse(message, status_code=201)

    async def _list(self, request: Request) -> Response:
        if (refused := self._refused(request)) is not None:
            return refused
        to = request.query_params.get("To")
        found = [one for one in reversed(self.messages) if to in {None, one["to"]}]
        return JSONResponse({"messages": found[:50], "next_page_uri": None})

    async def _read(self, request: Request) -> Response:
        if (refused := self._refused(request)) is not None:
            return refused
        sid = request.path_params["sid"]
        found = next((one for one in self.messages if one["sid"] == sid), None)
        return _error(404, 20404, "Not found") if found is None else JSONResponse(found)

    async def _account(self, request: Request) -> Response:
        refused = self._refused(request)
        return refused or JSONResponse({"sid": self.account_sid, "status": "active"})

    def _refused(self, request: Request) -> Response | None:
        given = request.headers.get("authorization", "").removeprefix("Basic ")
        wanted = base64.b64encode(f"{self.account_sid}:{self.auth_token}".encode()).decode()
        return None if given == wanted else _error(401, 20003, "Authenticate")

    def _objection(self, form: Mapping[str, str]) -> int:
        """The code of an error, 0 where there is none."""
        sender, to = form.get("From", ""), form.get("To", "")
        plain = to.removeprefix("whatsapp:")
        if not sender and "MessagingServiceSid" not in form:
            return 21603
        magic = MAGIC_FROM.get(sender) or MAGIC_TO.get(plain) or (0 if plain.startswith("+") else 21211)
        if magic:
            return magic
        if (plain, sender.removeprefix("whatsapp:")) in self.stopped:
            return 21610
        if to.startswith("whatsapp:"):
            return self._objection_to_whatsapp(plain, form)
        return 21617 if len(form.get("Body", "")) > 1600 else 0

    def _objection_to_whatsapp(self, to: str, form: Mapping[str, str]) -> int:
        if "ContentSid" in form:
            return 0 if form["ContentSid"] in self.templates else 63021
        last = self.sessions.get(to)
        return 0 if last is not None and self.now() - last < SESSION else 63016

    def _take(self, form: Mapping[str, str]) -> dict[str, object]:
        now, number = self.now(), len(self.messages) + 1
        body = form.get("Body", "")
        if "ContentSid" in form:
            body = self.templates[form["ContentSid"]]
            for key, value in json.loads(form.get("ContentVariables", "{}")).items():
                body = body.replace(f"{{{{{key}}}}}", value)
        code = next((code for end, code in LATER.items() if form["To"].endswith(end)), None)
        first = "accepted" if "MessagingServiceSid" in form else "queued"
        message: dict[str, object] = {
            "sid": f"SM{number:032x}",
            "account_sid": self.account_sid,
            "messaging_service_sid": form.get("MessagingServiceSid"),
            "from": form.get("From"),
            "to": form["To"],
            "body": body,
            "status": first,
            "direction": "outbound-api",
            "num_segments": "1",
            "num_media": "0",
            "price": None,
            "price_unit": "USD",
            "error_code": None,
            "error_message": None,
            "api_version": "2010-04-01",
            "date_created": format_datetime(now),
            "date_sent": None,
            "date_updated": format_datetime(now),
        }
        self.messages.append(message)
        answered = dict(message)
        self._call_later(form, message, code)
        return answered

    def _call_later(self, form: Mapping[str, str], message: dict[str, object], code: int | None) -> None:
        last = "delivered" if code is None else "undelivered"
        for status in ("sending", "sent", last) if form.get("StatusCallback") else ():
            call = {
                "MessageSid": str(message["sid"]),
                "SmsSid": str(message["sid"]),
                "MessageStatus": status,
                "SmsStatus": status,
                "AccountSid": self.account_sid,
                "From": form.get("From", ""),
                "To": form["To"],
                "ApiVersion": "2010-04-01",
            }
            if status == "undelivered":
                call["ErrorCode"] = str(code)
            self.callbacks.append((form["StatusCallback"], call))
        message["status"], message["error_code"] = last, code


def _error(status: int, code: int, text: str) -> Response:
    body = {"code": code, "message": text, "more_info": f"{DOCS}/{code}", "status": status}
    return JSONResponse(body, status_code=status)
