"""Booking exactly once for one key.

A delivery of ours has one of two ids: that of the quote which was accepted, or the booking key. DoorDash
takes each only once, so reading both tells whether a call whose answer was lost did its work.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.calling import Answer
from connectors.couriers.doordash import mapping, reading
from connectors.couriers.doordash.client import DoorDashClient, accept_path, delivery_path
from connectors.couriers.doordash.limits import why_not
from connectors.couriers.doordash.refusals import REFUSALS, code_of
from connectors.couriers.doordash.times import plan_times
from connectors.couriers.doordash.wording import NAME, SYSTEM
from connectors.quoted import is_too_dear, too_dear
from connectors.refusing import Family
from doorstep.booking import Booking, BookingRequest
from doorstep.deadline import Deadline
from doorstep.errors import RemoteError, RemoteRefused, RemoteUnavailable
from doorstep.incident import IncidentKind
from doorstep.json_reading import Json, text
from doorstep.money import Money, zero
from doorstep.quote import Decline, DeclineReason

_LABELLING_S = 2.0
# All that an accept can be refused with on account of the quote: gone, expired ("400 Quote expired or
# invalid"), or used. Whether we used it ourselves is then read.
_QUOTE_IS_GONE = frozenset({Family.GONE, Family.ADOPT, Family.INVALID, Family.TOO_LATE, Family.REQUOTE})


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A booking and what it asks of DoorDash.

    Attributes
    ----------
    body
        Or why DoorDash cannot be asked: raised only once it is known that no earlier call has booked, because
        what was possible then (a window, say) may be so no longer.
    """

    request: BookingRequest
    body: Mapping[str, object] | RemoteRefused
    offer: reading.Offered

    @property
    def quoted(self) -> Money:
        """The offer's price; nothing where the offer came from elsewhere."""
        return self.offer.price or zero(self.request.value.currency)


async def book_once(client: DoorDashClient, request: BookingRequest, deadline: Deadline) -> Booking:
    """Accept the offer's quote while it holds, else make the delivery under the booking key.

    Raises
    ------
    RemoteRefused
        If DoorDash says no; kind QUOTE_EXPIRED where it asks more than a tenth above the offer.
    UnknownOutcome
        If an answer was lost; the next call with the same key finds what was made.
    """
    wanted = _Wanted(request, _body_or_refusal(request), reading.offered(request.booking_data))
    delivery = await _by_quote(client, wanted, deadline) if wanted.offer.quote_id else None
    if delivery is None:
        delivery = await _by_key(client, wanted, deadline)
    else:
        await _label(client, delivery, request, deadline)
    return reading.read_booking(delivery, wanted.quoted)


async def _by_quote(client: DoorDashClient, wanted: _Wanted, deadline: Deadline) -> Json | None:
    """The delivery that this offer's quote became, None where it became none of ours that is alive."""
    offer, body = wanted.offer, wanted.body
    if not isinstance(body, RemoteRefused) and offer.holds(
        mapping.fingerprint(body), wanted.request.asked_at
    ):
        answer = await _write(client, accept_path(offer.quote_id), {}, deadline)
        if answer.is_yes:
            return answer.body
        if REFUSALS.family_of(answer) not in _QUOTE_IS_GONE:
            raise REFUSALS.error_of(answer)
    delivery = await _read(client, offer.quote_id, deadline)
    return delivery if delivery is not None and _is_ours(delivery, wanted.request) else None


async def _by_key(client: DoorDashClient, wanted: _Wanted, deadline: Deadline) -> Json:
    key = wanted.request.booking_key
    earlier = await _read(client, key, deadline)
    if earlier is not None:
        return earlier
    if isinstance(wanted.body, RemoteRefused):
        raise wanted.body
    if wanted.offer.price is not None:  # an offer from elsewhere has none to compare with
        await _check_price(client, wanted.body, wanted.offer.price, deadline)
    body = mapping.create_body(wanted.request, wanted.body)
    answer = await _write(client, "/deliveries", body, deadline)
    if answer.is_yes:
        return answer.body
    if REFUSALS.family_of(answer) is not Family.ADOPT:
        raise REFUSALS.error_of(answer)
    # Somebody with the same key was faster by a moment.
    twin = await _read(client, key, deadline)
    if twin is None:
        raise REFUSALS.unclear(code_of(answer))
    return twin


def _is_ours(delivery: Json, request: BookingRequest) -> bool:
    """Whether an accepted quote carries these goods.

    One that was called off carries nobody's. One with another reference carries others': adopting it would
    leave these standing.
    """
    if text(delivery, "delivery_status") in {"", "quote", "cancelled"}:
        return False
    return text(delivery, "pickup_reference_tag") in {"", request.reference}


async def _check_price(
    client: DoorDashClient, body: Mapping[str, object], before: Money, deadline: Deadline
) -> None:
    """Ask for the price of the moment, and refuse one that is much higher than before."""
    answer = await client.quote(body, deadline)
    if not answer.is_yes:
        raise REFUSALS.error_of(answer)
    price = reading.price_of(answer.body)
    if price is None:
        raise RemoteUnavailable(f"{NAME}'s quote lacks its price.", system=SYSTEM)
    if is_too_dear(price, before):
        raise too_dear(price, before, system=SYSTEM, name=NAME)


async def _label(client: DoorDashClient, delivery: Json, request: BookingRequest, deadline: Deadline) -> None:
    """Put the reference and the contents on what a quote became.

    Nothing that must happen at the door depends on them, so a failure does not undo the booking; a repeat of
    the booking tries again.
    """
    if text(delivery, "pickup_reference_tag") == request.reference:
        return
    path = delivery_path(text(delivery, "external_delivery_id"))
    shorter = Deadline(min(deadline.left_s, _LABELLING_S))
    try:
        await client.write("PATCH", path, mapping.label_body(request), shorter)
    except RemoteError:
        return


async def _read(client: DoorDashClient, external_delivery_id: str, deadline: Deadline) -> Json | None:
    """A delivery or quote, None where DoorDash knows none of this id."""
    answer = await client.read(external_delivery_id, deadline)
    if answer.is_yes:
        return answer.body
    if REFUSALS.family_of(answer) is not Family.GONE:
        raise REFUSALS.error_of(answer)
    if not code_of(answer):
        # A proxy's bare 404 is no word of DoorDash's: believing it would book a second time.
        raise REFUSALS.unclear(str(answer.status))
    return None


async def _write(client: DoorDashClient, path: str, body: Json, deadline: Deadline) -> Answer:
    answer = await client.write("POST", path, body, deadline)
    if answer.status == 408 or answer.status >= 500:
        raise REFUSALS.unclear(code_of(answer) or str(answer.status))
    return answer


def _body_or_refusal(request: BookingRequest) -> Mapping[str, object] | RemoteRefused:
    question = mapping.question_of(request)
    impossible = why_not(question)
    if impossible is not None:
        is_address = impossible.reason is DeclineReason.ADDRESS_PROBLEM
        return _refusal(impossible, IncidentKind.ADDRESS_PROBLEM if is_address else IncidentKind.OTHER)
    times = plan_times(question.asked_at, question.ready_at, question.delivery_window)
    if isinstance(times, Decline):
        return _refusal(times, IncidentKind.LATE_RISK)
    return mapping.quote_body(question, times, request.if_undeliverable)


def _refusal(decline: Decline, kind: IncidentKind) -> RemoteRefused:
    return RemoteRefused(decline.text, system=SYSTEM, raw_code=decline.raw_code, kind=kind)
