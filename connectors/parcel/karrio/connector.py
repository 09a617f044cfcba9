"""One account with one of the six carriers: rate, buy exactly once, void, track, and say what is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from weakref import WeakValueDictionary

from connectors.calling import Caller
from connectors.linking import checked_url, require_one_line
from connectors.parcel.karrio import health
from connectors.parcel.karrio.client import CarrierClient
from connectors.parcel.karrio.dialect import Dialect, Line, Sighting, Standing
from connectors.parcel.karrio.importing import HOW_TO_INSTALL, is_installed
from connectors.parcel.karrio.labels import label_url
from connectors.parcel.karrio.mapper import Label, Mapper, MapperFault, money_of
from connectors.parcel.karrio.payloads import lacks, payload_of, reference_of
from connectors.parcel.karrio.rates import read_offers
from connectors.quoted import comes_back
from connectors.refusing import Family
from doorstep.booking import Booking, BookingRequest, CarrierUpdate
from doorstep.deadline import Deadline
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import InvalidInput, RemoteError, RemoteRefused, UnknownOutcome
from doorstep.health import HealthCheck
from doorstep.incident import IncidentKind
from doorstep.limits import why_not
from doorstep.money import Money
from doorstep.quote import CarrierAnswer, Decline, DeclineReason, DeliveryMode, QuoteRequest
from doorstep.secret import Secret

_BOUGHT = "label_bought"
_BOUGHT_WITHOUT_PAPER = "label_bought_but_lost"
_NOT_SEEN = "not_scanned_yet"


def connect(dialect: Dialect, credentials: Mapping[str, Secret], base_url: str) -> KarrioCarrier:
    """Link an account; `base_url` stands for the carrier's host. No input or output, and karrio is not
    imported yet.

    Raises
    ------
    InvalidInput
        If a credential is missing, the address is neither https nor on this machine, or karrio is not there.
    """
    facts = dialect.facts
    if not is_installed(facts.module):
        raise InvalidInput(
            f"{facts.name} needs an extra that is not installed: {HOW_TO_INSTALL}", path=("carrier",)
        )
    for name in facts.required:
        if not credentials.get(name):
            label = next(field.label for field in facts.credentials if field.name == name)
            raise InvalidInput(f"{facts.name} needs: {label}.", path=(name,))
    require_one_line(facts.credentials, credentials)
    account = {
        field.name: credentials.get(field.name) or Secret(field.default or "") for field in facts.credentials
    }
    environment = account["environment"].reveal()
    if environment not in {"production", "test"}:
        raise InvalidInput("environment must be production or test.", path=("environment",))
    usual = facts.test if environment == "test" else facts.production
    host = checked_url(base_url.rstrip("/") or usual)
    caller = Caller(facts.code, facts.name)
    client = CarrierClient(caller, host, dialect.identities(account, caller, host))
    mapper = Mapper(facts.module, dialect.settings(account))
    return KarrioCarrier(dialect, Line(client, mapper, account, facts.refusals))


class KarrioCarrier:
    """One account with one carrier, behind karrio's mapper and our transport."""

    def __init__(self, dialect: Dialect, line: Line) -> None:
        self._dialect = dialect
        self._facts = dialect.facts
        self._line = line
        # Keys whose label may have been bought without our knowing; as long as this process lives.
        self._doubts: set[str] = set()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @property
    def carrier(self) -> str:
        """Stable code."""
        return self._facts.code

    @property
    def mode(self) -> DeliveryMode:
        """Parcels."""
        return DeliveryMode.PARCEL

    async def quote(self, request: QuoteRequest, budget_s: float) -> CarrierAnswer:
        """Prices of all of the carrier's services; a checkout that knows a postcode will do."""
        deadline = Deadline(budget_s)
        impossible = self._why_not(request)
        if impossible is not None:
            return CarrierAnswer(declined=(impossible,))
        await self._line.open(deadline)
        payload = payload_of(
            request, request.reference[:30], self._dialect.options(request), self._facts.measures
        )
        if self._facts.stand_in_street:
            for party in ("shipper", "recipient"):
                payload[party].setdefault("address_line1", self._facts.stand_in_street)
        try:
            built = self._line.mapper.build_rates(payload)
        except MapperFault as fault:
            return CarrierAnswer(declined=(self._cannot_ask(fault),))
        answer = await self._line.client.ask(self._dialect.rate_call(built), deadline)
        if not answer.is_yes:
            return CarrierAnswer(declined=(self._facts.refusals.decline_or_raise(answer),))
        try:
            pieces = self._dialect.rate_pieces(self._line, answer)
            rates, messages = self._line.mapper.read_rates(pieces, built.context)
        except MapperFault as fault:
            sentence = f"{self._facts.name}'s prices cannot be read."
            raise self._unavailable(sentence, f"unreadable_{fault.kind}") from None
        if not rates and any(message.is_error for message in messages):
            return CarrierAnswer(declined=(self._facts.refusals.decline_or_raise(answer),))
        return read_offers(self._dialect, rates, request)

    async def book(self, request: BookingRequest, budget_s: float) -> Booking:
        """Buy one label. None of these carriers takes a key that keeps it from selling twice, so it is asked
        for an earlier one first; see the table in the package's docstring.
        """
        deadline = Deadline(budget_s)
        self._require_bookable(request)
        turn = self._turns.setdefault(request.booking_key, asyncio.Lock())
        async with turn:
            await self._line.open(deadline)
            reference = reference_of(request.booking_key, self._facts.reference_length)
            label = await self._look(request, reference, deadline)
            if label is None:
                label = await self._buy(request, reference, deadline)
            self._doubts.discard(request.booking_key)
        return self._booking(label, request)

    async def cancel(self, external_id: str, reason: str, budget_s: float) -> CarrierUpdate:  # noqa: ARG002 - none of them takes a reason
        """Give the label back."""
        self._require_number(external_id)
        deadline = Deadline(budget_s)
        await self._line.open(deadline)
        try:
            raw_status = await self._dialect.void(self._line, external_id, deadline)
        except MapperFault as fault:
            raise self._facts.refusals.unclear(f"unreadable_{fault.kind}") from None
        return CarrierUpdate(
            source_event_id=f"{external_id}:{raw_status}",
            external_id=external_id,
            status=DeliveryStatus.CANCELLED,
            raw_status=raw_status,
            occurred_at=datetime.now(UTC),
            tracking_number=external_id,
        )

    async def fetch(self, external_id: str, budget_s: float) -> CarrierUpdate:
        """Where the parcel stands. A number that the carrier does not know is a label without a scan yet."""
        self._require_number(external_id)
        deadline = Deadline(budget_s)
        await self._line.open(deadline)
        call = self._dialect.track_call(self._line, external_id)
        answer = await self._line.client.ask(call, deadline)
        family = self._facts.refusals.family_of(answer)
        if not answer.is_yes and family is not Family.GONE:
            raise self._facts.refusals.error_of(answer)
        sighting = self._dialect.sighting(self._line, answer, external_id) if answer.is_yes else None
        if sighting is None:
            raw_status = self._facts.refusals.code_of(answer) or _NOT_SEEN
            sighting = Sighting(Standing(DeliveryStatus.LABEL_READY), raw_status)
        return self._update(external_id, sighting)

    async def check(self) -> tuple[HealthCheck, ...]:
        """Try the credentials."""
        return await health.check(self._line, self._dialect)

    async def close(self) -> None:
        """Let go of connections."""
        await self._line.client.close()

    async def _look(self, request: BookingRequest, reference: str, deadline: Deadline) -> Label | None:
        is_in_doubt = request.is_repeat or request.booking_key in self._doubts
        try:
            found = await self._dialect.look(self._line, request, reference, deadline)
        except (RemoteError, MapperFault) as failed:
            if is_in_doubt:
                raise self._still_unknown("look_failed") from None
            if isinstance(failed, RemoteRefused):
                # It does not take the question, which is no reason to refuse the first order.
                return None
            if isinstance(failed, MapperFault | UnknownOutcome):
                # Only looked, and nothing was bought before.
                sentence = f"{self._facts.name} did not say whether there is an earlier label."
                raise self._unavailable(sentence, "look_failed") from None
            raise
        if found.was_voided:
            raise RemoteRefused(
                "The label that was bought for this was called off; it needs a booking of its own.",
                system=self._facts.code,
                raw_code="voided",
            )
        if found.label is None and is_in_doubt and not self._facts.is_look_certain:
            raise self._still_unknown("not_found_yet")
        return found.label

    async def _buy(self, request: BookingRequest, reference: str, deadline: Deadline) -> Label:
        options = dict(self._dialect.options(request))
        if comes_back(request):
            options |= self._facts.return_options
        payload = payload_of(request, reference, options, self._facts.measures)
        payload |= {"service": request.service, "label_type": "PDF"}
        key = request.booking_key
        # From here on until somebody says otherwise; a task that is cancelled leaves it in doubt.
        self._doubts.add(key)
        try:
            return await self._dialect.buy(self._line, payload, request, deadline)
        except MapperFault as fault:
            # Raised while building: what went wrong with an answer is an UnknownOutcome already.
            self._doubts.discard(key)
            raise RemoteRefused(
                f"No label can be made of this for {self._facts.name}.",
                system=self._facts.code,
                raw_code=f"unbuildable_{fault.kind}",
                kind=IncidentKind.ITEM_MISMATCH,
            ) from None
        except UnknownOutcome:
            raise
        except RemoteError:
            self._doubts.discard(key)
            raise

    def _booking(self, label: Label, request: BookingRequest) -> Booking:
        url = label_url(label.document)
        data = request.booking_data
        quoted = money_of(data.get("rate"), data.get("currency", request.value.currency))
        return Booking(
            external_id=label.number,
            status=DeliveryStatus.LABEL_READY if url else DeliveryStatus.BOOKED,
            raw_status=_BOUGHT if url else _BOUGHT_WITHOUT_PAPER,
            price=label.price or quoted or Money(0, request.value.currency),
            tracking_number=label.number,
            tracking_url=self._facts.tracking_page.format(label.number),
            label_url=url,
        )

    def _update(self, number: str, sighting: Sighting) -> CarrierUpdate:
        at = sighting.at or datetime.now(UTC)
        stamp = sighting.at.isoformat() if sighting.at is not None else ""
        return CarrierUpdate(
            source_event_id=f"{number}:{sighting.raw_status}:{stamp}",
            external_id=number,
            status=sighting.standing.status,
            raw_status=sighting.raw_status,
            occurred_at=at,
            tracking_number=number,
            tracking_url=self._facts.tracking_page.format(number),
            dropoff_eta=sighting.arrives_at,
            trouble=sighting.standing.trouble,
            raw_reason=sighting.standing.raw_reason,
        )

    def _why_not(self, request: QuoteRequest) -> Decline | None:
        facts = self._facts
        impossible = why_not(facts.code, facts.name, facts.limits, request)
        if impossible is not None:
            return impossible
        if not request.parcels:
            return Decline(facts.code, DeclineReason.OTHER, "There is no parcel to carry.")
        if not (request.pickup.country and request.dropoff.country and request.dropoff.postal_code):
            sentence = "Parcel carriers need at least country and postal code of the delivery address."
            return Decline(facts.code, DeclineReason.ADDRESS_PROBLEM, sentence)
        if request.pickup.country != request.dropoff.country:
            sentence = "Parcels across a border need customs papers, which are not made here."
            return Decline(facts.code, DeclineReason.RULE, sentence)
        return None

    def _require_bookable(self, request: BookingRequest) -> None:
        lacking = (*lacks(request.pickup), *lacks(request.dropoff))
        most = self._facts.limits.parcels
        sentence = ""
        if lacking:
            sentence = f"A label needs full addresses; one lacks {' and '.join(dict.fromkeys(lacking))}."
        elif request.pickup.country != request.dropoff.country:
            sentence = "Parcels across a border need customs papers, which are not made here."
        elif not request.parcels or (most is not None and len(request.parcels) > most):
            sentence = f"{len(request.parcels)} parcels; {self._facts.name} takes 1 to {most} in one booking."
        if sentence:
            kind = IncidentKind.ADDRESS_PROBLEM if lacking else IncidentKind.ITEM_MISMATCH
            raise RemoteRefused(sentence, system=self._facts.code, kind=kind)

    def _require_number(self, external_id: str) -> None:
        if not self._facts.number.fullmatch(external_id):
            raise RemoteRefused(
                f"{self._facts.name} knows no such delivery.", system=self._facts.code, raw_code="no_number"
            )

    def _cannot_ask(self, fault: MapperFault) -> Decline:
        reason = DeclineReason.OUT_OF_AREA if "NotServiced" in fault.kind else DeclineReason.OTHER
        sentence = f"{self._facts.name} cannot be asked for this."
        return Decline(self._facts.code, reason, sentence, raw_code=fault.kind)

    def _still_unknown(self, raw_code: str) -> UnknownOutcome:
        return UnknownOutcome(
            f"{self._facts.name} may have sold a label whose answer was lost. Looked by "
            f"{self._facts.how_it_looks}, and it cannot be told yet, so no second one is bought. "
            "If no such label exists, call the delivery off and dispatch it again.",
            system=self._facts.code,
            raw_code=raw_code,
            kind=IncidentKind.CARRIER_DOWN,
        )

    def _unavailable(self, sentence: str, raw_code: str) -> RemoteError:
        return Caller(self._facts.code, self._facts.name).unavailable(sentence, raw_code)
