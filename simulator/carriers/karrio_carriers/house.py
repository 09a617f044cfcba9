"""What the six have in common: parcels, their way, credentials, and buttons for mishaps."""

from __future__ import annotations

import base64
import binascii
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from doorstep.clock import Clock
from simulator.carriers.books import BookEntry, BookState
from simulator.carriers.mishaps import MishapLayer, Mishaps

Handler = Callable[[Request], Awaitable[Response]]
Row = tuple[str, str, str, Handler]
"""Method, path, operation, handler."""


class Stage(StrEnum):
    """How far a parcel is."""

    LABEL = "label"
    PICKED_UP = "picked_up"
    MOVING = "moving"
    OUT = "out"
    DELIVERED = "delivered"


_HOURS: tuple[tuple[int, Stage], ...] = (
    (24, Stage.DELIVERED),
    (20, Stage.OUT),
    (8, Stage.MOVING),
    (2, Stage.PICKED_UP),
    (0, Stage.LABEL),
)


@dataclass(slots=True)
class ParcelRecord:
    """A label that was sold.

    Attributes
    ----------
    reference
        What the sender wants it found by.
    told
        A carrier's own code to report instead of the usual ones, "" for those.
    """

    number: str
    reference: str
    sold_at: datetime
    cents: int
    is_void: bool = False
    told: str = ""

    def stage(self, now: datetime) -> Stage:
        """Where it is by now."""
        age = now - self.sold_at
        return next(stage for hours, stage in _HOURS if age >= timedelta(hours=hours))

    def scans(self, now: datetime) -> list[tuple[Stage, datetime]]:
        """What happened so far, newest first."""
        return [
            (stage, at) for hours, stage in _HOURS if (at := self.sold_at + timedelta(hours=hours)) <= now
        ]


@dataclass(frozen=True, slots=True)
class Refusal(Exception):
    """A no, for each carrier to word."""

    status: int
    code: str
    text: str = "refused"


@dataclass(slots=True)
class Orders:
    """Buttons that are pressed for the next call of an operation."""

    refusals: dict[str, list[Refusal]] = field(default_factory=dict)
    bodies: dict[str, list[tuple[bytes, str]]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)


class House:
    """One carrier with one customer.

    Parameters
    ----------
    purchase
        How the path ends that labels are bought at.
    """

    name = "house"
    purchase = "/shipments"

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.mishaps = Mishaps()
        self.parcels: dict[str, ParcelRecord] = {}
        self.index_lag = timedelta(0)
        self.requests: list[tuple[str, bytes]] = []
        self._orders = Orders()
        self._numbers = itertools.count(1)
        routes = [
            Route(path, self._guarded(operation, handler), methods=[method])
            for method, path, operation, handler in self.rows()
        ]
        self._app: ASGIApp = MishapLayer(Starlette(routes=routes), self.mishaps)

    @property
    def app(self) -> ASGIApp:
        """Stands for the carrier's host."""
        return self._app

    def rows(self) -> tuple[Row, ...]:
        """The routes."""
        raise NotImplementedError

    def admit(self, request: Request, operation: str) -> None:
        """Look at the credentials; raises `Refusal`."""
        raise NotImplementedError

    def refused(self, refusal: Refusal) -> Response:
        """A no in the carrier's words."""
        raise NotImplementedError

    def number(self, serial: int) -> str:
        """A tracking number."""
        raise NotImplementedError

    async def tick(self, now: datetime) -> None:
        """Nothing happens by itself: stages follow from the clock."""

    async def close(self) -> None:
        """Let go of answers that are held back."""
        self.mishaps.slow(0)

    def books(self) -> list[BookEntry]:
        """Every label that was sold, oldest first."""
        now = self.clock.now()
        return [
            BookEntry(parcel.number, parcel.reference, _state(parcel, now), parcel.sold_at)
            for parcel in self.parcels.values()
        ]

    def outage(self, on: bool) -> None:
        """Be unreachable behind a proxy's 503, or well again."""
        self.mishaps.outage(on)

    def slow(self, seconds: float) -> None:
        """Do the work and answer that many machine seconds later."""
        self.mishaps.slow(seconds)

    def lose_next_booking(self) -> None:
        """Sell the next label and keep the answer back."""
        self.mishaps.lose_next_answer(self.purchase)

    def refuse_next(self, operation: str, status: int, code: str, text: str = "refused") -> None:
        """Refuse the next call of an operation, once."""
        self._orders.refusals.setdefault(operation, []).append(Refusal(status, code, text))

    def answer_next(self, operation: str, body: bytes, media_type: str = "application/json") -> None:
        """Do the next call of an operation, and answer this whatever came of it."""
        self._orders.bodies.setdefault(operation, []).append((body, media_type))

    def fail_next(self, operation: str) -> None:
        """Do the next call of an operation and answer with a proxy's 502."""
        self._orders.failures.append(operation)

    def sell(self, reference: str, cents: int) -> ParcelRecord:
        """Keep a label."""
        number = self.number(next(self._numbers))
        parcel = ParcelRecord(number, reference, self.clock.now(), cents)
        self.parcels[number] = parcel
        return parcel

    def by_reference(self, reference: str) -> ParcelRecord | None:
        """The newest label with this reference that the index knows of yet."""
        known_until = self.clock.now() - self.index_lag
        named = [
            parcel
            for parcel in self.parcels.values()
            if parcel.reference == reference and parcel.sold_at <= known_until
        ]
        return named[-1] if named else None

    def has_moved(self, parcel: ParcelRecord) -> bool:
        """Whether the carrier has it, so that it takes no label back."""
        return parcel.stage(self.clock.now()) is not Stage.LABEL

    def bodies(self, operation: str) -> list[bytes]:
        """What was sent to an operation so far."""
        return [body for name, body in self.requests if name == operation]

    def _guarded(self, operation: str, handler: Handler) -> Handler:
        async def answer(request: Request) -> Response:
            self.requests.append((operation, await request.body()))
            try:
                self.admit(request, operation)
                waiting = self._orders.refusals.get(operation)
                if waiting:
                    raise waiting.pop(0)
                done = await handler(request)
            except Refusal as refusal:
                return self.refused(refusal)
            if operation in self._orders.failures:
                self._orders.failures.remove(operation)
                return Response("bad gateway", 502)
            prepared = self._orders.bodies.get(operation)
            if prepared:
                body, media_type = prepared.pop(0)
                return Response(body, done.status_code, media_type=media_type)
            return done

        return answer


def is_basic(request: Request, user: str, password: str) -> bool:
    """Whether these credentials stand in the header."""
    kind, _, coded = request.headers.get("authorization", "").partition(" ")
    try:
        pair = base64.b64decode(coded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return False
    return kind == "Basic" and pair == f"{user}:{password}"


def money(cents: int) -> str:
    """Cents as a decimal string."""
    return f"{cents // 100}.{cents % 100:02d}"


def _state(parcel: ParcelRecord, now: datetime) -> BookState:
    if parcel.is_void:
        return BookState.CANCELLED
    return BookState.DELIVERED if parcel.stage(now) is Stage.DELIVERED else BookState.LIVE
