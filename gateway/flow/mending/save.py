"""Save: a merchant's playbooks, checked field by field; what waits goes on by what is saved."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from doorstep.errors import InvalidInput, NotFound
from doorstep.ids import new_id
from doorstep.playbook import Playbook, faults_of
from gateway.flow.mending.book import kind_of_standard
from gateway.flow.ports import UnitOfWork

_AT = ("input",)


async def save_playbook(
    work: UnitOfWork, playbook: Playbook, expected_version: int | None, now: datetime
) -> Playbook:
    """Keep a playbook whole; incidents that are open go on by it.

    What comes with Doorstep is saved as one of the merchant's own, with an id of its own, and comes back when
    that is archived.

    Parameters
    ----------
    expected_version
        The one that was seen before; None for one that is not there yet.

    Raises
    ------
    InvalidInput
        With an issue for each field that is wrong.
    NotFound
        If a version was seen of what is not there.
    StateConflict
        If somebody saved in between, it is archived, or another one is for one of its kinds.
    """
    require_sound(playbook, (await work.accounts.merchant()).currency, _AT)
    mine = replace(playbook, merchant_id=work.merchant_id, updated_at=now)
    if kind_of_standard(playbook.id) is not None:
        return await work.playbooks.save(replace(mine, id=new_id("pbk")), None)
    return await work.playbooks.save(mine, expected_version)


async def archive_playbook(
    work: UnitOfWork, playbook_id: str, expected_version: int, now: datetime
) -> Playbook:
    """Put one of the merchant's own away; what comes with Doorstep is done again. Raises as saving does."""
    if kind_of_standard(playbook_id) is not None:
        raise NotFound(playbook_id, path=(*_AT, "id"))
    return await work.playbooks.archive(playbook_id, expected_version, now)


def require_sound(playbook: Playbook, currency: str, path: tuple[str, ...]) -> None:
    """Refuse a playbook that makes no sense.

    Raises
    ------
    InvalidInput
        With an issue for each field that is wrong, whose path begins with `path`.
    """
    found = [replace(issue, path=(*path, *issue.path)) for issue in faults_of(playbook, currency)]
    if found:
        raise InvalidInput(found[0].message, path=found[0].path, issues=found)
