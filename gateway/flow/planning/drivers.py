"""Drivers: who they are and what they can do is kept; a driver who falls out leaves tours to others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from doorstep.driver import Driver
from doorstep.errors import InvalidInput, Issue, NotFound, StateConflict
from doorstep.events import TourDisturbed
from gateway.flow.ports import UnitOfWork


async def save_driver(
    work: UnitOfWork, driver: Driver, expected_version: int | None, *, is_new: bool
) -> Driver:
    """Keep a driver whole; the next plan goes by it.

    Parameters
    ----------
    driver
        Whose device is kept where it is not new.

    Raises
    ------
    NotFound
        If there is no such driver, or no such depot.
    InvalidInput
        If an amount is in another currency than the merchant's, with an issue for each.
    StateConflict
        If it is of another version.
    """
    merchant = await work.accounts.merchant()
    if driver.depot_id not in {place.id for place in await work.accounts.locations()}:
        raise NotFound(driver.depot_id, path=("input", "depotId"))
    if foreign := list(_foreign(driver, merchant.currency)):
        raise InvalidInput(foreign[0].message, path=foreign[0].path, issues=foreign)
    if is_new:
        await work.fleet.put_driver(driver)
        return driver
    known = await work.fleet.driver(driver.id, lock=True)
    if known is None:
        raise NotFound(driver.id, path=("input", "id"))
    if expected_version is not None and known.version != expected_version:
        text = "This driver was changed by someone else since you read it."
        raise StateConflict(text, current_id=known.id, current_version=known.version)
    changed = replace(driver, device_id=known.device_id, version=known.version + 1)
    await work.fleet.put_driver(changed)
    if known.enabled and not changed.enabled:
        route = await work.routes.of_driver(driver.id)
        if route is not None:
            await work.emit(TourDisturbed(merchant.id, route.id))
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
