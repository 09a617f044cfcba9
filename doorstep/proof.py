"""Proof of delivery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ProofKind(StrEnum):
    """What proves it."""

    PHOTO = "PHOTO"
    SIGNATURE = "SIGNATURE"
    PIN = "PIN"
    BARCODE = "BARCODE"
    IDENTITY = "IDENTITY"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class Proof:
    """One proof. Personal data: it may show a person, a door or a name.

    Attributes
    ----------
    url
        Where the carrier keeps the picture; "" where there is none.
    signed_by
        The name that was given at the door.
    is_pickup
        Of the goods being fetched.
    """

    kind: ProofKind
    url: str = ""
    taken_at: datetime | None = None
    signed_by: str = ""
    is_pickup: bool = False
