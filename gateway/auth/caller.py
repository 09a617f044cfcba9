"""Who is asking, once their key or token was found good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Audience(StrEnum):
    """The four kinds of askers that the schema knows."""

    PUBLISHABLE = "PUBLISHABLE"
    TRACKING = "TRACKING"
    DRIVER = "DRIVER"
    SECRET = "SECRET"  # noqa: S105 -- the name of an audience


class Scope(StrEnum):
    """What a key may do; each scope includes those before it, READ < OPERATE < CONFIGURE < ADMINISTER.

    Scopes compare by that order and not by the alphabet.
    """

    READ = "READ"
    OPERATE = "OPERATE"
    CONFIGURE = "CONFIGURE"
    ADMINISTER = "ADMINISTER"

    @property
    def rank(self) -> int:
        """0 for READ to 3 for ADMINISTER."""
        return _RANKS[self.value]

    def __lt__(self, other: str) -> bool:
        return self.rank < Scope(other).rank

    def __le__(self, other: str) -> bool:
        return self.rank <= Scope(other).rank

    def __gt__(self, other: str) -> bool:
        return self.rank > Scope(other).rank

    def __ge__(self, other: str) -> bool:
        return self.rank >= Scope(other).rank


_RANKS = {scope.value: rank for rank, scope in enumerate(Scope)}


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever sent a request, and how far they may go.

    Attributes
    ----------
    key_id
        `key_…` of the key that was shown; "" for a tracking token.
    allowed_origins
        Where pages that use a publishable key may stand, "https://shop.example"; compared exactly.
    delivery_id
        The one delivery that a tracking token opens.
    expires_at
        When the credential ends; sockets that it opened are closed then. None never ends.
    driver_id
        Whose session it is, for `Audience.DRIVER`.
    person_id
        Whose key it is; None where it is nobody's.
    """

    audience: Audience
    merchant_id: str
    key_id: str
    scopes: frozenset[Scope]
    allowed_origins: frozenset[str] = frozenset()
    delivery_id: str | None = None
    expires_at: datetime | None = None
    driver_id: str | None = None
    person_id: str | None = None

    def may(self, scope: Scope) -> bool:
        """Whether one of the scopes held includes `scope`."""
        return any(held >= scope for held in self.scopes)

    def allows_origin(self, origin: str | None) -> bool:
        """Whether a page of this origin may use the credential.

        Only publishable keys are bound to origins; a request without an Origin header comes from no page.
        A publishable key without any origin can be used by no page.
        """
        if self.audience is not Audience.PUBLISHABLE or origin is None:
            return True
        return origin in self.allowed_origins

    def is_expired(self, now: datetime) -> bool:
        """Whether the credential has ended."""
        return self.expires_at is not None and now >= self.expires_at
