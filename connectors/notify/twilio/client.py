"""Calls to Twilio: one account's messages. https://www.twilio.com/docs/messaging/api"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from connectors.calling import Answer, Caller, Request
from connectors.notify.twilio import mapping
from doorstep.deadline import Deadline
from doorstep.errors import UnknownOutcome
from doorstep.health import HealthCheck
from doorstep.json_reading import Json
from doorstep.notice import Letter, NoticeFault, NoticeRefused, NoticeUpdate, Taken
from doorstep.secret import Secret

SYSTEM, NAME = "twilio", "Twilio"
CHECK_BUDGET_S = 10.0
MOST_LISTED = 50


class TwilioAccount:
    """See `doorstep.ports.notifiers.Notifier`.

    Parameters
    ----------
    api
        https://api.twilio.com, no trailing slash.
    login, secret
        Account SID with its auth token, or an API key's SID with its secret.
    sender
        `from_sms`, `from_whatsapp`, `messaging_service`.
    callback
        Where Twilio says how messages fare; "" for nowhere.
    """

    def __init__(
        self,
        api: str,
        account_sid: str,
        login: str,
        secret: Secret,
        sender: Mapping[str, str],
        callback: str,
    ) -> None:
        self._messages = f"{api}/2010-04-01/Accounts/{account_sid}"
        self._authorization = base64.b64encode(f"{login}:{secret.reveal()}".encode()).decode()
        self._sender = sender
        self._callback = callback
        self._caller = Caller(SYSTEM, NAME)

    async def send(self, letter: Letter, budget_s: float) -> Taken:
        """Post a message, once."""
        form = mapping.form_of(letter, self._sender, self._callback)
        answer = await self._send("POST", "/Messages.json", Deadline(budget_s), form)
        _require_yes(answer)
        sid = str(answer.body.get("sid", ""))
        if not sid:
            raise self._caller.lost("no_sid")
        return Taken(sid, mapping.status_of(str(answer.body.get("status", ""))))

    async def find(self, letter: Letter, since_s: float, budget_s: float) -> NoticeUpdate | None:
        """Look among the last messages to this number for the same words: there is no key to ask by."""
        not_before = datetime.now(UTC) - timedelta(seconds=since_s)
        query = urlencode(
            {
                "To": mapping.address_of(letter.channel, letter.to),
                "DateSent>": f"{not_before:%Y-%m-%d}",
                "PageSize": MOST_LISTED,
            }
        )
        for message in await self._list(query, Deadline(budget_s)):
            if mapping.is_same(message, letter, not_before):
                return mapping.update_of(message)
        return None

    async def look(self, provider_id: str, budget_s: float) -> NoticeUpdate | None:
        """Read one message."""
        deadline = Deadline(budget_s)
        answer = await self._caller.twice(
            lambda: self._send("GET", f"/Messages/{provider_id}.json", deadline), deadline
        )
        return mapping.update_of(answer.body) if answer.is_yes else None

    async def check(self) -> Sequence[HealthCheck]:
        """Read the account itself."""
        answer = await self._send("GET", ".json", Deadline(CHECK_BUDGET_S))
        if answer.is_yes and answer.body.get("status") == "active":
            return (HealthCheck("credentials", True, "Twilio accepts the account."),)
        if answer.is_yes:
            text = "Twilio has suspended or closed this account; its console says why."
            return (HealthCheck("credentials", False, text, "sender_suspended"),)
        text = "Twilio does not accept the account SID with this token; enter them again."
        return (HealthCheck("credentials", False, text, "sender_rejected"),)

    async def close(self) -> None:
        """Let go of connections."""
        await self._caller.close()

    async def _list(self, query: str, deadline: Deadline) -> Sequence[Json]:
        answer = await self._caller.twice(
            lambda: self._send("GET", f"/Messages.json?{query}", deadline), deadline
        )
        if not answer.is_yes:
            raise self._caller.unavailable("Twilio does not list its messages.", str(answer.status))
        found = answer.body.get("messages")
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []

    async def _send(
        self, method: str, path: str, deadline: Deadline, form: Mapping[str, str] | None = None
    ) -> Answer:
        headers = {"Authorization": f"Basic {self._authorization}"}
        url = f"{self._messages}{path}"
        request = Request(method, url, headers, form=form, is_write=form is not None)
        return await self._caller.send(request, deadline)


def _require_yes(answer: Answer) -> None:
    """Raise what a refusal means; a server that broke may have taken the message before it did."""
    if answer.is_yes:
        return
    raw = answer.body.get("code")
    code = raw if isinstance(raw, int) else None
    if answer.status >= 500 and code is None:
        text = "Twilio broke while it was asked, so it is not known whether it took the message."
        raise UnknownOutcome(text, system=SYSTEM, raw_code=str(answer.status))
    fault = mapping.fault_of(code, answer.status)
    raise NoticeRefused(fault, str(code or answer.status), _WHY[fault])


_WHY = {
    NoticeFault.SUPPRESSED: "The recipient has asked for no more messages.",
    NoticeFault.BAD_RECIPIENT: "Nobody can be reached at this number.",
    NoticeFault.TRY_AGAIN: "Twilio is busy.",
    NoticeFault.TRY_LATER: "The telephone cannot be reached at the moment.",
    NoticeFault.CONTENT: "Twilio or a carrier objects to the words.",
    NoticeFault.TEMPLATE: "WhatsApp takes an approved template only, more than a day after the last message.",
    NoticeFault.ACCOUNT: "Twilio does not let this account send there.",
    NoticeFault.UNKNOWN: "Twilio refused it.",
}
