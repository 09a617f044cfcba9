"""What a platform asks for on behalf of people: their data, or that it is forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PrivacyKind(StrEnum):
    """Shopify's three compliance topics; a merchant may ask for the same by command."""

    DATA_REQUEST = "DATA_REQUEST"
    """A shopper wants to see what is known of them."""
    REDACT_SHOPPER = "REDACT_SHOPPER"
    REDACT_STORE = "REDACT_STORE"
    """The merchant has left: everything personal of the store is forgotten."""


@dataclass(frozen=True, slots=True)
class PrivacyNotice:
    """Whom it is about. Holds personal data.

    Attributes
    ----------
    external_id
        The platform's number of the request; "" where it gives none.
    order_external_ids
        Orders that it names.
    email, phone
        By which further orders of the same shopper are found; "" where not given.
    """

    kind: PrivacyKind
    external_id: str = ""
    order_external_ids: tuple[str, ...] = ()
    email: str = ""
    phone: str = ""
