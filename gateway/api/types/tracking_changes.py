"""What people put right about tracking: wrong statuses, and the keys of drivers' phones."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from doorstep.delivery_status import DeliveryStatus
from gateway.api.marks import entry, part, shape
from gateway.api.ports.records import DeviceKeyCard, NewDeviceKey
from gateway.api.problems import InvalidInput, NotFound, StateConflict
from gateway.api.types.deliveries import Delivery
from gateway.api.types.drivers import Driver

_STATUS = "What it really is; a status before the pickup is not corrected: book anew or call off instead."
_OLD = "So long the driver's other keys still open something; null lets them stay."
_ONE = "Only this key; all of the driver where absent."


@entry
class CorrectDeliveryInput:
    """Put right what was reported by mistake."""

    delivery_id: strawberry.ID
    leg_id: strawberry.ID | None = part(
        "The booking that it is about; the active one where absent.", default=None
    )
    status: DeliveryStatus = part(_STATUS)
    reason: str = part("Kept in the history.")
    happened_at: datetime | None = part("When it really was; now where absent.", default=None)
    expected_version: int | None = part("Of the delivery as it was read; any where absent.", default=None)


@shape()
class CorrectDeliverySuccess:
    """The delivery as it really is; its store, your systems and whoever watches are told."""

    delivery: Delivery


@shape()
class DeviceKey:
    """What a driver's phone proves with whose it is; only its hash is kept."""

    id: strawberry.ID
    hint: str = part("…4f2a.")
    created_at: datetime
    ends_at: datetime | None = part("It opens nothing from then on; null for never.")

    @staticmethod
    def of(card: DeviceKeyCard) -> DeviceKey:
        return DeviceKey(
            id=strawberry.ID(card.id), hint=card.hint, created_at=card.created_at, ends_at=card.ends_at
        )


@entry
class CreateDeviceKeyInput:
    """Make a key for a driver's phone."""

    driver_id: strawberry.ID
    old_last_seconds: int | None = part(_OLD, default=None)


@shape()
class CreateDeviceKeySuccess:
    """The key, shown once."""

    device_key: DeviceKey
    secret: str = part("Shown once. The tracking app sends it as its device id or password.")

    @staticmethod
    def of(made: NewDeviceKey) -> CreateDeviceKeySuccess:
        return CreateDeviceKeySuccess(device_key=DeviceKey.of(made.card), secret=made.secret.reveal())


@entry
class RevokeDeviceKeysInput:
    """Let keys of a driver open nothing from now on, as when a phone is lost."""

    driver_id: strawberry.ID
    device_key_id: strawberry.ID | None = part(_ONE, default=None)


@shape()
class RevokeDeviceKeysSuccess:
    """They open nothing any more, in every process."""

    driver: Driver
    revoked: int = part("Keys that were still good.")


CorrectDeliveryResult = Annotated[
    CorrectDeliverySuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("CorrectDeliveryResult", description="What a correction led to."),
]
CreateDeviceKeyResult = Annotated[
    CreateDeviceKeySuccess | InvalidInput | NotFound,
    strawberry.union("CreateDeviceKeyResult", description="What making a device key led to."),
]
RevokeDeviceKeysResult = Annotated[
    RevokeDeviceKeysSuccess | InvalidInput | NotFound,
    strawberry.union("RevokeDeviceKeysResult", description="What revoking device keys led to."),
]
