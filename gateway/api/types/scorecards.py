"""How carriers did, and how their accounts are."""

from __future__ import annotations

from datetime import datetime

from doorstep import scorecard as ground
from gateway.api.marks import open_enum, part, shape
from gateway.api.types.money import Money
from gateway.flow.learning import health
from gateway.flow.learning.health import CarrierHealth
from gateway.flow.ports import unknowns
from gateway.flow.ports.unknowns import CodeKind
from gateway.flow.quoting.breaker import BreakerState

open_enum(CarrierHealth)
open_enum(BreakerState)
open_enum(CodeKind)


@shape()
class Scorecard:
    """How a carrier did; rates are 0 to 1, and null as long as there is nothing to divide."""

    days: int
    deliveries: int = part("Bookings that came to an end.")
    on_time: int = part("Of these, arrived within their promise.")
    on_time_rate: float | None
    first_attempt_rate: float | None = part("Handed over at the first attempt.")
    cancelled: int = part("Bookings that the carrier dropped; what is called off here is not counted.")
    cancel_rate: float | None
    reliability: float = part("As it is ranked: leaning on 19 of 20 while little was seen.")
    asked: int = part("Questions for a price.")
    answered: int = part("Of these, answered in time.")
    answer_rate: float | None
    average_cost: Money | None = part("Of a booking, in the currency of most.")
    p95_response_milliseconds: int | None = part("Of its answers in time.")
    exceptions: int = part("How often something went wrong with a delivery that it had in hand.")
    exceptions_per_thousand: float | None = part("For a thousand of its bookings that ended.")

    @staticmethod
    def of(card: ground.Scorecard) -> Scorecard:
        ended = card.deliveries + card.cancelled
        return Scorecard(
            days=card.days,
            deliveries=card.deliveries,
            on_time=card.on_time,
            on_time_rate=_rate(card.on_time, card.deliveries),
            first_attempt_rate=_rate(card.first_attempt, card.deliveries),
            cancelled=card.cancelled,
            cancel_rate=_rate(card.cancelled, ended),
            reliability=round(card.reliability, 4),
            asked=card.asked,
            answered=card.answered,
            answer_rate=_rate(card.answered, card.asked),
            average_cost=Money.maybe(card.average_cost),
            p95_response_milliseconds=card.p95_response_ms,
            exceptions=card.incidents,
            exceptions_per_thousand=None if not ended else round(1000 * card.incidents / ended, 1),
        )

    @staticmethod
    def maybe(card: ground.Scorecard | None) -> Scorecard | None:
        return None if card is None else Scorecard.of(card)


def _rate(some: int, all_: int) -> float | None:
    return round(some / all_, 4) if all_ else None


@shape()
class CarrierBreaker:
    """Whether an account is asked for prices, as far as the process that answers has seen."""

    state: BreakerState = part("OPEN: left alone; TRIAL: the next question decides.")
    cause: str | None = part("Why it is left alone, for a person.")
    retry_after_seconds: int | None = part("Until it is tried again.")
    recent_answers: int = part("Of the last half minute, failures among them.")
    recent_failures: int

    @staticmethod
    def of(known: health.AccountHealth) -> CarrierBreaker:
        is_open = known.state is not BreakerState.CLOSED
        return CarrierBreaker(
            state=known.state,
            cause=known.cause or None,
            retry_after_seconds=round(known.wait_s) if is_open else None,
            recent_answers=known.answers,
            recent_failures=known.failures,
        )


@shape()
class UnknownCarrierCode:
    """A code of a carrier that no table here knows, and how often it came."""

    kind: CodeKind
    code: str = part("As the carrier wrote it.")
    seen: int
    first_at: datetime
    last_at: datetime

    @staticmethod
    def of(known: unknowns.UnknownCode) -> UnknownCarrierCode:
        return UnknownCarrierCode(
            kind=known.kind,
            code=known.code,
            seen=known.seen,
            first_at=known.first_at,
            last_at=known.last_at,
        )
