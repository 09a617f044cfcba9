"""A shop of one fulfillment order that keeps Shopify's rules, in memory and on Shopify's own schema."""

from __future__ import annotations

import itertools
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from graphql import DocumentNode, execute_sync, parse

from connectors.stores.shopify.answers import Answer
from connectors.stores.shopify.documents import Document
from doorstep.errors import AccountProblem, RateLimited, RemoteUnavailable, UnknownOutcome
from tests.schemas.shopify import admin_schema

UNIT = "gid://shopify/FulfillmentOrder/9007199254740993"
TEA, JAR = "gid://shopify/LineItem/1", "gid://shopify/LineItem/2"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
_UNFULFILLABLE = frozenset({"CLOSED", "CANCELLED", "INCOMPLETE", "ON_HOLD", "SCHEDULED"})


class WorkerDied(Exception):
    """Whoever asked is gone, and so are its notes."""


@dataclass(eq=False)
class Sent:
    """A fulfillment in the shop's books."""

    id: str
    pieces: Counter[str]
    tracking: dict[str, str]
    created_at: datetime
    status: str = "SUCCESS"
    events: list[dict[str, Any]] = field(default_factory=list)
    letters: int = 0


class Shop:
    """Answers operations by its books, and fails as it is told.

    Attributes
    ----------
    remaining
        Pieces left to send, by gid of the order's line.
    faults
        What happens to the next calls: "lost_before", "lost_after", "throttled", "died" or "".
    takes_holds_in_progress
        Shopify does not say whether it does.
    page_size
        The most that a page of lines or fulfillments gives.
    """

    def __init__(self, pieces: Mapping[str, int] | None = None) -> None:
        self.status = "OPEN"
        self.remaining = Counter(pieces or {TEA: 3, JAR: 2})
        self.holds: list[dict[str, Any]] = []
        self.sent: list[Sent] = []
        self.faults: deque[str] = deque()
        self.asked: list[str] = []
        self.inputs: list[dict[str, Any]] = []
        self.denied: str = ""
        self.is_gone = False
        self.takes_holds_in_progress = False
        self.page_size = 250
        self._numbers = itertools.count(100)

    @property
    def live(self) -> list[Sent]:
        """Fulfillments that count."""
        return [sent for sent in self.sent if sent.status != "CANCELLED"]

    @property
    def writes(self) -> list[str]:
        """Names of the mutations that were asked for."""
        return [name for name in self.asked if name != "report_unit"]

    async def send(self, document: Document, variables: Mapping[str, Any]) -> Answer:
        """As the client would, after the shop has done it or not."""
        self.asked.append(document.name)
        fault = self.faults.popleft() if self.faults else ""
        if self.denied == document.name:
            raise AccountProblem("denied", system="shopify", raw_code="ACCESS_DENIED", raw_message="denied")
        if fault == "throttled":
            raise RateLimited("wait", system="shopify", retry_after_s=1.0)
        if fault == "lost_before":
            raise _lost(document)
        answer = self._execute(document, dict(variables))
        if fault == "lost_after":
            raise _lost(document)
        if fault == "died":
            raise WorkerDied
        return answer

    def send_by_hand(
        self, pieces: Mapping[str, int] | None = None, tracking: Mapping[str, str] | None = None
    ) -> Sent:
        """Staff presses "fulfill"."""
        goods = Counter(self.remaining if pieces is None else pieces)
        sent = Sent(self._gid("Fulfillment"), goods, dict(tracking or {}), self._now())
        self.sent.append(sent)
        self.remaining = self.remaining - sent.pieces
        self.status = "IN_PROGRESS" if self.remaining.total() else "CLOSED"
        return sent

    def release_by_hand(self) -> None:
        """The merchant lets everything go on, whoever held it."""
        self.holds.clear()
        if self.status == "ON_HOLD":
            self._open()

    def hold_by_hand(self) -> str:
        """The merchant lets it wait."""
        self.holds.append({"id": self._gid("FulfillmentHold"), "handle": "", "reason": "AWAITING_PAYMENT"})
        self.holds[-1] |= {"reasonNotes": None, "heldByRequestingApp": False}
        self.status = "ON_HOLD"
        return str(self.holds[-1]["id"])

    def _execute(self, document: Document, variables: dict[str, Any]) -> Answer:
        result = execute_sync(admin_schema(), _parsed(document.text), self, variable_values=variables)
        assert not result.errors, result.errors
        assert result.data is not None
        return Answer(dict(result.data))

    def fulfillmentOrder(self, _info: Any, id: str) -> dict[str, Any] | None:  # noqa: N802, A002 - GraphQL's names
        """The one that there is."""
        if id != UNIT or self.is_gone:
            return None
        lines = [
            {"id": _unit_line(line), "remainingQuantity": pieces, "lineItem": {"id": line}}
            for line, pieces in sorted({TEA: 0, JAR: 0, **self.remaining}.items())
        ]
        return {
            "id": UNIT,
            "status": self.status,
            "fulfillmentHolds": self.holds,
            "lineItems": self._connection(lines),
            "fulfillments": self._connection([self._view(sent) for sent in self.sent]),
        }

    def fulfillmentCreate(self, _info: Any, fulfillment: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - GraphQL's name
        """By the recorded rules: atomic, never more than remains."""
        self.inputs.append(fulfillment)
        (part,) = fulfillment["lineItemsByFulfillmentOrder"]
        if part["fulfillmentOrderId"] != UNIT or self.is_gone:
            return _refused("Fulfillment order does not exist.")
        if self.status in _UNFULFILLABLE:
            return _refused(f"Fulfillment order 1 has an unfulfillable status= {self.status.lower()}.")
        named = part.get("fulfillmentOrderLineItems")
        pieces = Counter(self.remaining) if named is None else Counter()
        for line in named or ():
            gid = next(gid for gid in (TEA, JAR) if _unit_line(gid) == line["id"])
            if not self.remaining[gid]:
                return _refused("Fulfillment order line item does not exist.")
            pieces[gid] += line["quantity"]
        if any(count > self.remaining[gid] for gid, count in pieces.items()):
            return _refused("Invalid fulfillment order line item quantity requested.")
        sent = self.send_by_hand(+pieces, fulfillment.get("trackingInfo"))
        sent.letters += fulfillment["notifyCustomer"]
        return {"fulfillment": self._view(sent), "userErrors": []}

    def fulfillmentCancel(self, _info: Any, id: str) -> dict[str, Any]:  # noqa: N802, A002 - GraphQL's names
        """A fulfillment order that was sent as a whole stays closed: its goods get another one."""
        sent = self._sent(id)
        if sent is None or sent.status == "CANCELLED":
            return _refused("Fulfillment cannot be cancelled.")
        sent.status = "CANCELLED"
        if self.status != "CLOSED":
            self.remaining = self.remaining + sent.pieces
            self._open()
        return {"fulfillment": self._view(sent), "userErrors": []}

    def fulfillmentTrackingInfoUpdate(  # noqa: N802 - GraphQL's name
        self,
        _info: Any,
        fulfillmentId: str,  # noqa: N803 - GraphQL's name
        trackingInfoInput: dict[str, str],  # noqa: N803 - GraphQL's name
        notifyCustomer: bool,  # noqa: N803 - GraphQL's name
    ) -> dict[str, Any]:
        """Replaces the tracking."""
        sent = self._sent(fulfillmentId)
        if sent is None:
            return _refused("Fulfillment does not exist.")
        sent.tracking = dict(trackingInfoInput)
        sent.letters += notifyCustomer
        return {"fulfillment": self._view(sent), "userErrors": []}

    def fulfillmentEventCreate(self, _info: Any, fulfillmentEvent: dict[str, Any]) -> dict[str, Any]:  # noqa: N802, N803 - GraphQL's names
        """Taken even for a cancelled fulfillment, and as often as it is told."""
        self.inputs.append(fulfillmentEvent)
        sent = self._sent(fulfillmentEvent["fulfillmentId"])
        if sent is None:
            return _refused("Fulfillment does not exist.", ["fulfillmentEvent", "fulfillmentId"])
        sent.events.append({**fulfillmentEvent, "id": self._gid("FulfillmentEvent")})
        return {"fulfillmentEvent": sent.events[-1], "userErrors": []}

    def fulfillmentOrderReportProgress(  # noqa: N802 - GraphQL's name
        self,
        _info: Any,
        id: str,  # noqa: A002 - GraphQL's name
        progressReport: dict[str, Any],  # noqa: N803 - GraphQL's name
    ) -> dict[str, Any]:
        """Only of what is open or in progress."""
        assert id == UNIT
        assert progressReport
        if self.status not in {"OPEN", "IN_PROGRESS"}:
            return _refused("The status is invalid.", code="FULFILLMENT_ORDER_STATUS_INVALID")
        self.status = "IN_PROGRESS"
        return {"fulfillmentOrder": {"id": UNIT}, "userErrors": []}

    def fulfillmentOrderOpen(self, _info: Any, id: str) -> dict[str, Any]:  # noqa: N802, A002 - GraphQL's names
        """Takes a progress report back."""
        assert id == UNIT
        if self.status != "IN_PROGRESS":
            return _refused("Fulfillment order must be scheduled.", ["id"])
        self.status = "OPEN"
        return {"fulfillmentOrder": {"id": UNIT}, "userErrors": []}

    def fulfillmentOrderHold(  # noqa: N802 - GraphQL's name
        self,
        _info: Any,
        id: str,  # noqa: A002 - GraphQL's name
        fulfillmentHold: dict[str, Any],  # noqa: N803 - GraphQL's name
    ) -> dict[str, Any]:
        """One of a handle for each app."""
        assert id == UNIT
        if any(h["heldByRequestingApp"] and h["handle"] == fulfillmentHold["handle"] for h in self.holds):
            return _refused("In use.", code="DUPLICATE_FULFILLMENT_HOLD_HANDLE")
        is_busy = self.status == "IN_PROGRESS" and not self.live and not self.takes_holds_in_progress
        if self.status in {"CLOSED", "CANCELLED", "INCOMPLETE", "SCHEDULED"} or is_busy:
            return _refused("The fulfillment order is not in a holdable state.", code=None)
        hold = {**fulfillmentHold, "id": self._gid("FulfillmentHold"), "heldByRequestingApp": True}
        self.holds.append(hold)
        self.status = "ON_HOLD"
        return {"fulfillmentHold": hold, "userErrors": []}

    def fulfillmentOrderReleaseHold(  # noqa: N802 - GraphQL's name
        self,
        _info: Any,
        id: str,  # noqa: A002 - GraphQL's name
        holdIds: list[str],  # noqa: N803 - GraphQL's name
        externalId: str,  # noqa: N803 - GraphQL's name
    ) -> dict[str, Any]:
        """Those that are named."""
        assert id == UNIT
        assert externalId
        self.holds = [hold for hold in self.holds if hold["id"] not in holdIds]
        if not self.holds and self.status == "ON_HOLD":
            self._open()
        return {"fulfillmentOrder": {"id": UNIT}, "userErrors": []}

    def _open(self) -> None:
        if self.holds:
            self.status = "ON_HOLD"
        else:
            self.status = "IN_PROGRESS" if self.live else "OPEN"

    def _sent(self, gid: str) -> Sent | None:
        return next((sent for sent in self.sent if sent.id == gid), None)

    def _view(self, sent: Sent) -> dict[str, Any]:
        return {
            "id": sent.id,
            "status": sent.status,
            "createdAt": sent.created_at.isoformat(),
            "trackingInfo": [dict(sent.tracking)] if sent.tracking else [],
            "fulfillmentLineItems": {
                "nodes": [{"quantity": count, "lineItem": {"id": gid}} for gid, count in sent.pieces.items()]
            },
            "events": {"nodes": sent.events[::-1]},
        }

    def _connection(self, nodes: list[Any]) -> Any:
        def page(_info: Any, first: int, after: str | None = None, **_: Any) -> dict[str, Any]:
            start, size = int(after or 0), min(first, self.page_size)
            part = nodes[start : start + size]
            end = str(start + len(part)) if part else None
            info = {"hasNextPage": start + size < len(nodes), "endCursor": end}
            return {"nodes": part, "pageInfo": info}

        return page

    def _gid(self, kind: str) -> str:
        return f"gid://shopify/{kind}/{next(self._numbers)}"

    def _now(self) -> datetime:
        return NOON + timedelta(seconds=next(self._numbers))


def _unit_line(line: str) -> str:
    return line.replace("LineItem", "FulfillmentOrderLineItem")


def _refused(words: str, at: list[str] | None = None, code: str | None = None) -> dict[str, Any]:
    return {"userErrors": [{"field": at, "message": words, "code": code}]}


def _lost(document: Document) -> Exception:
    if document.is_write:
        return UnknownOutcome("lost", system="shopify", raw_code="502")
    return RemoteUnavailable("lost", system="shopify", raw_code="502")


@cache
def _parsed(text: str) -> DocumentNode:
    return parse(text)
