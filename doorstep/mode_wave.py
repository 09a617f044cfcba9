"""Waves as they are kept: when they were chosen for, what became of each order, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from doorstep.delivery import Delivery
from doorstep.mode_rules import DayUse
from doorstep.money import Money
from doorstep.route_problem import GivenRoute
from doorstep.wave_plan import ModeChoice, PoolUse


class WaveStatus(StrEnum):
    """Life of a wave.

    CHOSEN: it is booked once a person publishes the plan that it was asked for with. BOOKING: what was chosen
    is being done.
    """

    CHOOSING = "CHOOSING"
    CHOSEN = "CHOSEN"
    BOOKING = "BOOKING"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class ModeWave:
    """Orders that were chosen for together.

    Attributes
    ----------
    plan_id
        Of the plan whose tours its vans drive; "" as long as there is none.
    is_for_plan
        Somebody asked for that plan, and it waits for the wave.
    cost, cost_bound
        Of everything as it was chosen; and what carriers would cost at least for what the vans leave.
    orders
        So many had a choice.
    problem
        Why it failed.
    tours
        Of its vans, as it was chosen by: those of the plan begin with them. () where drivers were told tours
        before.
    alive_at
        When somebody worked on it last; None as long as it waits for those before it.
    """

    id: str
    merchant_id: str
    status: WaveStatus
    created_at: datetime
    plan_id: str = ""
    is_for_plan: bool = False
    ended_at: datetime | None = None
    orders: int = 0
    cost: Money | None = None
    carriers_cost: Money | None = None
    carriers_bound: Money | None = None
    pools: tuple[PoolUse, ...] = ()
    method: str = ""
    problem: str = ""
    tours: tuple[GivenRoute, ...] = ()
    alive_at: datetime | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether it is still to be chosen or done."""
        return self.status in (WaveStatus.CHOOSING, WaveStatus.BOOKING)


@dataclass(frozen=True, slots=True)
class KeptChoice:
    """Who shall take an order, and why; of an order the newest is kept.

    Attributes
    ----------
    quote_set_id
        Of the offers that were compared.
    quote_id
        The offer that is to be booked, of a carrier or of the own vans; "" where nothing is to be booked: a
        van has it already, or nobody takes it.
    delivery_id
        Where the own vans were booked before; "" where nobody was.
    draft
        The delivery as own vans would bring it, if they are to and were not booked for it before: what is
        booked has its id, and tours may be planned of it before.
    use
        What it takes of pools; None where no carrier is to be booked.
    has_no_room
        Somebody could take it, but for the merchant's limits of what each is given.
    done_at
        When it was done, or found that it cannot be any more; None before.
    """

    merchant_id: str
    fulfillment_order_id: str
    wave_id: str
    chosen_at: datetime
    choice: ModeChoice
    quote_set_id: str = ""
    quote_id: str = ""
    delivery_id: str = ""
    draft: Delivery | None = None
    use: DayUse | None = None
    has_no_room: bool = False
    done_at: datetime | None = None
