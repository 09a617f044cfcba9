"""The way in: an order's lines and the places that could ship them, to who ships what."""

from __future__ import annotations

from collections.abc import Sequence

from doorstep.money import Money
from doorstep.sourcing import PassedOver, SourcingPlan, SourcingTask
from optimizer.sourcing.check import check
from optimizer.sourcing.search import Aim, Places, best_two
from optimizer.sourcing.sharing import share_out
from optimizer.sourcing.standing import Candidate, candidates, minor_of, needed, not_today
from optimizer.sourcing.wording import kept, why, why_not


class PlaceSourcer:
    """Chooses places (`doorstep.ports.planning.Sourcer`).

    Places that pack today are asked first; only where they do not have all of it those that are closed or
    full today may help.
    """

    def source(self, task: SourcingTask) -> SourcingPlan:
        """Which place ships what, and why no other does."""
        able, barred = candidates(task)
        first_day = min((one.leaves_on for one in able), default=None)
        soon = [one for one in able if one.leaves_on == first_day]
        plan = self._among(task, soon) or self._among(task, able)
        if plan is None:
            return _nobody(task, able, barred)
        shipping = {part.location_id for part in plan.parts}
        told = {one.location_id for one in plan.passed} | shipping
        late = [not_today(one) for one in able if one.id not in told]
        passed = sorted((*barred, *late, *plan.passed), key=lambda one: one.location_id)
        whole = SourcingPlan(plan.parts, plan.reason, plan.cost, plan.next_best, tuple(passed))
        wrong = check(task, whole)
        return whole if not wrong else SourcingPlan((), f"No way was found that holds: {wrong[0]}.")

    def _among(self, task: SourcingTask, able: Sequence[Candidate]) -> SourcingPlan | None:
        """The best way with these places; None where they do not have all of it."""
        aim = Aim(
            needed(task),
            task.rules.strategy,
            task.rules.most_shipments,
            minor_of(task.rules.split_penalty, task.currency),
            task.current_id,
        )
        ways = best_two(able, aim)
        if not ways:
            return None
        best, rest = ways[0], ways[1:]
        stays = self._stays(task, able, aim, best)
        if stays is not None:
            place, words = stays
            saved = kept(best[0], words) if best != (place,) else None
            return _plan(task, (place,), [best] if best != (place,) else rest, able, words, saved)
        return _plan(task, best, rest, able)

    def _stays(
        self, task: SourcingTask, able: Sequence[Candidate], aim: Aim, best: Places
    ) -> tuple[Candidate, str] | None:
        """A place that ships although another way may be better, and why."""
        by_id = {one.id: one for one in able}
        promised = by_id.get(task.promised_id)
        if promised is not None and aim.covers([promised]):
            return promised, f"Ships from {promised.source.name}, where the shopper's option leaves from."
        current, bar = by_id.get(task.current_id), task.rules.keep_unless_saved
        if current is None or bar is None or not aim.covers([current]):
            return None
        saved = current.cost - sum(one.cost for one in best) - aim.penalty * (len(best) - 1)
        if best == (current,) or saved >= minor_of(bar, task.currency):
            return None
        instead = f"another way would save {Money(max(saved, 0), task.currency)}, and {bar} are asked for"
        return current, f"Stays at {current.source.name}, where the store put it: {instead}."


def _plan(
    task: SourcingTask,
    places: Places,
    others: Sequence[Places],
    able: Sequence[Candidate],
    words: str = "",
    saved: PassedOver | None = None,
) -> SourcingPlan:
    parts = share_out(task, places)
    must_split = not any(Aim(needed(task), task.rules.strategy, 1).covers([one]) for one in able)
    next_best = Money(sum(one.cost for one in others[0]), task.currency) if others else None
    passed = why_not(task, places, [one for one in able if one not in places])
    if saved is not None:
        passed = [saved if one.location_id == saved.location_id else one for one in passed]
    cost = Money(sum(one.cost for one in places), task.currency)
    return SourcingPlan(
        parts, words or why(task, places, next_best, must_split=must_split), cost, next_best, tuple(passed)
    )


def _nobody(task: SourcingTask, able: Sequence[Candidate], barred: Sequence[PassedOver]) -> SourcingPlan:
    """What the store chose stands, and what is missing."""
    names = {need.article: need.name for need in task.needs}
    short = [
        f"{have} of {pieces} pieces of {names[article]}"
        for article, pieces in needed(task).items()
        if (have := min(pieces, sum(one.has[article] for one in able))) < pieces
    ]
    most = task.rules.most_shipments
    what = f"together they have {', '.join(short[:2])}" if short else f"it would take more than {most} parts"
    passed = sorted((*barred, *why_not(task, (), able)), key=lambda one: one.location_id)
    reason = f"Left where the store put it, since no places have all of it: {what}."
    return SourcingPlan((), reason, passed=tuple(passed))
