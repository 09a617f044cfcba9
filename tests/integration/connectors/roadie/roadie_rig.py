"""Roadie, whose messages come once and in order."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from doorstep.ports import CarrierConnector
from simulator.carriers.roadie import FakeRoadie
from simulator.postman import Habits
from tests.contracts.carriers import roadie
from tests.contracts.carriers.rig import Rig as CarrierRig

HARNESS = replace(roadie.HARNESS, build=partial(roadie.build, habits=Habits()))


class Rig(CarrierRig[FakeRoadie, CarrierConnector]):
    """In steps of a minute."""

    step_s = 60.0
