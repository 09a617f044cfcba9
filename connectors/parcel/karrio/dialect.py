"""What is one carrier's own: its table of calls, and what its answers mean."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from connectors.calling import Answer, Caller
from connectors.parcel.karrio.client import Call, CarrierClient, Identity
from connectors.parcel.karrio.mapper import Built, Label, Mapper, MapperFault, Piece, Rate
from connectors.parcel.karrio.payloads import Measures
from connectors.refusing import Refusals
from doorstep.booking import BookingRequest
from doorstep.deadline import Deadline
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteRefused, RemoteUnavailable
from doorstep.goods import GoodsTrait
from doorstep.incident import IncidentKind
from doorstep.limits import CarrierLimits
from doorstep.ports import CredentialField
from doorstep.quote import QuoteRequest
from doorstep.secret import Secret

type Account = Mapping[str, Secret]
"""Credentials by field name; optional ones are there and empty."""

UNWELCOME = frozenset({GoodsTrait.ALCOHOL, GoodsTrait.TOBACCO, GoodsTrait.HAZARDOUS, GoodsTrait.LIVE_ANIMALS})
"""Goods that the six carry by special agreement at best, with papers that are not made here."""

_MAY_HAVE_HAPPENED = frozenset({408, 500, 501, 502, 503, 504})
_ALREADY = re.compile(r"already (?:been )?(?:void|cancel|delet|submitted|refund)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a parcel stands, and what went wrong if anything did."""

    status: DeliveryStatus
    trouble: IncidentKind | None = None
    raw_reason: str = ""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a carrier knows of one parcel.

    Attributes
    ----------
    raw_status
        Its own code of the newest event.
    at
        When that was; None where it cannot be read.
    """

    standing: Standing
    raw_status: str
    at: datetime | None = None
    arrives_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a look for an earlier booking under the same key brought.

    Attributes
    ----------
    label
        The earlier one; None where there is none, or it was called off.
    was_voided
        There was one, and it was called off.
    """

    label: Label | None = None
    was_voided: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """What a dialect speaks through."""

    client: CarrierClient
    mapper: Mapper
    account: Account
    refusals: Refusals

    async def open(self, deadline: Deadline) -> None:
        """Have karrio ready.

        Raises
        ------
        RemoteUnavailable
            If it is still being imported when nobody waits any more.
        """
        try:
            await self.mapper.open(deadline.left_s)
        except TimeoutError:
            raise RemoteUnavailable(
                f"What {self.refusals.name} needs is still being loaded.",
                system=self.refusals.system,
                raw_code="loading",
            ) from None

    async def order(self, call: Call, deadline: Deadline) -> Answer:
        """Buy something, once.

        Raises
        ------
        RemoteError
            `UnknownOutcome` where it may have happened, another where it did not.
        """
        answer = await self.client.write(call, deadline)
        if answer.status in _MAY_HAVE_HAPPENED:
            raise self.refusals.unclear(self.refusals.code_of(answer) or str(answer.status))
        if not answer.is_yes:
            raise self.refusals.error_of(answer)
        return answer

    async def label(self, value: object, built: Built, answer: Answer) -> Label:
        """The label in a yes.

        Raises
        ------
        UnknownOutcome
            If it is a yes that cannot be read: something was bought.
        RemoteRefused
            If it says no in a 2xx.
        """
        try:
            label = await self.mapper.read_label(value, built.context)
        except MapperFault as fault:
            raise self.refusals.unclear(f"unreadable_{fault.kind}") from None
        if label is not None and label.number:
            return label
        if self.refusals.code_of(answer):
            raise self.refusals.error_of(answer)
        raise self.refusals.unclear("unreadable_answer")

    def voided(self, answer: Answer, *, is_yes: bool) -> None:
        """Judge the answer to a void; returns where the label is void, however often it was asked.

        Raises
        ------
        RemoteError
            If it is not.
        """
        if is_yes or _ALREADY.search(self.refusals.message_of(answer)):
            return
        if answer.is_yes:
            raise RemoteRefused(
                f"{self.refusals.name} does not take the label back.",
                system=self.refusals.system,
                raw_code=self.refusals.code_of(answer) or "not_voided",
            )
        raise self.refusals.error_of(answer)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is fixed about a carrier.

    Attributes
    ----------
    module
        karrio's name of it.
    production, test
        Hosts.
    required
        Names of the credentials that must not be empty.
    number
        What its tracking numbers look like.
    tracking_page
        For shoppers; {} stands for the number.
    is_look_certain
        Whether "there is none" is proof. Where it is not, a booking that may have gone through is not made
        a second time.
    how_it_looks
        For a person who must decide: what was looked through.
    return_options
        karrio's options for a label that a shopper sends goods back with. Without any it is an ordinary label
        from the shopper's door to the shop, which the account pays as any other.
    stand_in_street
        What karrio wants to see where a checkout knows no street yet; taken out again before it is sent.
    """

    code: str
    name: str
    module: str
    production: str
    test: str
    credentials: tuple[CredentialField, ...]
    required: tuple[str, ...]
    limits: CarrierLimits
    refusals: Refusals
    number: re.Pattern[str]
    tracking_page: str
    is_look_certain: bool
    how_it_looks: str
    measures: Measures = field(default_factory=Measures)
    reference_length: int = 30
    return_options: Mapping[str, Any] = field(default_factory=dict)
    stand_in_street: str = ""


class Dialect(Protocol):
    """One carrier, as far as it differs from the others. Pure but for what goes through the `Line`."""

    @property
    def facts(self) -> Facts:
        """What is fixed about it."""
        ...

    def settings(self, account: Account) -> Mapping[str, Any]:
        """What karrio's mapper must know; no secrets but where they are part of a body."""
        ...

    def identities(self, account: Account, caller: Caller, host: str) -> Mapping[str, Identity]:
        """How its calls are signed."""
        ...

    def options(self, request: QuoteRequest | BookingRequest) -> Mapping[str, Any]:
        """What is asked for at the door, in karrio's options."""
        ...

    def rate_call(self, built: Built) -> Call:
        """The question for prices."""
        ...

    def rate_pieces(self, line: Line, answer: Answer) -> Sequence[Piece]:
        """Its answer, cut so that each piece can be read alone."""
        ...

    def remember(self, rate: Rate) -> Mapping[str, str]:
        """What `buy` needs of a rate beside the service."""
        ...

    async def buy(
        self, line: Line, payload: dict[str, Any], request: BookingRequest, deadline: Deadline
    ) -> Label:
        """Buy a label; raises as `Line.order` and `Line.label`."""
        ...

    async def look(self, line: Line, request: BookingRequest, reference: str, deadline: Deadline) -> Found:
        """Look for what was bought under this reference; raises `RemoteError` where it cannot be asked."""
        ...

    async def void(self, line: Line, number: str, deadline: Deadline) -> str:
        """Take a label back, and give the carrier's word for that; raises `RemoteError`."""
        ...

    def track_call(self, line: Line, number: str) -> Call:
        """The question where a parcel is."""
        ...

    def sighting(self, line: Line, answer: Answer, number: str) -> Sighting | None:
        """Its answer; None where it does not know the number (yet)."""
        ...


def instant_of(day: str, clock: str, form: str = "%Y%m%d%H%M%S") -> datetime | None:
    """A day and a time as a carrier writes them; taken for UTC, since they name no zone."""
    try:
        return datetime.strptime(f"{day}{clock}", form).replace(tzinfo=UTC)
    except ValueError:
        return None
