"""karrio's mapper of one carrier as pure functions: our payloads in, bodies out; answers in, our values out.

karrio's own HTTP code, its gateway and its concurrency (`asyncio.run` inside) are never called. Whatever its
mappers raise becomes a `MapperFault`, which names the kind of error and never its text: that may hold an
address.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from connectors.parcel.karrio.importing import Library, load
from connectors.parcel.karrio.reading_xml import is_unsafe
from doorstep.money import InvalidAmount, Money, UnknownCurrency

_FINEST = Decimal("0.000001")

type Payload = Mapping[str, Any]
"""Shipper, recipient, parcels, options and reference in karrio's words: see `payloads`."""


class MapperFault(Exception):
    """karrio could not build or read something.

    Attributes
    ----------
    doing, kind
        Which of its functions failed, and the class of what it raised; no text of its own.
    """

    def __init__(self, doing: str, kind: str) -> None:
        super().__init__(f"karrio could not {doing}: {kind}")
        self.doing = doing
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Built:
    """A request as karrio serialises it, and the context that the reader of its answer wants back."""

    body: Any
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rate:
    """One price.

    Attributes
    ----------
    service
        karrio's stable name of the service, or the carrier's own code where karrio has none.
    price
        None where it cannot be read.
    arrives
        Date or instant in the carrier's words, "" where it gives none.
    """

    service: str
    price: Money | None
    transit_days: int | None
    arrives: str
    meta: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an answer about prices that can be read alone.

    Attributes
    ----------
    value
        As karrio's parser wants it.
    arrives, days
        What the carrier says of the delivery, where karrio loses it on the way.
    """

    value: object
    arrives: str = ""
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """What a carrier has to say beside or instead of a result."""

    code: str
    text: str
    is_error: bool


@dataclass(frozen=True, slots=True)
class Label:
    """A bought label: its number, and the document in base64, "" where the answer held none."""

    number: str
    document: str
    price: Money | None


class Mapper:
    """Builds and reads for one account. `open` before anything else.

    Parameters
    ----------
    module
        karrio's name of the carrier.
    settings
        Account numbers; never a password or a key, since karrio has no use for them here.
    load
        Imports karrio for a carrier; blocks.
    """

    def __init__(
        self, module: str, settings: Mapping[str, Any], load: Callable[[str], Library] = load
    ) -> None:
        self._module = module
        self._load = load
        self._settings = dict(settings)
        self._library: Library | None = None
        self._mapper: Any = None

    async def open(self, budget_s: float) -> None:
        """Import karrio where that has not happened yet, beside the event loop.

        Raises
        ------
        TimeoutError
            If that takes longer; it goes on, and the next call finds it done.
        """
        if self._library is None:
            library = await asyncio.wait_for(asyncio.to_thread(self._load, self._module), budget_s)
            self._mapper = library.mapper(library.settings(**self._settings))
            self._library = library

    def build_rates(self, payload: Payload) -> Built:
        """The question for prices."""
        models = self._of_karrio.models
        return self._build("build a question for rates", "create_rate_request", models.RateRequest, payload)

    def build_shipment(self, payload: Payload) -> Built:
        """The order of a label; `payload` has the service as well."""
        models = self._of_karrio.models
        whole = {**payload, "payment": models.Payment(paid_by="sender")}
        return self._build("build a shipment", "create_shipment_request", models.ShipmentRequest, whole)

    def build_tracking(self, number: str) -> Built:
        """The question where a parcel is."""
        request = self._of_karrio.models.TrackingRequest(tracking_numbers=[number])
        return self._serialised("build a question for tracking", "create_tracking_request", request)

    def build_void(self, number: str) -> Built:
        """The wish to take a label back."""
        request = self._of_karrio.models.ShipmentCancelRequest(shipment_identifier=number)
        return self._serialised("build a void", "create_cancel_shipment_request", request)

    def read_rates(
        self, pieces: Iterable[Piece], context: Mapping[str, Any]
    ) -> tuple[list[Rate], list[Message]]:
        """Prices of an answer that was cut into pieces; one that karrio stumbles over does not sink the rest.

        Raises
        ------
        MapperFault
            If no piece could be read.
        """
        rates: list[Rate] = []
        messages: list[Message] = []
        fault: MapperFault | None = None
        for piece in pieces:
            try:
                read = self._mapper.parse_rate_response
                found, said = self._read("read rates", read, piece.value, context)
            except MapperFault as stumbled:
                fault = stumbled
                continue
            rates += [_rate(details, piece) for details in found or () if details is not None]
            messages += [_message(entry) for entry in said or ()]
        if fault is not None and not rates:
            raise fault
        return rates, messages

    async def read_label(self, value: object, context: Mapping[str, Any]) -> Label | None:
        """A bought label; beside the event loop, since karrio turns pictures into PDF files on the way.

        Raises
        ------
        MapperFault
            If the answer cannot be read.
        """
        read = self._mapper.parse_shipment_response
        found, _ = await asyncio.to_thread(self._read, "read a shipment", read, value, context)
        return None if found is None else _label(found)

    def read_void(self, value: object) -> bool:
        """Whether a label was taken back.

        Raises
        ------
        MapperFault
            If the answer cannot be read.
        """
        found, _ = self._read("read a void", self._mapper.parse_cancel_shipment_response, value, {})
        return bool(found is not None and found.success)

    def json(self, raw: bytes) -> Any:
        """JSON as karrio's parsers want it: without empty values; {} where it was none."""
        try:
            return self._of_karrio.lib.to_dict(raw.decode("utf-8", "replace")) or {}
        except Exception:
            return {}

    def xml(self, text: str) -> Any:
        """XML as karrio's parsers want it.

        Raises
        ------
        MapperFault
            If it is none, or brings definitions of its own, which no carrier does.
        """
        if is_unsafe(text.encode()):
            raise MapperFault("read XML", "UnsafeXml")
        return self._guarded("read XML", lambda: self._of_karrio.lib.to_element(text))

    def guarded(self, doing: str, call: Callable[[], Any]) -> Any:
        """Run something of karrio's that one carrier alone needs; raises `MapperFault` alike."""
        return self._guarded(doing, call)

    @property
    def _of_karrio(self) -> Library:
        if self._library is None:
            raise RuntimeError("open the mapper first")
        return self._library

    def _build(self, doing: str, method: str, kind: Any, payload: Payload) -> Built:
        models = self._of_karrio.models

        def request() -> Any:
            parties = {name: models.Address(**payload[name]) for name in ("shipper", "recipient")}
            parcels = [models.Parcel(**parcel) for parcel in payload["parcels"]]
            others = {name: value for name, value in payload.items() if name not in {*parties, "parcels"}}
            return kind(**parties, parcels=parcels, **others)

        return self._serialised(doing, method, self._guarded(doing, request))

    def _serialised(self, doing: str, method: str, request: Any) -> Built:
        def run() -> Built:
            serialisable = getattr(self._mapper, method)(request)
            return Built(serialisable.serialize(), serialisable.ctx or {})

        built: Built = self._guarded(doing, run)
        return built

    def _read(
        self, doing: str, read: Callable[[Any], Any], value: object, context: Mapping[str, Any]
    ) -> tuple[Any, Any]:
        wrapped = self._of_karrio.lib.Deserializable(value, lambda same: same, dict(context))
        found: tuple[Any, Any] = self._guarded(doing, lambda: read(wrapped))
        return found

    def _guarded(self, doing: str, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except Exception as error:
            raise MapperFault(doing, type(error).__name__) from None


def money_of(amount: object, currency: object) -> Money | None:
    """karrio's float, or a carrier's text or number, as money: by its decimal digits, never by arithmetic."""
    try:
        # 0.1 + 0.2 has seventeen digits behind the point; nobody's money has more than six.
        digits = format(Decimal(str(amount)).quantize(_FINEST, rounding=ROUND_HALF_UP), "f")
        return Money.parse_rounding(digits, str(currency))
    except (InvalidOperation, InvalidAmount, UnknownCurrency):
        return None


def _rate(details: Any, piece: Piece) -> Rate:
    days = details.transit_days
    if not isinstance(days, int | float) or days != days // 1 or days < 0:
        days = piece.days
    arrives = details.estimated_delivery or (details.meta or {}).get("estimated_delivery") or piece.arrives
    return Rate(
        service=str(details.service or ""),
        price=money_of(details.total_charge, details.currency),
        transit_days=None if days is None else int(days),
        arrives=str(arrives),
        meta=details.meta or {},
    )


def _label(details: Any) -> Label:
    rate = details.selected_rate
    return Label(
        number=str(details.tracking_number or ""),
        document=str(details.docs.label or "") if details.docs is not None else "",
        price=money_of(rate.total_charge, rate.currency) if rate is not None else None,
    )


def _message(said: Any) -> Message:
    # Some carriers' plug-ins leave the level empty, and then it is an error.
    level = str(said.level or "error").lower()
    return Message(str(said.code or ""), str(said.message or ""), is_error=level == "error")
