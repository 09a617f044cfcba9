"""A day that runs: routes on the road, and everything that comes in between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from doorstep.geo import LatLng
from doorstep.route_problem import RouteProblem
from doorstep.route_solution import RouteSolution, UnassignedCode, UnassignedReason
from doorstep.visit import PinnedPlace, Visit
from optimizer.live.answering import placed
from optimizer.live.changes import Change, ForbiddenMove, LatePreview, Placement, Preview, Quote
from optimizer.live.editing import with_delay, with_pin, without_van, without_visits
from optimizer.live.following import follow, tell
from optimizer.live.improving import Found, Region, region_around, taken_over
from optimizer.live.inserting import inserted, quotes
from optimizer.live.moving import preview_of
from optimizer.live.polishing import polished, vans_around
from optimizer.live.standing import Standing
from optimizer.live.ways import NewPlaces
from optimizer.routes.insertion.place import Place
from optimizer.routes.numbered.task import Tours, in_minor, visits_in
from optimizer.routes.solution import solution_of
from optimizer.routes.travel import Travel

_ON_THE_WAY = UnassignedReason(UnassignedCode.OTHER, "The driver is on the way there already.")


class RunningDay:
    """The routes of a day while they are driven. One caller at a time; answers are immutable.

    What drivers were told is kept but for what is asked: visits stay with their vans and in their order, the
    frozen beginning of a route stays where it is, and `RouteProblem.stability` says what `polish` may do.

    Parameters
    ----------
    problem
        With the routes as `given`. A van that is out starts where it is, `is_under_way`.
    travel
        The roads between all places of the problem.
    """

    def __init__(self, problem: RouteProblem, travel: Travel) -> None:
        self._now = Standing.of(problem, travel)
        self._version = 0

    @property
    def problem(self) -> RouteProblem:
        """With what drivers were told as `given`, and all visits that came since."""
        return self._now.without_gone()

    @property
    def travel(self) -> Travel:
        """The roads between all places of the problem."""
        return self._now.ground.travel()

    @property
    def places(self) -> tuple[LatLng, ...]:
        """Those that need no new roads: see `ways_to`."""
        return self._now.ground.locations

    def knows(self, visit_id: str) -> bool:
        """Whether it has ever had this visit; perhaps it is gone."""
        return visit_id in self._now.task.visit_numbers

    def solution(self) -> RouteSolution:
        """The routes with all their times and costs, and why visits are on none.

        Raises
        ------
        UndrivableTour
            If a route breaks a hard rule: after a move by hand that was forbidden.
        """
        now = self._now
        found = solution_of(
            now.problem,
            now.task,
            now.slack.tours,
            is_approximate=now.ground.is_approximate,
            method="Kept up while the vans are out.",
        )
        left = tuple(one for one in found.unassigned if one.visit_id not in now.gone)
        return replace(found, unassigned=left)

    def insert(
        self, visit: Visit, roads: NewPlaces | None = None, *, pickup: Visit | None = None
    ) -> Placement:
        """Put a new visit where it costs least, and say when the van is there; or say why it fits nowhere.

        Parameters
        ----------
        roads
            To its place and that of `pickup`; None where the day knows them: see `ways_to`.
        pickup
            Whose goods it brings: both are made by one van.

        Raises
        ------
        InvalidProblem
            If the visit contradicts itself or is there already.
        """
        if roads is not None:
            self._now.ground.learn(roads)
        found = inserted(self._now, (visit,) if pickup is None else (pickup, visit))
        self._version += found.is_placed
        return found

    def quote(self, visits: Sequence[Visit], roads: NewPlaces | None = None) -> tuple[Quote | None, ...]:
        """What each of some visits would cost the routes if it came alone; None where it fits nowhere.

        Parameters
        ----------
        roads
            As for `insert`. The day keeps them.
        """
        if roads is not None:
            self._now.ground.learn(roads)
        return quotes(self._now, visits)

    def near(self, visit_id: str) -> tuple[str, ...]:
        """Vans whose routes come nearest to a visit, its own first: as many as are polished well together."""
        now = self._now
        vans = vans_around(now.task, now.slack.tours, self._number(visit_id))
        return tuple(now.rules.vans[van].id for van in vans)

    def polish(self, van_ids: Iterable[str], *, budget_s: float = 0.05) -> Change:
        """Make a few routes better together, for so many seconds; what is better is kept at once.

        What is frozen or pinned stays, no visit is left out, and a visit goes to another van than its driver
        was told of only where that saves more than `RouteProblem.stability` asks.
        """
        now = self._now
        vans = [van for van in map(self._van, van_ids) if not now.forced_on(van)]
        # After each change another seed: what one search did not find the next one may.
        tours = polished(now.task, now.slack.tours, vans, budget_s=budget_s, seed=self._version)
        return self._changed_to(tours)

    def region(self, seed: int) -> Region | None:
        """A region of the city to make better while nobody asks; None where no route can be changed.

        Another thread may search it while the day goes on; `take_over` then says what is left of it.

        Parameters
        ----------
        seed
            Another one for another region.
        """
        return region_around(self._now, seed)

    def take_over(self, found: Found) -> Change:
        """Make true what is still better of what was found in a region, whatever has happened meanwhile.

        What has come to the region since goes where it costs least among what was found.
        """
        return self._changed_to(taken_over(self._now, found))

    def _changed_to(self, tours: Tours) -> Change:
        now = self._now
        changed = now.differing(tours)
        before = now.cost(changed)
        were = {number: now.slack.van_of(number) for van in changed for number in visits_in(tours[van])}
        for van in changed:
            now.slack.change(van, tours[van])
        self._version += bool(changed)
        return Change(
            vans=tuple(now.rules.vans[van].id for van in changed),
            moved=tuple(
                now.visits[number].id for number, van in were.items() if now.slack.van_of(number) != van
            ),
            cost_minor=in_minor(now.cost(changed) - before),
        )

    def cancel(self, visit_id: str) -> Change:
        """Leave a visit out for good, and the other one of its pair. Nothing else changes."""
        number = self._number(visit_id)
        partner = self._now.task.visits[number].partner
        gone = {visit_id} if partner is None else {visit_id, self._now.visits[partner].id}
        return self._replan(without_visits(self.problem, gone), gone)

    def drop_van(self, van_id: str) -> Change:
        """A van is out of the day: its visits go to others, and what cannot is said.

        Goods on board count as lying at their depot again, and visits pinned to the van are pinned no more.
        """
        self._van(van_id)
        homeless = [name for name in self._now.named()[van_id] if isinstance(name, str)]
        return self._replan(without_van(self.problem, van_id), homeless)

    def delay_van(self, van_id: str, seconds: int) -> Change:
        """A van can go on only so much later; what it cannot make in time any more goes to others."""
        self._van(van_id)
        return self._replan(with_delay(self.problem, van_id, timedelta(seconds=seconds)))

    def pin(self, visit_id: str, van_id: str, place: PinnedPlace | None = None) -> Placement:
        """Only this van makes the visit, at this place of its route; where it cannot, nothing changes."""
        number, van = self._number(visit_id), self._van(van_id)
        is_there = self._now.is_at(number, van, place)
        if not is_there and number in self._now.frozen():
            return Placement(visit_id, reasons=(_ON_THE_WAY,))
        pinned = with_pin(self.problem, visit_id, van_id, place)
        after, change = self._now.replanned(pinned, () if is_there else (visit_id,))
        number = after.task.visit_numbers[visit_id]
        if after.slack.van_of(number) != van or change.unassigned:
            return Placement(visit_id, reasons=after.reasons(number))
        self._commit(after)
        tour = after.slack.tours[van]
        return replace(placed(after, Place(0, number, van, tour)), cost_minor=change.cost_minor)

    def tell(self, frozen: Mapping[str, int] | None = None) -> None:
        """Drivers are told the routes as they are.

        Parameters
        ----------
        frozen
            By van, how many of its first visits stay where they are from now on.
        """
        if not frozen and tell(self._now):
            self._version += 1
            return
        problem = replace(self.problem, given=self._now.told(frozen or {}))
        after = Standing.of(problem, self.travel, self._now.named())
        after.forced = self._now.forced
        self._commit(after)

    def follow(self, problem: RouteProblem, roads: NewPlaces | None = None) -> bool:
        """Stand as another problem says, if that is not to make another day; says whether it could.

        Parameters
        ----------
        roads
            To places that the day does not know; as for `insert`.

        See `optimizer.live.following.follow`.
        """
        if not follow(self._now, problem, roads):
            return False
        self._version += 1
        return True

    def move(self, visit_id: str, van_id: str, position: int) -> Preview:
        """What it would do to make a visit with a van as the `position`-th of its visits; changes nothing.

        The other visit of a pair goes along to another van, next to it.
        """
        return preview_of(self._now, self._number(visit_id), self._van(van_id), position, self._version)

    def apply(self, preview: Preview, *, even_if_forbidden: bool = False) -> None:
        """Make a preview true. Into a route that breaks a hard rule nothing is inserted any more.

        What is forced stays with its van and is not polished until it is moved again; where the van is
        dropped, it goes to others.

        Raises
        ------
        LatePreview
            If the routes have changed since.
        ForbiddenMove
            If it breaks a hard rule.
        """
        if preview.version != self._version:
            raise LatePreview("the routes have changed since; ask for another preview")
        if not preview.is_allowed and not even_if_forbidden:
            raise ForbiddenMove(preview.violations)
        for van, tour in preview.tours:
            self._now.slack.change(van, tour)
        self._now.forced.pop(preview.visit_id, None)
        if not preview.is_allowed:
            self._now.forced[preview.visit_id] = preview.van_id
        self._version += 1

    def _replan(self, problem: RouteProblem, homeless: Iterable[str] = ()) -> Change:
        after, change = self._now.replanned(problem, homeless)
        self._commit(after)
        return change

    def _commit(self, after: Standing) -> None:
        self._now = after
        self._version += 1

    def _number(self, visit_id: str) -> int:
        number = self._now.task.visit_numbers.get(visit_id)
        if number is None or visit_id in self._now.gone:
            raise KeyError(f"no visit {visit_id!r} on this day")
        return number

    def _van(self, van_id: str) -> int:
        if (number := self._now.task.van_numbers.get(van_id)) is None:
            raise KeyError(f"no van {van_id!r} on this day")
        return number
