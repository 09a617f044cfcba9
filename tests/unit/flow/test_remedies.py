"""What is tried about a late courier, in which order, and who is sent instead."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from doorstep.address import Address
from doorstep.delivery import Delivery, GivingUp, Leg
from doorstep.delivery_status import DeliveryStatus
from doorstep.dispatch_rules import DispatchRules, DispatchStrategy, Spending
from doorstep.eta import Eta, EtaBasis
from doorstep.incident import Incident, IncidentKind, IncidentStatus, Severity, Step, StepAction, StepStatus
from doorstep.merchant import Merchant
from doorstep.money import Money
from doorstep.ports import CancelPolicy
from doorstep.quote import (
    CarrierQuote,
    DeliveryMode,
    PriceBasis,
    Quote,
    QuoteRequest,
    QuoteSet,
    VehicleKind,
)
from doorstep.window import Promise, PromiseBasis, Window
from gateway.flow.dispatching.remedies import Late, Remedy, best_instead, is_due, next_offer, next_remedy

NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
DOOR = Address("US", line1="12 Mill Street")
FREE = CancelPolicy(free_before=DeliveryStatus.COURIER_ASSIGNED)
ASSIGNED, BOOKED = DeliveryStatus.COURIER_ASSIGNED, DeliveryStatus.BOOKED
TIPS = Spending(tip_cap=Money(500, "USD"), tip_step=Money(200, "USD"))


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def promised(in_minutes: float) -> Promise:
    window = Window(NOON - minutes(60), NOON + minutes(in_minutes))
    return Promise(window, "America/New_York", PromiseBasis.CARRIER_COMMITMENT)


def late(spending: Spending | None = None, *steps: Step, **leg: Any) -> Late:
    """A courier of 5.00 who was booked an hour ago for a promise that ends in half an hour."""
    booked = Leg(
        "leg_1",
        "acc_cheap",
        "cheap",
        "standard",
        DeliveryMode.COURIER,
        BOOKED,
        Money(500, "USD"),
        "leg_1",
        external_id="cheap-1",
        booked_at=NOON - minutes(60),
    )
    booked = replace(booked, **leg)
    delivery = Delivery(
        "del_1",
        "mer_1",
        "ord_1",
        "ful_1",
        "1001-1",
        booked.status,
        "loc_1",
        DOOR,
        (),
        NOON,
        NOON,
        legs=(booked,),
        promise=promised(30),
    )
    incident = Incident(
        "exc_1",
        "mer_1",
        IncidentKind.NO_COURIER,
        Severity.HIGH,
        IncidentStatus.OPEN,
        "no courier yet",
        "",
        NOON,
        NOON,
        steps=steps,
    )
    merchant = Merchant("mer_1", "A shop", "USD", "America/New_York", spending=spending or Spending())
    return Late(merchant, delivery, booked, incident, NOON)


def step(action: StepAction, status: StepStatus, ago: float = 5) -> Step:
    return Step(action, status, "", NOON - minutes(ago))


def coming(one: Late, in_minutes: float) -> Late:
    """The same with somebody assigned, who is expected then."""
    at = NOON + minutes(in_minutes)
    eta = Eta(at, Window(at - minutes(5), at + minutes(5)), 0.8, EtaBasis.CARRIER, NOON)
    leg = replace(one.leg, status=ASSIGNED)
    return replace(one, leg=leg, delivery=replace(one.delivery, legs=(leg,), eta=eta))


def offers(*wanted: tuple[str, int, float]) -> QuoteSet:
    """(account, price in cents, promised in so many minutes), best rank first."""
    quotes = tuple(
        Quote(
            f"quo_{rank}",
            f"acc_{name}",
            CarrierQuote(
                carrier=name,
                service="standard",
                title=name,
                mode=DeliveryMode.COURIER,
                vehicle=VehicleKind.CAR,
                price=Money(minor, "USD"),
                price_basis=PriceBasis.LIVE,
                promise=promised(by),
                expires_at=NOON + minutes(15),
            ),
            rank,
            1.0 / rank,
            (),
            10,
        )
        for rank, (name, minor, by) in enumerate(wanted, 1)
    )
    asked = QuoteRequest("qst_1", DOOR, DOOR, (), Money(4200, "USD"), NOON, NOON, "America/New_York")
    return QuoteSet("qst_1", "mer_1", asked, "ful_1", "loc_1", quotes, (), 500, 10, is_complete=True)


def chosen(one: Late, *wanted: tuple[str, int, float]) -> str | None:
    quote_set = offers(*wanted)
    found = best_instead(one, quote_set, quote_set.quotes, one.cap)
    return found.offer.carrier if found else None


RAISED = step(StepAction.RAISE_OFFER, StepStatus.DONE)


@pytest.mark.parametrize(
    ("one", "wanted"),
    [
        (late(TIPS), Remedy.RAISE),
        (late(TIPS, RAISED, extra=Money(200, "USD")), Remedy.RAISE),
        (late(TIPS, RAISED, extra=Money(500, "USD")), Remedy.REPLACE),
        (late(TIPS, step(StepAction.RAISE_OFFER, StepStatus.FAILED)), Remedy.REPLACE),
        (late(replace(TIPS, tip_cap=Money(500, "EUR"), tip_step=None)), Remedy.REPLACE),
        (late(), Remedy.REPLACE),
        (late(Spending(hedges=False)), Remedy.NOTHING),
        (late(None, step(StepAction.REDISPATCH, StepStatus.FAILED)), Remedy.NOTHING),
        (late(None, *[step(StepAction.REDISPATCH, StepStatus.SKIPPED)] * 3), Remedy.NOTHING),
        (late(None, step(StepAction.REDISPATCH, StepStatus.SKIPPED, ago=1.9)), Remedy.NOTHING),
        (late(None, booked_at=NOON - minutes(2.9)), Remedy.NOTHING),
        (late(None, status=DeliveryStatus.PICKED_UP), Remedy.NOTHING),
        (late(None, status=ASSIGNED), Remedy.NOTHING),
        (late(None, status=ASSIGNED, free_cancel_until=NOON + minutes(1)), Remedy.REPLACE),
        (late(TIPS, status=ASSIGNED, free_cancel_until=NOON + minutes(1)), Remedy.REPLACE),
        (late(None, mode=DeliveryMode.OWN_FLEET), Remedy.NOTHING),
        (late(None, giving_up=GivingUp(NOON, "qst_1", "quo_1")), Remedy.FINISH),
    ],
    ids=[
        "more is offered first",
        "in steps",
        "up to the cap",
        "not to one who takes none",
        "nor in another currency",
        "without a cap nothing is offered",
        "what the merchant forbids",
        "a carrier who said no is not asked again",
        "nobody is looked for for ever",
        "a step is given its time",
        "a booking that was just made is given its time",
        "the goods are on their way",
        "calling off costs",
        "calling off is free for a minute more",
        "and is not waited away for a tip",
        "a van of their own",
        "what was begun comes first",
    ],
)
def test_the_next_step(one: Late, wanted: Remedy) -> None:
    assert next_remedy(one, FREE, can_raise=True) is wanted


def test_who_says_nothing_of_cancelling_is_never_replaced() -> None:
    assert next_remedy(late(), CancelPolicy(), can_raise=False) is Remedy.NOTHING


@pytest.mark.parametrize(
    "rules",
    [DispatchRules(reassign=False), DispatchRules(DispatchStrategy.MANUAL)],
    ids=["no second booking by a machine", "no booking by a machine"],
)
def test_a_merchant_who_books_by_hand_is_not_overtaken(rules: DispatchRules) -> None:
    one = late()
    assert not is_due(replace(one, merchant=replace(one.merchant, dispatch=rules)))


def test_a_delivery_is_not_hedged_more_often_than_the_merchant_wants() -> None:
    one = late()
    gone = replace(
        one.leg, id="leg_0", status=DeliveryStatus.CANCELLED, giving_up=GivingUp(NOON, "qst_0", "quo_0")
    )
    twice = replace(one, delivery=replace(one.delivery, legs=(gone, gone, one.leg)))
    once = replace(one, delivery=replace(one.delivery, legs=(gone, one.leg)))
    assert (is_due(once), is_due(twice)) == (True, False)


def test_offers_grow_by_the_step_and_end_at_the_cap() -> None:
    assert [
        next_offer(late(TIPS, extra=extra))
        for extra in (None, Money(200, "USD"), Money(400, "USD"), Money(500, "USD"))
    ] == [Money(200, "USD"), Money(400, "USD"), Money(500, "USD"), None]


def test_all_is_offered_at_once_where_there_is_no_step() -> None:
    assert next_offer(late(Spending(tip_cap=Money(500, "USD")))) == Money(500, "USD")


def test_the_first_in_line_who_comes_sooner_is_sent() -> None:
    assert chosen(late(), ("cheap", 500, 25), ("b", 700, 90), ("c", 900, 84), ("d", 950, 20)) == "c"


def test_where_nobody_keeps_the_promise_sooner_than_the_same_carrier_anew_is_better() -> None:
    # Asked now it would promise 60 minutes, and it has found nobody for 60.
    assert chosen(late(), ("cheap", 500, 60), ("b", 700, 120), ("c", 900, 119)) == "c"
    assert chosen(late(), ("cheap", 500, 60), ("b", 700, 120)) is None


def test_whom_the_late_carrier_does_not_want_to_carry_any_more_anybody_is_better() -> None:
    assert chosen(late(), ("b", 700, 90)) == "b"


def test_somebody_on_the_way_is_left_for_one_who_comes_much_sooner_alone() -> None:
    # Expected in 45 minutes: 41 is not worth it, 39 is.
    one = coming(late(), 45)
    assert chosen(one, ("cheap", 500, 20), ("b", 700, 41), ("c", 900, 39)) == "c"
    assert chosen(one, ("b", 700, 41)) is None


def test_nobody_dearer_than_the_cap_is_sent() -> None:
    # 300 % of 5.00
    assert chosen(late(), ("b", 1501, 20), ("c", 1500, 20)) == "c"


def test_the_cap_is_a_share_of_the_first_price_and_not_of_the_last() -> None:
    one = late()
    first = replace(one.leg, id="leg_0", status=DeliveryStatus.CANCELLED, price=Money(300, "USD"))
    again = replace(one, delivery=replace(one.delivery, legs=(first, one.leg)))
    assert again.cap == Money(900, "USD")


@pytest.mark.parametrize(
    "wrong",
    [
        {"tip_cap": Money(0, "USD")},
        {"tip_step": Money(-1, "USD")},
        {"tip_cap": Money(500, "USD"), "tip_step": Money(100, "EUR")},
        {"max_hedges": -1},
    ],
    ids=["no cap", "a step back", "two currencies", "less than never"],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong)).split("_")[0]):
        Spending(**wrong)
