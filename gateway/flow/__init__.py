"""The way of an order, as the table event -> what follows from it: the program on one page.

Every handler takes the event and the `Means`, may run twice, and leaves its state and the events that
follow in one transaction. `gateway.workers` runs them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from doorstep import events
from gateway.flow.choosing.carry_out import carry_out_choice
from gateway.flow.choosing.choose import choose_modes
from gateway.flow.choosing.publish import book_published
from gateway.flow.dispatching.cancel import cancel_for_order
from gateway.flow.dispatching.doubt import clear_doubt
from gateway.flow.dispatching.hurry import hurry
from gateway.flow.dispatching.instead import book_instead
from gateway.flow.dispatching.move import fetch_from_new_place
from gateway.flow.dispatching.replace_lost import replace_lost_leg
from gateway.flow.documents.keep import fetch_label, keep_label
from gateway.flow.intake.articles import learn_of_carts
from gateway.flow.intake.notices import take_notices
from gateway.flow.intake.sync import sync_requested
from gateway.flow.mending.run import begin_playbook, take_due_steps
from gateway.flow.messaging.alarm import tell_of_escalation, tell_operators
from gateway.flow.messaging.systems.tell import (
    call_of_incident,
    call_of_order,
    call_of_return,
    call_of_route,
)
from gateway.flow.messaging.tell import tell_of_another_try, tell_of_trouble, tell_outside
from gateway.flow.planning.changes.insert import insert_booked
from gateway.flow.planning.plans.mend import mend_disturbed
from gateway.flow.planning.plans.plan import plan_routes
from gateway.flow.ports import Means
from gateway.flow.quoting.quote import quote_order
from gateway.flow.returning.carrying import carry_out
from gateway.flow.returning.fetching import book_return
from gateway.flow.returning.follow import follow_delivery
from gateway.flow.sourcing.decide import source_order
from gateway.flow.stacking.leaving import leave
from gateway.flow.stacking.waiting import send_or_wait
from gateway.flow.telling.tell import tell_of_delivery, tell_of_incident, tell_store
from gateway.flow.tracking.track import take_carrier_notice
from gateway.flow.watching.check_proof import check_proof

Handler = Callable[[Any, Means], Awaitable[None]]

HANDLERS: Mapping[type[events.Event], tuple[Handler, ...]] = {
    events.StoreNotified: (take_notices,),
    events.SyncRequested: (sync_requested,),
    events.ArticlesWanted: (learn_of_carts,),
    events.OrderReceived: (source_order, quote_order, call_of_order),
    events.UnitMoved: (fetch_from_new_place,),
    events.OrderCancelled: (cancel_for_order,),
    events.QuotesReady: (send_or_wait,),
    events.WaitOver: (leave,),
    events.WaveDue: (choose_modes,),
    events.ModeChosen: (carry_out_choice,),
    events.OptionChosen: (),
    events.DeliveryBooked: (tell_of_delivery, keep_label, insert_booked, tell_outside),
    events.LabelGiven: (fetch_label,),
    events.BookingInDoubt: (clear_doubt,),
    events.CarrierNotified: (take_carrier_notice,),
    events.LegLost: (replace_lost_leg,),
    events.CourierLate: (hurry,),
    events.LegGivenUp: (book_instead,),
    events.PlanRequested: (plan_routes,),
    events.RoutePlanned: (book_published,),
    events.RouteTold: (call_of_route,),
    events.TourDisturbed: (mend_disturbed,),
    events.DeliveryAdvanced: (tell_of_delivery, follow_delivery, check_proof, tell_outside),
    events.AttemptDecided: (carry_out, tell_of_another_try),
    events.ReturnRequested: (book_return,),
    events.ReturnMoved: (call_of_return,),
    events.IncidentRaised: (tell_of_incident, begin_playbook, tell_of_trouble, tell_operators),
    events.StepDue: (take_due_steps,),
    events.IncidentEscalated: (tell_of_escalation, call_of_incident),
    events.IncidentResolved: (tell_of_incident, call_of_incident),
    events.ReportDue: (tell_store,),
}

EVENTS: Mapping[str, type[events.Event]] = {kind.__name__: kind for kind in HANDLERS}

__all__ = ["EVENTS", "HANDLERS", "Handler"]
