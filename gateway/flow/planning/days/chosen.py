"""Chosen: what a wave leaves the vans of the plan that follows it, and the tours that it counted with."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from doorstep.delivery import Delivery
from doorstep.mode_wave import KeptChoice
from doorstep.quote import DeliveryMode
from doorstep.route import RoutePlan
from doorstep.route_problem import GivenRoute
from gateway.flow.ports import UnitOfWork
from gateway.flow.waves import open_choices


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen for a plan.

    Attributes
    ----------
    drafts
        Deliveries that own vans are booked for once the plan is published.
    given_on
        Ids of deliveries that carriers take then, and no van of the plan.
    tours
        As the choice counted with them.
    """

    drafts: tuple[Delivery, ...] = ()
    given_on: frozenset[str] = frozenset()
    tours: tuple[GivenRoute, ...] = ()

    def begin_with(self, van_ids: Collection[str], visit_ids: Collection[str]) -> list[GivenRoute]:
        """The tours as far as there are these vans and visits."""
        known = (
            GivenRoute(tour.van_id, tuple(id_ for id_ in tour.visit_ids if id_ in visit_ids))
            for tour in self.tours
            if tour.van_id in van_ids
        )
        return [tour for tour in known if tour.visit_ids]


async def read_chosen(work: UnitOfWork, plan: RoutePlan) -> Chosen:
    """What the wave of a plan has chosen; nothing where there is none."""
    wave = await work.modes.wave_of_plan(plan.id) if plan.id else None
    if wave is None:
        return Chosen()
    choices = await open_choices(work, plan)
    return Chosen(
        drafts=tuple(choice.draft for choice in choices if choice.draft is not None),
        given_on=frozenset(choice.delivery_id for choice in choices if _is_given_on(choice)),
        tours=wave.tours,
    )


def _is_given_on(choice: KeptChoice) -> bool:
    is_carriers = choice.choice.mode is not DeliveryMode.OWN_FLEET
    return bool(choice.delivery_id and choice.quote_id) and is_carriers
