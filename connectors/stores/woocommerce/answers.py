"""Judges what came back over HTTP: JSON that may be read, or which fault it shows. Pure.

Written from WooCommerce 8.9 and 10.5 as measured: error codes are read, never the messages, which a store
shows in its own language. An answer that is no clean JSON is never read in parts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from connectors.stores.woocommerce.diagnosis import Fault, problem, rate_limited

_PHP_NOISE = re.compile(
    rb"(?:<b>|PHP |^)\s*(?:Warning|Notice|Deprecated|Fatal error|Parse error)(?:</b>)?\s*:"
)
_SECONDS = re.compile(r"\d{1,6}")
_DEFAULT_WAIT_S = 5.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: status, headers with lower-case names, and the whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """JSON that may be read.

    Attributes
    ----------
    payload
        What the JSON held; None where the store has no such thing.
    total
        X-WP-Total: how many rows match; None where the header is missing. Past the last page it is 0 on
        10.5 and the true total on 8.9 (measured), so it is only asked of page 1.
    """

    payload: Any
    total: int | None = None

    def rows(self) -> list[dict[str, Any]]:
        """The payload as a list of objects.

        Raises
        ------
        RemoteUnavailable
            If it is anything else: never an empty list.
        """
        if isinstance(self.payload, list) and all(isinstance(row, dict) for row in self.payload):
            return self.payload
        raise problem(Fault.UNREADABLE_ANSWER, "a list was expected")

    def fields(self) -> dict[str, Any]:
        """The payload as one object; raises `RemoteUnavailable` if it is anything else."""
        if isinstance(self.payload, dict):
            return self.payload
        raise problem(Fault.UNREADABLE_ANSWER, "an object was expected")


def judge(reply: Reply, *, is_write: bool = False, may_be_missing: bool = False) -> Answer:
    """Turn a reply into an answer, or raise the error that it amounts to.

    Parameters
    ----------
    may_be_missing
        Answer None to "no such order" instead of raising.

    Raises
    ------
    AccountProblem, RemoteRefused, RateLimited, RemoteUnavailable
        Each with a fault code as `raw_code`.
    """
    if 300 <= reply.status < 400:
        raise problem(Fault.REDIRECTED, _where_to(reply))
    payload, is_json = _json_of(reply.body)
    code = error_code(payload)
    # A proxy may turn an error into a 200; an order has no "code" of its own.
    status = _status_inside(payload) if code and reply.status < 300 else reply.status
    if status < 300:
        if not is_json:
            raise problem(_fault_of_garbage(reply.body))
        return Answer(payload, _total(reply.headers))
    # Only WooCommerce itself knows that it has no such thing; a proxy or a plugin may say 404 for less.
    if status in {404, 410} and code.startswith("woocommerce_") and may_be_missing:
        return Answer(None)
    if status == 429:
        raise rate_limited(retry_after_s(reply.headers))
    raise problem(
        _fault_of_refusal(status, code, is_json=is_json, is_write=is_write),
        detail=f"HTTP {status} {code}".strip(),
        raw_message=_message(payload),
    )


def error_code(payload: object) -> str:
    """WordPress' code of an error body, "" where it is none."""
    if not isinstance(payload, dict) or "id" in payload:
        return ""
    code = payload.get("code")
    return code if isinstance(code, str) and "message" in payload else ""


def code_of(reply: Reply) -> str:
    """WordPress' error code inside a reply, "" where it has none."""
    return error_code(_json_of(reply.body)[0])


def retry_after_s(headers: Mapping[str, str]) -> float:
    """Seconds that a Retry-After header asks for; a few where it is missing, as firewalls leave it out."""
    given = headers.get("retry-after", "")
    return float(given) if _SECONDS.fullmatch(given) else _DEFAULT_WAIT_S


def date_of(headers: Mapping[str, str]) -> datetime | None:
    """The store's clock as its web server shows it, aware; None where it does not."""
    try:
        shown = parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return None
    return shown if shown.tzinfo else shown.replace(tzinfo=UTC)


def _json_of(body: bytes) -> tuple[Any, bool]:
    try:
        return json.loads(body.decode("utf-8-sig")), True
    except (ValueError, RecursionError):
        return None, False


def _fault_of_garbage(body: bytes) -> Fault:
    if _PHP_NOISE.search(body[:20_000].lstrip()):
        return Fault.PHP_WARNING_IN_ANSWER
    return Fault.HTML_INSTEAD_OF_JSON if body.lstrip()[:1] == b"<" else Fault.UNREADABLE_ANSWER


def _fault_of_refusal(status: int, code: str, *, is_json: bool, is_write: bool) -> Fault:  # noqa: PLR0911 - a table
    if status == 503 and code == "wp_die":
        # wp_maintenance() answers in JSON whoever asks for JSON (measured on WordPress 6.5 and 6.9); a
        # database that is down has the same code with 500.
        return Fault.MAINTENANCE
    if status >= 500:
        return Fault.HTML_INSTEAD_OF_JSON if status == 503 and not is_json else Fault.STORE_UNWELL
    if status == 404:
        if code == "rest_no_route":
            return Fault.PLUGIN_MISSING
        return Fault.QUESTION_REFUSED if code else Fault.API_NOT_FOUND
    if status in {401, 403} and code == "woocommerce_rest_authentication_error":
        return Fault.KEY_READ_ONLY if is_write else Fault.SECRET_REJECTED
    if status in {401, 403} and code:
        # WordPress says 401 to strangers and 403 to those it knows (rest_authorization_required_code).
        known = Fault.KEY_REJECTED if status == 401 else Fault.RIGHTS_MISSING
        return known if code.startswith("woocommerce_") else Fault.FIREWALL
    if status == 401:
        return Fault.SITE_PASSWORD
    if not is_json and status in {400, 403, 405, 406, 409, 412, 418, 451}:
        return Fault.FIREWALL
    return Fault.QUESTION_REFUSED


def _status_inside(payload: object) -> int:
    data = payload.get("data") if isinstance(payload, dict) else None
    status = data.get("status") if isinstance(data, dict) else None
    return status if isinstance(status, int) and 400 <= status < 600 else 500


def _message(payload: object) -> str:
    message = payload.get("message") if isinstance(payload, dict) else None
    return re.sub(r"<[^>]*>", "", message)[:200] if isinstance(message, str) else ""


def _total(headers: Mapping[str, str]) -> int | None:
    given = headers.get("x-wp-total", "")
    return int(given) if given.isdecimal() and len(given) < 12 else None


def _where_to(reply: Reply) -> str:
    # The query is left out: over http it holds our signed key.
    target = urlsplit(reply.headers.get("location", ""))
    return f"to {target.scheme}://{target.netloc}{target.path}"[:200] if target.netloc else ""
