"""Writes about tracking: corrections, and the keys of drivers' phones; part of the root of writes."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import strawberry

from gateway.api.admission.checks import root
from gateway.api.context import Info
from gateway.api.marks import shape
from gateway.api.ports.records import Scope
from gateway.api.reading import found, read_id, read_span, read_text, wrong
from gateway.api.roots.given import INPUT
from gateway.api.types.deliveries import Delivery
from gateway.api.types.drivers import Driver
from gateway.api.types.tracking_changes import (
    CorrectDeliveryInput,
    CorrectDeliveryResult,
    CorrectDeliverySuccess,
    CreateDeviceKeyInput,
    CreateDeviceKeyResult,
    CreateDeviceKeySuccess,
    DeviceKey,
    RevokeDeviceKeysInput,
    RevokeDeviceKeysResult,
    RevokeDeviceKeysSuccess,
)

_AT = ("input",)
_OLD_LAST_S = (0, 7 * 86_400)
_LONGEST_AGO = timedelta(days=365)


@shape()
class TrackingQueries:
    """Reads about tracking."""

    @root(most=50, scope=Scope.CONFIGURE)
    async def device_keys(self, info: Info, driver_id: strawberry.ID) -> list[DeviceKey]:
        """The keys of a driver's phones, the newest first."""
        wanted = read_id(driver_id, "drv", ("driverId",))
        cards = await info.context.commands.device_keys(driver_id=wanted)
        return [DeviceKey.of(card) for card in cards[:50]]


@shape()
class TrackingMutations:
    """Writes about tracking."""

    @root(scope=Scope.OPERATE)
    async def correct_delivery(
        self, info: Info, given: Annotated[CorrectDeliveryInput, INPUT]
    ) -> CorrectDeliveryResult:
        """Puts right a status that was reported by mistake, as an event of its own."""
        now, at = info.context.clock.now(), given.happened_at
        if at is not None and not now - _LONGEST_AGO <= at <= now:
            raise wrong((*_AT, "happenedAt"), "happenedAt must lie in the past, a year ago at most")
        reason = read_text(given.reason, (*_AT, "reason"))
        if not reason:
            raise wrong((*_AT, "reason"), "reason must say why: it stays in the history", "REQUIRED")
        delivery = await info.context.commands.correct_delivery(
            delivery_id=read_id(given.delivery_id, "del", (*_AT, "deliveryId")),
            leg_id=read_id(given.leg_id, "leg", (*_AT, "legId")) if given.leg_id else "",
            status=given.status,
            reason=reason,
            by=info.context.caller.key_id,
            happened_at=at,
            expected_version=given.expected_version,
        )
        info.context.renew()
        return CorrectDeliverySuccess(delivery=Delivery.of(delivery))

    @root(scope=Scope.CONFIGURE)
    async def create_device_key(
        self, info: Info, given: Annotated[CreateDeviceKeyInput, INPUT]
    ) -> CreateDeviceKeyResult:
        """Makes a key for a driver's phone; it is shown once."""
        old = given.old_last_seconds
        if old is not None:
            read_span(old, (*_AT, "oldLastSeconds"), *_OLD_LAST_S)
        made = await info.context.commands.create_device_key(
            driver_id=read_id(given.driver_id, "drv", (*_AT, "driverId")), old_last_s=old
        )
        return CreateDeviceKeySuccess.of(made)

    @root(scope=Scope.CONFIGURE)
    async def revoke_device_keys(
        self, info: Info, given: Annotated[RevokeDeviceKeysInput, INPUT]
    ) -> RevokeDeviceKeysResult:
        """Lets keys of a driver's phones open nothing from now on."""
        driver_id = read_id(given.driver_id, "drv", (*_AT, "driverId"))
        key_id = given.device_key_id
        revoked = await info.context.commands.revoke_device_keys(
            driver_id=driver_id,
            key_id=read_id(key_id, "dev", (*_AT, "deviceKeyId")) if key_id else "",
        )
        driver = found(await info.context.loaders.driver.load(driver_id), driver_id, (*_AT, "driverId"))
        return RevokeDeviceKeysSuccess(driver=Driver.of(driver), revoked=revoked)
