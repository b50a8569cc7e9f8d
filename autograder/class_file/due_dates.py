"""Parse the dates in a class file; each gives a day, a time, and a time zone, so it is the same moment for everyone."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo
from difflib import get_close_matches
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

EXAMPLE = "2026-10-12 23:59 Europe/Berlin"
_FORM = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(?::00)?(?: ?(\S+))?")
_OFFSET = re.compile(r"[+-]\d\d:\d\d|Z")


def date_of(text: str, zone: tzinfo | None) -> datetime:
    """Parse a date and time such as "2026-10-12 23:59 Europe/Berlin" or "2026-10-12 23:59 +02:00".

    ``zone`` is the time zone to use if the text has none. Raise ValueError, with a valid example, if it is invalid.
    """
    found = _FORM.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text!r} is not a date with a time; write {EXAMPLE}")
    day, time, named = found.groups()
    if named:
        zone = zone_of(named)
    try:
        moment = datetime.fromisoformat(f"{day} {time}")
    except ValueError as error:
        raise ValueError(f"{text!r} is not in the calendar: {error}") from error
    if zone is None:
        raise ValueError(
            f"{text!r} has no time zone; write {day} {time} Europe/Berlin, or say `time_zone: Europe/Berlin` once"
        )
    return moment.replace(tzinfo=zone)


@cache  # a class file may name its zone for each date, and listing all zones takes a while
def zone_of(name: str) -> tzinfo:
    """Return the zone of a name (Europe/Berlin) or an offset (+02:00); a ValueError suggests similar names."""
    if _OFFSET.fullmatch(name):
        zone = datetime.fromisoformat(f"2026-01-01 00:00{name}").tzinfo
        assert zone is not None
        return zone
    if name not in available_timezones():
        by_lower = {zone.lower(): zone for zone in sorted(available_timezones())}
        near = [by_lower[one] for one in get_close_matches(name.lower(), by_lower, n=3)]
        raise ValueError(
            f"there is no time zone {name!r}; " + (f"near it: {', '.join(near)}" if near else "write Europe/Berlin")
        )
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(f"this machine has no time zone {name!r}; write an offset such as +02:00") from error
