"""PING_DRIVER: the driver is asked, in the thread of the delivery; the shopper does not read it."""

from __future__ import annotations

from doorstep.delivery import Delivery
from doorstep.errors import StateConflict
from doorstep.thread import Participant
from gateway.flow.mending.action import Foresight, Outcome, Scene
from gateway.flow.mending.actions.answers import done, possible
from gateway.flow.mending.actions.deed import Deed
from gateway.flow.mending.actions.kept import keep
from gateway.flow.mending.actions.seen import look, with_next_door
from gateway.flow.mending.actions.words import Ask, worded
from gateway.flow.messaging.threads.write import write
from gateway.flow.ports import Means


class PingDriver(Deed):
    """See the module; a message is not taken back."""

    async def _look(self, scene: Scene, means: Means) -> Foresight:
        _, driver, text = await _message(scene, means)
        return possible(f"{driver} is asked: {text}")

    async def _act(self, scene: Scene, means: Means) -> Outcome:
        delivery, driver, text = await _message(scene, means)
        desk, to = Participant.DESK, Participant.DRIVER
        await write(means, delivery.merchant_id, delivery.id, desk, text, scene.step_id, to=to)
        async with means.begin(delivery.merchant_id) as work:
            return await keep(work, scene, done(f"{driver} was asked: {text}"))


async def _message(scene: Scene, means: Means) -> tuple[Delivery, str, str]:
    """In which thread, whom, and what; raises `StateConflict` where no driver of the merchant's is meant."""
    async with means.begin(scene.incident.merchant_id) as work:
        seen = await with_next_door(work, await look(work, scene))
        if seen.delivery is None:
            raise StateConflict("No driver goes to a door for it now.")
        delivery = seen.on_its_way
        driver = await work.fleet.driver(delivery.driver_id) if delivery.driver_id is not None else None
    if driver is None:
        raise StateConflict("None of the merchant's own drivers has it; a courier is asked by its carrier.")
    text = scene.template or worded(Ask.DRIVER, seen.merchant.locale[:2].lower())
    return delivery, driver.vehicle_name or "The driver", text
