"""Drivers: who they are and what they can do is kept; a driver who falls out leaves tours to others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from doorstep.driver import Driver
from doorstep.errors import InvalidInput, Issue, NotFound, StateConflict
from gateway.flow.planning.changes.drop import stop_tours
from gateway.flow.ports import UnitOfWork


async def save_driver(
    work: UnitOfWork, driver: Driver, expected_version: int | None, now: datetime, *, is_new: bool
) -> Driver:
    """Keep a driver whole; the next plan goes by it. The tours of one who is no longer enabled stop,
    and the driver is signed out.

    Parameters
    ----------
    driver
        Whose device is kept where it is not new.

    Raises
    ------
    NotFound
        If there is no such driver, or no such depot.
    InvalidInput
        If an amount is in another currency than the merchant's, or a break ends before it begins, with an
        issue for each.
    StateConflict
        If it is of another version.
    """
    merchant = await work.accounts.merchant()
    if driver.depot_id not in {place.id for place in await work.accounts.locations()}:
        raise NotFound(driver.depot_id, path=("input", "depotId"))
    if wrong := [*_foreign(driver, merchant.currency), *_backward(driver)]:
        raise InvalidInput(wrong[0].message, path=wrong[0].path, issues=wrong)
    if is_new:
        await work.fleet.put_driver(driver)
        return driver
    if not driver.enabled:
        # The turn, then tours, then drivers, as everybody locks who changes both.
        await work.routes.take_turn()
        await stop_tours(work, driver.id, now)
    known = await work.fleet.driver(driver.id, lock=True)
    if known is None:
        raise NotFound(driver.id, path=("input", "id"))
    if expected_version is not None and known.version != expected_version:
        text = "This driver was changed by someone else since you read it."
        raise StateConflict(text, current_id=known.id, current_version=known.version)
    changed = replace(
        driver,
        device_id=known.device_id,
        not_before=known.not_before,
        holds=known.holds,
        version=known.version + 1,
    )
    await work.fleet.put_driver(changed)
    if not changed.enabled:
        await work.driver_sessions.end(changed.id, now)
    return changed


def _foreign(driver: Driver, currency: str) -> Iterator[Issue]:
    costs = driver.costs
    amounts = {
        "costPerKilometer": costs.per_km,
        "costPerHour": costs.per_hour,
        "fixedCost": costs.fixed,
        "overtimeCostPerHour": costs.overtime_per_hour,
        "outsideCost": costs.outside,
    }
    for name, amount in amounts.items():
        if amount is not None and amount.currency != currency:
            text = f"{name} must be in {currency}, the merchant's currency, not {amount.currency}."
            yield Issue(("input", "costs", name), text)


def _backward(driver: Driver) -> Iterator[Issue]:
    for place in driver.backward_breaks:
        rest = driver.breaks[place]
        text = f"latest must not be before earliest on the shift, got {rest.earliest} to {rest.latest}."
        yield Issue(("input", "breaks", str(place), "latest"), text)
