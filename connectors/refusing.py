"""What a carrier's error means: whether to ask another carrier, ask again, ask a person, or look first.

Every carrier has a table from its documented codes to a `Family`. Each family has one decline, one error and
one sentence, so that carriers which fail alike read alike. A code that no table knows is told apart: it falls
back on the HTTP status, is kept raw and can be counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from connectors.calling import Answer
from doorstep.errors import (
    AccountProblem,
    RateLimited,
    RemoteError,
    RemoteRefused,
    RemoteUnavailable,
    UnknownOutcome,
)
from doorstep.incident import IncidentKind
from doorstep.quote import Decline, DeclineReason


class Family(StrEnum):
    """What to do about an error."""

    NOT_SERVICEABLE = "NOT_SERVICEABLE"
    ADDRESS = "ADDRESS"
    CAPACITY = "CAPACITY"
    WINDOW = "WINDOW"
    PARCEL = "PARCEL"
    GOODS = "GOODS"
    REQUOTE = "REQUOTE"
    ADOPT = "ADOPT"
    UNKNOWN_OUTCOME = "UNKNOWN_OUTCOME"
    ACCOUNT = "ACCOUNT"
    SLOW_DOWN = "SLOW_DOWN"
    RETRY = "RETRY"
    INVALID = "INVALID"
    TOO_LATE = "TOO_LATE"
    NOTHING_BOUGHT = "NOTHING_BOUGHT"
    GONE = "GONE"
    OTHER = "OTHER"
    """A clear no that is none of the above."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a family comes to.

    Attributes
    ----------
    sentence
        For a dispatcher; {name} stands for the carrier.
    kind
        Of the incident that a refused booking is.
    decline
        Why it makes no offer; None where the carrier could not be asked properly.
    """

    sentence: str
    kind: IncidentKind = IncidentKind.OTHER
    decline: DeclineReason | None = None


MEANINGS: Mapping[Family, Meaning] = {
    Family.NOT_SERVICEABLE: Meaning(
        "{name} does not deliver between these places.",
        IncidentKind.ADDRESS_PROBLEM,
        DeclineReason.OUT_OF_AREA,
    ),
    Family.ADDRESS: Meaning(
        "{name} cannot find this address.", IncidentKind.ADDRESS_PROBLEM, DeclineReason.ADDRESS_PROBLEM
    ),
    Family.CAPACITY: Meaning(
        "{name} has no courier free nearby.", IncidentKind.NO_COURIER, DeclineReason.NO_CAPACITY
    ),
    Family.WINDOW: Meaning(
        "{name} cannot keep this pickup and delivery window.",
        IncidentKind.LATE_RISK,
        DeclineReason.PAST_CUTOFF,
    ),
    Family.PARCEL: Meaning(
        "{name} does not accept the parcel's weight or sides.",
        IncidentKind.ITEM_MISMATCH,
        DeclineReason.TOO_LARGE,
    ),
    Family.GOODS: Meaning(
        "{name} does not carry such goods.", IncidentKind.ITEM_MISMATCH, DeclineReason.PROHIBITED_GOODS
    ),
    Family.REQUOTE: Meaning(
        "The price of {name} no longer holds.", IncidentKind.QUOTE_EXPIRED, DeclineReason.OTHER
    ),
    Family.ADOPT: Meaning("{name} already carries a delivery with this reference."),
    Family.INVALID: Meaning("{name} refused the request.", decline=DeclineReason.OTHER),
    Family.TOO_LATE: Meaning("It is too late: {name} already has the goods."),
    Family.NOTHING_BOUGHT: Meaning("{name} has no booking for this."),
    Family.GONE: Meaning("{name} knows no such delivery."),
    Family.OTHER: Meaning("{name} refused the request.", decline=DeclineReason.OTHER),
}

_BY_STATUS: Mapping[int, Family] = {
    401: Family.ACCOUNT,
    402: Family.ACCOUNT,
    403: Family.ACCOUNT,
    404: Family.GONE,
    408: Family.RETRY,
    429: Family.SLOW_DOWN,
}

_ADDRESS_WORDS = ("address", "street", "city", "state", "zip", "postal", "phone")


def _no_fields(_answer: Answer) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Refusals:
    """How one carrier words its errors.

    Attributes
    ----------
    codes
        Every documented code -> its family.
    code_of
        Where an answer carries its code; "" where it carries none.
    message_of
        The carrier's own words, kept beside the error and never shown: they may repeat personal data.
    fields_of
        Names of the fields that an error is about, never what stood in them.
    family_of_code
        For families that a code's form tells, "ADDRESS.…"; None where it tells nothing.
    account_texts
        Code or HTTP status as text -> what the merchant has to do.
    meanings
        Where a family means something else here.
    wait_s
        How long to leave it alone where it does not say.
    """

    system: str
    name: str
    codes: Mapping[str, Family]
    code_of: Callable[[Answer], str]
    message_of: Callable[[Answer], str]
    fields_of: Callable[[Answer], tuple[str, ...]] = _no_fields
    family_of_code: Callable[[str], Family | None] = lambda _code: None
    account_texts: Mapping[str, str] = field(default_factory=dict)
    meanings: Mapping[Family, Meaning] = field(default_factory=dict)
    wait_s: float = 60.0

    def family_of(self, answer: Answer) -> Family:
        """The family of an error; codes that nobody documented fall back on the HTTP status."""
        code = self.code_of(answer)
        family = self.codes.get(code) or self.family_of_code(code)
        if family is not None:
            return family
        if answer.status in _BY_STATUS:
            return _BY_STATUS[answer.status]
        return Family.RETRY if answer.status >= 500 else Family.INVALID

    def decline_or_raise(self, answer: Answer) -> Decline:
        """Turn a refused quote into a decline.

        Raises
        ------
        RemoteError
            If the carrier could not be asked properly: account, rate limit, outage.
        """
        family, code = self.family_of(answer), self.code_of(answer)
        if family is Family.INVALID and self._is_about_address(answer):
            sentence = self._invalid_sentence(answer)
            reason = DeclineReason.ADDRESS_PROBLEM
            return Decline(self.system, reason, sentence, raw_code=code, is_known_code=self._knows(answer))
        why = self._meaning(family).decline if family in MEANINGS else None
        if why is None:
            raise self.error_of(answer)
        sentence = self._sentence(family, answer)
        return Decline(self.system, why, sentence, raw_code=code, is_known_code=self._knows(answer))

    def error_of(self, answer: Answer) -> RemoteError:
        """The error that an answer means; its text holds nobody's data."""
        error = self._error_of(answer)
        error.is_known_code = self._knows(answer)
        return error

    def _error_of(self, answer: Answer) -> RemoteError:
        family, message = self.family_of(answer), self.message_of(answer)
        raw_code = self.code_of(answer) or str(answer.status)
        match family:
            case Family.SLOW_DOWN:
                wait_s = answer.retry_after_s or self.wait_s
                sentence = f"{self.name} asks us to slow down."
                return RateLimited(sentence, system=self.system, retry_after_s=wait_s, raw_code=raw_code)
            case Family.ACCOUNT:
                return AccountProblem(
                    self._account_text(answer), system=self.system, raw_code=raw_code, raw_message=message
                )
            case Family.RETRY:
                return RemoteUnavailable(
                    f"{self.name} is not working at the moment.",
                    system=self.system,
                    raw_code=raw_code,
                    raw_message=message,
                    kind=IncidentKind.CARRIER_DOWN,
                )
            case Family.UNKNOWN_OUTCOME:
                return self.unclear(raw_code)
        kind = self._meaning(family).kind
        if family is Family.INVALID and self._is_about_address(answer):
            kind = IncidentKind.ADDRESS_PROBLEM
        return RemoteRefused(
            self._sentence(family, answer),
            system=self.system,
            raw_code=raw_code,
            raw_message=message,
            kind=kind,
        )

    def unclear(self, raw_code: str) -> UnknownOutcome:
        """Booked or not: only reading will tell."""
        return UnknownOutcome(
            f"{self.name} failed while booking, so it is not known whether it did.",
            system=self.system,
            raw_code=raw_code,
            kind=IncidentKind.CARRIER_DOWN,
        )

    def _knows(self, answer: Answer) -> bool:
        """Whether the table has the code of an error; one without a code says no more than its status."""
        code = self.code_of(answer)
        return not code or code in self.codes or self.family_of_code(code) is not None

    def _meaning(self, family: Family) -> Meaning:
        return self.meanings.get(family) or MEANINGS[family]

    def _sentence(self, family: Family, answer: Answer) -> str:
        if family is Family.INVALID:
            return self._invalid_sentence(answer)
        return self._meaning(family).sentence.format(name=self.name)

    def _invalid_sentence(self, answer: Answer) -> str:
        fields = self.fields_of(answer)
        if not fields:
            return self._meaning(Family.INVALID).sentence.format(name=self.name)
        return f"{self.name} does not accept {', '.join(fields)}."

    def _account_text(self, answer: Answer) -> str:
        texts = self.account_texts
        usual = f"{self.name} does not accept this account's credentials."
        return texts.get(self.code_of(answer)) or texts.get(str(answer.status)) or usual

    def _is_about_address(self, answer: Answer) -> bool:
        return any(word in name for name in self.fields_of(answer) for word in _ADDRESS_WORDS)
