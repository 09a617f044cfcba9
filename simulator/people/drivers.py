"""The drivers: they ask for their tours, drive them, send where they are and write down what they gave."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from starlette.types import ASGIApp

from simulator.people.gateway import Gateway, GatewayUnwell, Link
from simulator.people.phone import Phone
from simulator.people.tour import LIST, NOT_WANTED, PARCEL, TOUR, Heading, Tour, read_list, read_tour
from simulator.people.van import DriverProfile, Handed, Told, Van, VanPhase

logger = logging.getLogger(__name__)

ASKS_EVERY = timedelta(seconds=30)
FIX_DRIVING = timedelta(seconds=15)
FIX_PARKED = timedelta(seconds=30)

SILENCE = timedelta(minutes=7)
_SILENCE_AFTER_LEAVING_S = (150, 240)
_LONG_ENOUGH_S = 600.0


@dataclass(slots=True)
class _OnDuty:
    van: Van
    phone: Phone
    next_fix: datetime
    goes_silent_at: datetime | None = None
    considered_tour: str = ""


class Drivers:
    """All vans of the merchant, as one actor.

    Parameters
    ----------
    time_zone
        Of the shifts.
    falls_silent
        Whether, once a day, one van loses its network for seven minutes soon after it has left on a tour of
        more than ten minutes. Its phone keeps the fixes and sends them afterwards.
    """

    def __init__(
        self,
        profiles: Sequence[DriverProfile],
        gateway: Gateway,
        random: Random,
        now: datetime,
        *,
        time_zone: str,
        falls_silent: bool = True,
    ) -> None:
        self._gateway = gateway
        self._random = random
        self._zone = ZoneInfo(time_zone)
        self._next_question = now
        self._read_tours: dict[str, tuple[int, Tour]] = {}
        self._silent_day = None if falls_silent else now.astimezone(self._zone).date()
        self._crew = [
            _OnDuty(
                Van(profile, now),
                Phone(profile.device_id, Random(f"{profile.device_id}:noise"), gateway.send_fix),
                now + place * timedelta(seconds=5),
            )
            for place, profile in enumerate(profiles)
        ]

    @property
    def name(self) -> str:
        """They have no door of their own; the name is for logs."""
        return "drivers"

    @property
    def app(self) -> ASGIApp | None:
        """They only act."""
        return None

    @property
    def vans(self) -> tuple[Van, ...]:
        """In the order of the profiles."""
        return tuple(member.van for member in self._crew)

    async def tick(self, now: datetime) -> None:
        """Do everything due by `now` in the order of its instants."""
        while True:
            first = min(self._crew, key=lambda member: member.next_fix)
            if min(first.next_fix, self._next_question) > now:
                break
            if self._next_question <= first.next_fix:
                await self._ask(self._next_question)
                self._next_question += ASKS_EVERY
            else:
                await self._fix(first, first.next_fix)
        for member in self._crew:
            member.van.advance(now)

    async def close(self) -> None:
        """Nothing is held open."""

    def silence(self, now: datetime, lasts: timedelta, device_id: str = "") -> str:
        """Take a van's network away; the one that is named, else one on tour, else none: ""."""
        for member in self._crew:
            profile = member.van.profile
            if profile.device_id == device_id or (not device_id and member.van.tour is not None):
                member.phone.silent_until = now + lasts
                return profile.device_id
        return ""

    def handed(self) -> list[Handed]:
        """The drivers' own book of what they gave to whom."""
        return sorted((row for van in self.vans for row in van.handed), key=lambda row: row.at)

    def told(self) -> list[Told]:
        """What each driver was told to deliver."""
        return [row for van in self.vans for row in van.told()]

    def shown(self, now: datetime) -> list[dict[str, object]]:
        """For people who look at the world."""
        return [
            {
                "name": member.van.profile.name,
                "device_id": member.van.profile.device_id,
                "phase": member.van.phase.value,
                "tour": member.van.tour.id if member.van.tour else None,
                "lat": round(member.van.location.lat, 6),
                "lng": round(member.van.location.lng, 6),
                "handed_over": len(member.van.handed),
                "silent": member.phone.is_silent(now),
                "fixes": {
                    "delivered": member.phone.delivered,
                    "refused": member.phone.refused,
                    "waiting": member.phone.waiting,
                },
            }
            for member in self._crew
        ]

    async def _ask(self, now: datetime) -> None:
        link = self._gateway.link
        vans = [member.van for member in self._crew if self._is_on_duty(member.van, now)]
        if link is None or not vans:
            return
        try:
            for van in vans:
                van.advance(now)
                await self._check_next(van, link, now)
            await self._hear(vans, link, now)
        except GatewayUnwell as problem:
            logger.warning("no news of tours: %s", problem)
        except (KeyError, TypeError, ValueError) as problem:
            logger.warning("news of tours that cannot be read: %s", type(problem).__name__)

    async def _hear(self, vans: Sequence[Van], link: Link, now: datetime) -> None:
        wanted: dict[str, object] = {"status": ["PUBLISHED", "STARTED"]}
        if link.driver_ids:
            wanted["driverIds"] = sorted(link.driver_ids.values())
        data = await self._gateway.ask(LIST, {"filter": wanted}, key=link.secret_key)
        headings = read_list(data)
        for van in vans:
            own = [heading for heading in headings if _is_for(heading, van.profile, link)]
            waiting = [heading for heading in own if not van.has_begun(heading.id)]
            van.tell([await self._read(heading, link) for heading in waiting], now)

    async def _read(self, heading: Heading, link: Link) -> Tour:
        """The whole tour; asked for once in each version."""
        known = self._read_tours.get(heading.id)
        if known is not None and known[0] == heading.version:
            return known[1]
        data = await self._gateway.ask(TOUR, {"id": heading.id}, key=link.secret_key)
        tour = read_tour(data)
        self._read_tours[heading.id] = (heading.version, tour)
        return tour

    async def _check_next(self, van: Van, link: Link, now: datetime) -> None:
        """Before a door: is everything for it still wanted?"""
        for parcel in van.next_parcels:
            data = await self._gateway.ask(PARCEL, {"id": parcel.delivery_id}, key=link.secret_key)
            if data["delivery"] is None or data["delivery"]["status"] in NOT_WANTED:
                van.call_off(parcel.delivery_id, now)

    async def _fix(self, member: _OnDuty, at: datetime) -> None:
        van = member.van
        van.advance(at)
        if van.tour is not None and van.tour.id != member.considered_tour:
            member.considered_tour = van.tour.id
            self._consider_silence(member, at)
        if member.goes_silent_at is not None and member.goes_silent_at <= at:
            member.phone.silent_until, member.goes_silent_at = at + SILENCE, None
        if self._is_on_duty(van, at):
            member.phone.take(at, van.location, van.speed_mps, van.bearing_deg)
        await member.phone.hand_in(at)
        member.next_fix = at + (FIX_DRIVING if van.phase is VanPhase.DRIVING else FIX_PARKED)

    def _consider_silence(self, member: _OnDuty, at: datetime) -> None:
        today = at.astimezone(self._zone).date()
        if self._silent_day == today or member.van.remaining_s < _LONG_ENOUGH_S:
            return
        self._silent_day = today
        member.goes_silent_at = at + timedelta(seconds=self._random.uniform(*_SILENCE_AFTER_LEAVING_S))

    def _is_on_duty(self, van: Van, at: datetime) -> bool:
        """Who is neither on shift nor out on a tour has put the phone away."""
        local, shift = at.astimezone(self._zone).time(), van.profile
        is_on_shift = time.fromisoformat(shift.shift_start) <= local < time.fromisoformat(shift.shift_end)
        return van.tour is not None or is_on_shift


def _is_for(heading: Heading, profile: DriverProfile, link: Link) -> bool:
    known = link.driver_ids.get(profile.device_id)
    return heading.driver_id == known if known else heading.driver_name == profile.name
