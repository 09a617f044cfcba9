"""A carrier on paper: a plug-in that says yes to everything, writes it down, and speaks to nobody.

Worker processes find it as they find any carrier, through an entry point; `install` writes the few files
that an installed package leaves behind. Its books are a folder: `journal` has a line for every booking and
every cancellation, and in `ends` whoever comes first, the courier who picks up or the cancellation, leaves
a file named like the booking.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from doorstep.booking import Booking, BookingRequest, CarrierUpdate
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteRefused, RemoteUnavailable
from doorstep.health import HealthCheck
from doorstep.money import Money
from doorstep.ports import CarrierPlugin, CredentialField
from doorstep.quote import CarrierAnswer, CarrierQuote, DeliveryMode, PriceBasis, QuoteRequest, VehicleKind
from doorstep.secret import Secret
from doorstep.signature import verify_hex
from doorstep.window import Promise, PromiseBasis, Window

CARRIER = "bench_paper"
NAME = "Paper"
SIGNATURE_HEADER = "x-paper-signature"

_PROMISED_WITHIN = timedelta(days=14)
_OFFER_LASTS = timedelta(hours=12)


class PaperConnector:
    """One account; its folder comes in place of credentials."""

    carrier = CARRIER
    mode = DeliveryMode.COURIER

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def quote(self, request: QuoteRequest, budget_s: float) -> CarrierAnswer:  # noqa: ARG002 - the port's
        """One offer for everything."""
        window = Window(request.asked_at, request.asked_at + _PROMISED_WITHIN)
        offer = CarrierQuote(
            carrier=CARRIER,
            service="errand",
            title="Errand",
            mode=self.mode,
            vehicle=VehicleKind.BICYCLE,
            price=Money(500, request.value.currency),
            price_basis=PriceBasis.RATE_SHEET,
            promise=Promise(window, request.time_zone, PromiseBasis.APPROXIMATE),
            expires_at=request.asked_at + _OFFER_LASTS,
        )
        return CarrierAnswer(quotes=(offer,))

    async def book(self, request: BookingRequest, budget_s: float) -> Booking:  # noqa: ARG002 - the port's
        """The same booking for the same key."""
        external_id = f"paper-{hashlib.sha256(request.booking_key.encode()).hexdigest()[:20]}"
        self._write({"kind": "book", "id": external_id, "reference": request.reference})
        return Booking(
            external_id,
            DeliveryStatus.BOOKED,
            "booked",
            Money(500, request.value.currency),
            external_id[-10:],
        )

    async def cancel(self, external_id: str, reason: str, budget_s: float) -> CarrierUpdate:  # noqa: ARG002 - the port's
        """Call it off, unless it was picked up."""
        if end(self._folder, external_id, "cancelled") != "cancelled":
            raise RemoteRefused("The courier has it already.", system=CARRIER, raw_code="picked_up")
        self._write({"kind": "cancel", "id": external_id})
        return _update(external_id, DeliveryStatus.CANCELLED, "cancelled", datetime.now(UTC))

    async def fetch(self, external_id: str, budget_s: float) -> CarrierUpdate:  # noqa: ARG002 - the port's
        """Nobody is asked: webhooks tell everything, and are repeated until they arrive."""
        raise RemoteUnavailable("Paper does not answer.", system=CARRIER)

    async def check(self) -> tuple[HealthCheck, ...]:
        """Nothing is wrong with paper."""
        return ()

    async def close(self) -> None:
        """Nothing is held."""

    def _write(self, row: Mapping[str, str]) -> None:
        line = f"{json.dumps(row)}\n".encode()
        # One write to a file opened for appending is whole, whoever else writes or is killed.
        journal = os.open(self._folder / "journal", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(journal, line)
        finally:
            os.close(journal)


class PaperWebhooks:
    """What the bench's courier posts: one event of one booking."""

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[Secret]) -> None:
        """Check the hexadecimal HMAC-SHA256 of the body."""
        verify_hex(secrets, body, headers.get(SIGNATURE_HEADER, ""))

    def read(self, headers: Mapping[str, str], body: bytes) -> tuple[CarrierUpdate, ...]:  # noqa: ARG002 - the port's
        """Its status in our words."""
        event = json.loads(body)
        status = DeliveryStatus(event["status"])
        return (_update(event["id"], status, event["status"].lower(), datetime.fromisoformat(event["at"])),)


def end(folder: Path, external_id: str, how: str) -> str:
    """Settle a booking's end: "picked" or "cancelled"; gives what it is, whoever was first."""
    file = folder / "ends" / external_id
    draft = file.with_name(f"{external_id}.{os.getpid()}.{how}")
    draft.write_text(how)
    try:
        # A link appears with its whole content, so that nobody reads an empty file.
        os.link(draft, file)
    except FileExistsError:
        pass  # somebody was first; what they wrote counts
    finally:
        draft.unlink()
    return file.read_text()


def install(folder: Path) -> None:
    """Leave in a folder what importlib.metadata finds of an installed package with this plug-in."""
    package = folder / "doorstep_paper_carrier-1.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: doorstep-paper-carrier\nVersion: 1\n")
    (package / "entry_points.txt").write_text(
        f"[doorstep.couriers]\n{CARRIER} = bench.sync.paper:CONNECTOR\n"
    )


def _update(external_id: str, status: DeliveryStatus, raw_status: str, at: datetime) -> CarrierUpdate:
    return CarrierUpdate(f"{external_id}:{raw_status}", external_id, status, raw_status, at)


def _connect(credentials: Mapping[str, Secret], base_url: str) -> PaperConnector:  # noqa: ARG001 - the port's
    return PaperConnector(Path(credentials["folder"].reveal()))


CONNECTOR = CarrierPlugin(
    carrier=CARRIER,
    name=NAME,
    mode=DeliveryMode.COURIER,
    credentials=(
        CredentialField("folder", "Folder of its books", is_secret=False),
        CredentialField("webhook_secret", "What its webhooks are signed with", is_secret=True),
    ),
    connect=_connect,
    webhooks=PaperWebhooks(),
)
