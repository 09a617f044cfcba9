"""A file of a thread, as it is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

UNSENT_FOR = timedelta(days=1)
"""What no message has taken along by then is let go."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way into a thread, or there.

    Attributes
    ----------
    owner
        Who announced it, "SHOPPER del_…", "DRIVER drv_…", "DESK": nobody else may send it.
    content_type, size, sha256
        As announced; bytes, and the digest of all of them in hex.
    delivery_id
        Whose thread it is for; "" until a driver or the desk has sent it.
    sent_at
        When a message took it along; None before.
    body
        Without what a camera wrote beside the picture; None until the bytes came.
    """

    id: str
    merchant_id: str
    owner: str
    content_type: str
    size: int
    sha256: str
    created_at: datetime
    delivery_id: str = ""
    sent_at: datetime | None = None
    body: bytes | None = field(default=None, repr=False)
