"""Quiet hours: no telephone rings at night, wherever the recipient is. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from doorstep.notice import NoticeChannel, NoticeRules


def quiet_until(rules: NoticeRules, channel: NoticeChannel, time_zone: str, now: datetime) -> datetime | None:
    """When a notice may go out that may not now; None where it may. Mail wakes nobody.

    Parameters
    ----------
    time_zone
        IANA, of the recipient.
    """
    if channel is NoticeChannel.EMAIL or rules.quiet_from == rules.quiet_until:
        return None
    local = now.astimezone(ZoneInfo(time_zone))
    start, end = rules.quiet_from, rules.quiet_until
    is_over_midnight = start > end
    is_quiet = local.hour >= start or local.hour < end if is_over_midnight else start <= local.hour < end
    if not is_quiet:
        return None
    opens = local.replace(hour=end, minute=0, second=0, microsecond=0)
    if opens <= local:
        # Days are counted on the wall clock: on the night of a change of time this is still the hour meant.
        opens = (opens.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=local.tzinfo)
    return opens.astimezone(UTC)
