"""A course that has been closed is only read: whatever is typed, it stays as it is."""

from datetime import timedelta

from sqlalchemy import select

import commands
from bot import forgetting
from bot.limits import Throttle
from commands import CLOSED
from storage.models import Base, Course
from storage.replies import ORGA

STILL = {
    *("alumni", "alumniraum", "einlesen", "export", "kurs", "loeschen", "loeschung"),
    *("organisator", "steckbrief"),
}
"""What must still be possible: to take data along or away, to hide, and to go on elsewhere."""
BOOKS = {"outbox", "actions"}


async def dump(chat):
    found = {}
    async with chat.sessions() as db:
        for table in Base.metadata.tables.values():
            if "course_id" in table.c and table.name not in BOOKS:
                found[table.name] = sorted(map(repr, await db.execute(select(table))))
        found["courses"] = [repr(await db.get_one(Course, chat.course.id))]
    return found


async def test_nothing_changes_it_any_more(cohort):
    cohort.router.throttle = Throttle(per_minute=10_000)
    cohort.at("2027-03-09 12:00")
    await forgetting.forget(cohort.sessions, cohort.now)
    await cohort.deliver()
    before = await dump(cohort)
    for name, command in commands.discover().items():
        by, place = ("leitung-ihk", ORGA) if command.admin else ("tn02", "direct")
        for typed in (command.example or f"!{name}", "ja", "1") if name not in STILL else ():
            cohort.now += timedelta(seconds=1)
            answer = await cohort.says(typed, by=by, place=place)
            if command.admin and not command.ended and typed not in ("ja", "1"):
                assert answer == CLOSED, name
    assert await dump(cohort) == before
