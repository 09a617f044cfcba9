"""The playbooks of a merchant: their own, and what Doorstep does about the kinds that they say nothing of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from doorstep.incident import Incident, IncidentKind, StepAction
from doorstep.money import Money
from doorstep.playbook import Playbook
from gateway.flow.mending.spending import left_of
from gateway.flow.mending.standard import STANDARD_KINDS, standard_id, standard_playbook
from gateway.flow.ports import UnitOfWork


@dataclass(frozen=True, slots=True)
class Book:
    """What is done about each kind.

    Attributes
    ----------
    own
        Those that the merchant has saved, by kind; disabled ones too, since they replace what comes with
        Doorstep.
    """

    merchant_id: str
    own: Mapping[IncidentKind, Playbook]

    def of(self, kind: IncidentKind) -> Playbook | None:
        """What is done about a kind; None leaves it to people."""
        return self.own.get(kind) or standard_playbook(kind, self.merchant_id)

    def all(self) -> Sequence[Playbook]:
        """The merchant's own in the order in which they were made, then what comes with Doorstep."""
        own = sorted({one.id: one for one in self.own.values()}.values(), key=lambda one: one.id)
        standard = [
            found
            for kind in STANDARD_KINDS
            if kind not in self.own and (found := standard_playbook(kind, self.merchant_id))
        ]
        return [*own, *standard]


def book_of(merchant_id: str, own: Sequence[Playbook]) -> Book:
    """A merchant's own playbooks, those that are not archived, as a book."""
    return Book(merchant_id, {kind: one for one in own for kind in one.kinds})


async def open_book(work: UnitOfWork) -> Book:
    """Read the merchant's playbooks."""
    return book_of(work.merchant_id, await work.playbooks.playbooks())


def kind_of_standard(playbook_id: str) -> IncidentKind | None:
    """Which kind's a playbook is that comes with Doorstep; None for any other id."""
    return next((kind for kind in STANDARD_KINDS if standard_id(kind) == playbook_id), None)


@dataclass(frozen=True, slots=True)
class Allowance:
    """Whether a machine may do something about an incident by itself.

    Attributes
    ----------
    left
        What the playbook leaves to spend; None where it says nothing, and other rules do.
    """

    is_given: bool
    left: Money | None = None


async def allowance(work: UnitOfWork, incident: Incident, action: StepAction) -> Allowance:
    """What the playbook of an incident says of a remedy that is taken without the runner."""
    playbook = await work.playbooks.of_kind(incident.kind) or standard_playbook(
        incident.kind, work.merchant_id
    )
    if playbook is None:
        # Nobody has written a playbook for it, so nobody has said no.
        return Allowance(True)
    return Allowance(playbook.names(action), left_of(playbook, incident))
