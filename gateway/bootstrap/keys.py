"""API keys and drivers' sessions: made here, shown once, kept as digests."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta

from doorstep.errors import NotFound, StateConflict
from doorstep.ids import new_id
from doorstep.secret import Secret
from gateway.api.ports import records as r
from gateway.auth.caller import Audience
from gateway.auth.keys import create_key
from gateway.bootstrap.house import House
from gateway.store.device_keys import DeviceKeyRow, hash_of, hint_of
from gateway.store.driver_sessions import SessionRow
from gateway.store.keys import KeyRow


async def make_key(house: House, merchant_id: str, order: r.KeyOrder) -> r.NewKey:
    """Make a key of a merchant; its secret is known to whoever gets this answer, and to nobody else.

    Raises
    ------
    NotFound
        If it is to be of somebody who is not there, or is there no more.
    """
    made = create_key(Audience(order.audience))
    row = KeyRow(
        id=new_id("key"),
        merchant_id=merchant_id,
        name=order.name,
        audience=order.audience,
        hash=made.digest.hex(),
        hint=made.hint,
        scopes=tuple(order.scopes),
        allowed_origins=order.allowed_origins,
        created_at=house.clock.now(),
        expires_at=order.expires_at,
        person_id=order.person_id,
    )
    async with house.transactions.begin_sql(merchant_id) as work:
        # Whoever archives the person meanwhile waits for us, and ends this key too.
        person = await work.people.person(order.person_id, lock=True) if order.person_id else None
        if order.person_id and (person is None or not person.is_here):
            raise NotFound(order.person_id, path=("input", "personId"))
        await work.keys.add(row)
    card = r.KeyCard(
        row.id,
        row.name,
        order.audience,
        row.hint,
        order.scopes,
        row.allowed_origins,
        row.created_at,
        row.expires_at,
        row.person_id,
    )
    return r.NewKey(card, made.key)


async def make_device_key(
    house: House, merchant_id: str, driver_id: str, old_last_s: int | None
) -> tuple[DeviceKeyRow, Secret]:
    """Make a device key for a driver's phone; it is known to whoever gets this answer, and to nobody else.

    Parameters
    ----------
    old_last_s
        So long the driver's other keys still open something, seconds; None leaves them as they are.

    Raises
    ------
    NotFound
        If there is no such driver.
    """
    key, now = secrets.token_urlsafe(24), house.clock.now()
    row = DeviceKeyRow(new_id("dev"), merchant_id, driver_id, hash_of(key), hint_of(key), now)
    async with house.transactions.begin_sql(merchant_id) as work:
        if await work.fleet.driver(driver_id, lock=True) is None:
            raise NotFound(driver_id, path=("driverId",))
        if old_last_s is not None:
            await work.device_keys.end(driver_id, now + timedelta(seconds=old_last_s))
        await work.device_keys.add(row)
    return row, Secret(key)


async def end_device_keys(house: House, merchant_id: str, driver_id: str, key_id: str = "") -> int:
    """Revoke one device key of a driver, or all; gives how many those were. No process has to be told."""
    async with house.transactions.begin_sql(merchant_id) as work:
        return await work.device_keys.end(driver_id, house.clock.now(), key_id=key_id)


async def device_keys_of(house: House, merchant_id: str, driver_id: str) -> Sequence[DeviceKeyRow]:
    """All of a driver, the newest first."""
    async with house.transactions.begin_sql(merchant_id) as work:
        return await work.device_keys.of_driver(driver_id)


async def make_driver_session(
    house: House, merchant_id: str, driver_id: str, lifetime_s: int
) -> r.NewDriverSession:
    """Let a driver sign in; the token is known to whoever gets this answer, and to nobody else.

    Raises
    ------
    NotFound
        If there is no such driver.
    StateConflict
        If the driver is disabled.
    """
    made, now = create_key(Audience.DRIVER), house.clock.now()
    row = SessionRow(
        id=new_id("ses"),
        merchant_id=merchant_id,
        driver_id=driver_id,
        hash=made.digest.hex(),
        hint=made.hint,
        created_at=now,
        expires_at=now + timedelta(seconds=lifetime_s),
    )
    async with house.transactions.begin_sql(merchant_id) as work:
        # Whoever disables the driver meanwhile waits for us, and ends this session too.
        driver = await work.fleet.driver(driver_id, lock=True)
        if driver is None:
            raise NotFound(driver_id, path=("input", "driverId"))
        if not driver.enabled:
            text = f"{driver.name} is disabled: enable the driver with saveDriver first."
            raise StateConflict(text, current_id=driver.id, current_version=driver.version)
        await work.driver_sessions.add(row)
    return r.NewDriverSession(row.id, row.hint, row.created_at, row.expires_at, made.key)


async def end_driver_sessions(house: House, merchant_id: str, driver_id: str) -> int:
    """Sign a driver out everywhere; gives how many sessions that ended. Raises `NotFound`."""
    async with house.transactions.begin_sql(merchant_id) as work:
        if await work.fleet.driver(driver_id) is None:
            raise NotFound(driver_id, path=("input", "driverId"))
        return await work.driver_sessions.end(driver_id, house.clock.now())
