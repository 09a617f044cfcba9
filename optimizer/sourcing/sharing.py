"""Which of some places ships which pieces: whole lines wherever one of them has a line whole."""

from __future__ import annotations

from collections.abc import Sequence

from doorstep.money import Money
from doorstep.sourcing import LineShare, SourcedPart, SourcingTask
from optimizer.sourcing.standing import Candidate, place_key


def share_out(task: SourcingTask, places: Sequence[Candidate]) -> tuple[SourcedPart, ...]:
    """What each place ships; together they must have all."""
    ordered = sorted(places, key=lambda one: place_key(task.rules.strategy, one))
    left = {one.id: dict(one.has) for one in ordered}
    shares: dict[str, list[LineShare]] = {one.id: [] for one in ordered}

    def give(place: Candidate, line_id: str, article: str, pieces: int) -> None:
        left[place.id][article] -= pieces
        shares[place.id].append(LineShare(line_id, pieces))

    # Lines that only a split can serve come last, so that they take what whole lines leave.
    torn = []
    for need in task.needs:
        whole = next((one for one in ordered if left[one.id][need.article] >= need.pieces), None)
        if whole is None:
            torn.append(need)
        elif need.pieces:
            give(whole, need.line_id, need.article, need.pieces)
    for need in torn:
        missing = need.pieces
        for one in ordered:
            pieces = min(missing, left[one.id][need.article])
            if pieces:
                give(one, need.line_id, need.article, pieces)
                missing -= pieces
    return tuple(
        SourcedPart(one.id, tuple(shares[one.id]), Money(one.cost, task.currency))
        for one in ordered
        if shares[one.id]
    )
