"""The six carriers behind karrio's mappers in the contract suite; none of them sends webhooks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from connectors.parcel.karrio import MYDHL
from doorstep.money import Money
from simulator.carriers.karrio_carriers import House
from simulator.clock import WorldClock
from simulator.postman import Postman
from tests.contracts.carriers.rig import START, Harness, Places
from tests.integration.connectors.karrio_rig import CASES, Case


def _build(house: Callable[[WorldClock], House], clock: WorldClock, postman: Postman, url: str) -> House:
    return house(clock)


def _harness(case: Case) -> Harness[House]:
    country = case.country
    return Harness(
        case.plugin,
        partial(_build, case.house),
        case.credentials,
        {case.secret: "wrong"},
        takes_back=case.plugin is not MYDHL,
        places=Places(country.store, country.door, Money(4200, country.currency), country.time_zone, START),
    )


HARNESSES = [_harness(case) for case in CASES]
