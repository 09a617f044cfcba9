"""Why drivers have their stops, for many of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from doorstep.route_solution import Assignment
from gateway.api.ports.routes import RouteCommands


class AssignmentKey(NamedTuple):
    """A delivery on the tours of a day.

    Attributes
    ----------
    plan_id
        Of tours that drivers do not know of; "" for those that they do.
    """

    day: str
    plan_id: str
    delivery_id: str


async def load_assignments(commands: RouteCommands, keys: Sequence[AssignmentKey]) -> list[Assignment | None]:
    """For each key; all of a day, or of a plan, are asked for together."""
    found: dict[AssignmentKey, Assignment] = {}
    for day, plan_id in sorted({(key.day, key.plan_id) for key in keys}):
        wanted = [key.delivery_id for key in keys if (key.day, key.plan_id) == (day, plan_id)]
        told = await commands.assignments(day=day, plan_id=plan_id, delivery_ids=wanted)
        found |= {AssignmentKey(day, plan_id, id_): why for id_, why in told.items()}
    return [found.get(key) for key in keys]
