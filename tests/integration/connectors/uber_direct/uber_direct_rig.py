"""Uber Direct, with a few couriers."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from doorstep.ports import CarrierConnector
from simulator.carriers.uber_direct import FakeUberDirect
from tests.contracts.carriers import uber_direct
from tests.contracts.carriers.rig import Rig as CarrierRig

HARNESS = replace(uber_direct.HARNESS, build=partial(uber_direct.build, couriers=3))


class Rig(CarrierRig[FakeUberDirect, CarrierConnector]):
    """In steps in which its couriers tell where they are."""

    step_s = 20.0
