"""When the bot keeps quiet of its own accord: nights, weekends and breaks; pure."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Final

from storage import calendar
from storage.models import Break, Course

DAY: Final = timedelta(days=1)
SATURDAY: Final = 5


def after_quiet(course: Course, moment: datetime) -> datetime:
    """The moment itself, or the end of the quiet hours and weekend that it falls into."""
    day, clock = moment.date(), moment.time()
    start, end = course.quiet_from, course.quiet_until
    if course.quiet_weekend and day.weekday() >= SATURDAY:
        monday = day + (7 - day.weekday()) * DAY
        return after_quiet(course, calendar.at(monday, time(), course.zone))
    if start is None or end is None:
        return moment
    overnight = start > end
    if overnight and clock >= start:
        return after_quiet(course, calendar.at(day + DAY, end, course.zone))
    if (overnight or start <= clock) and clock < end:
        return after_quiet(course, calendar.at(day, end, course.zone))
    return moment


def next_quiet(course: Course, moment: datetime) -> datetime:
    """When quiet hours or the weekend begin after a moment outside them; midnight at the latest."""
    midnight = calendar.at(moment.date() + DAY, time(), course.zone)
    start = course.quiet_from
    if start is None or start <= moment.time():
        return midnight
    return calendar.at(moment.date(), start, course.zone)


def after_breaks(course: Course, breaks: Iterable[Break], moment: datetime) -> datetime:
    """The moment itself, or the end of the breaks, and of the quiet hours then, around it."""
    for pause in sorted(breaks, key=lambda pause: pause.first):
        if pause.first <= moment.date() <= pause.last:
            over = calendar.at(pause.last + DAY, time(), course.zone)
            moment = after_quiet(course, over)
    return moment
