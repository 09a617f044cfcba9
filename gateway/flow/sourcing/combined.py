"""Combined: what carriers ask for a cart that leaves from several places, as one offer for all of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from doorstep.deadline import Deadline
from doorstep.goods import Goods
from doorstep.money import Money
from doorstep.order import HandoverRequirement, Location
from doorstep.parcel import Parcel
from doorstep.quote import CarrierAnswer, CarrierQuote, Decline, DeclineReason, QuoteRequest
from doorstep.scorecard import CarrierCounts
from gateway.flow.ports import Heard, LinkedCarrier, Rates, Reuse


@dataclass(frozen=True, slots=True)
class Share:
    """What leaves from one place, as carriers are asked about it.

    Attributes
    ----------
    value
        Of these goods alone.
    requirements
        What they need at the door, and what rules ask for there.
    ready_at
        When it can be fetched there.
    promising
        Puts promises of days right, by the calendar of the place.
    """

    place: Location
    parcels: tuple[Parcel, ...]
    goods: Goods
    value: Money
    requirements: tuple[HandoverRequirement, ...]
    ready_at: datetime
    promising: Callable[[CarrierQuote], CarrierQuote]


@dataclass(frozen=True, slots=True)
class CombinedRates:
    """Asks each carrier for every share; see `gateway.flow.ports.Rates`.

    A carrier's service is offered where it takes all shares: at the sum of their prices and by the latest of
    their promises. Nothing is booked from such an offer: each part of the order is quoted for itself.
    """

    rates: Rates
    shares: Sequence[Share]

    def take_counts(self) -> Mapping[str, Sequence[CarrierCounts]]:
        """See `Rates`."""
        return self.rates.take_counts()

    async def shop(
        self,
        carriers: Sequence[LinkedCarrier],
        request: QuoteRequest,
        deadline: Deadline,
        *,
        reuse: Reuse = Reuse.NOTHING,
        settle_s: float | None = None,
        is_counted: bool = True,
    ) -> Sequence[Heard]:
        """Ask all of them for every share at once; one result for each carrier."""
        heard = await asyncio.gather(
            *(
                self.rates.shop(
                    carriers,
                    _request(request, share),
                    deadline,
                    reuse=reuse,
                    settle_s=settle_s,
                    is_counted=is_counted,
                )
                for share in self.shares
            )
        )
        return [self._joined(answers) for answers in zip(*heard, strict=True)]

    def _joined(self, answers: Sequence[Heard]) -> Heard:
        answers = [_promised(one, share.promising) for one, share in zip(answers, self.shares, strict=True)]
        first = answers[0]
        offers: list[CarrierQuote] = []
        declined = [no for one in answers for no in one.answer.declined]
        for offer in first.answer.quotes:
            same = [_of_service(one, offer) for one in answers]
            joined = [one for one in same if one is not None]
            if len(joined) == len(answers):
                offers.append(_sum(joined))
        if not offers and not declined:
            names = " and ".join(share.place.name for share in self.shares)
            account = first.carrier.account
            text = f"{account.name} has no service that takes it from {names} alike."
            declined.append(Decline(account.carrier, DeclineReason.OTHER, text))
        return replace(
            first,
            answer=CarrierAnswer(tuple(offers), tuple(dict.fromkeys(declined))),
            response_ms=max(one.response_ms for one in answers),
            was_asked=any(one.was_asked for one in answers),
            was_in_time=all(one.was_in_time for one in answers),
            is_remembered=all(one.is_remembered for one in answers),
        )


def _request(request: QuoteRequest, share: Share) -> QuoteRequest:
    """The question for what leaves from one place."""
    return replace(
        request,
        pickup=share.place.address,
        time_zone=share.place.time_zone,
        parcels=share.parcels,
        goods=share.goods,
        value=share.value,
        requirements=share.requirements,
        ready_at=share.ready_at,
    )


def _promised(heard: Heard, promising: Callable[[CarrierQuote], CarrierQuote]) -> Heard:
    offers = tuple(promising(offer) for offer in heard.answer.quotes)
    return replace(heard, answer=replace(heard.answer, quotes=offers))


def _of_service(heard: Heard, offer: CarrierQuote) -> CarrierQuote | None:
    same = (
        one
        for one in heard.answer.quotes
        if one.code == offer.code and one.price.currency == offer.price.currency
    )
    return min(same, key=lambda one: one.price, default=None)


def _sum(offers: Sequence[CarrierQuote]) -> CarrierQuote:
    last = max(offers, key=lambda one: one.promise.window.end)
    price = offers[0].price
    for one in offers[1:]:
        price += one.price
    grams = [one.co2e_g for one in offers]
    return replace(
        last,
        price=price,
        expires_at=min(one.expires_at for one in offers),
        pickup_by=None,
        co2e_g=None if None in grams else sum(one or 0 for one in grams),
        booking_data={},
    )
