"""Friday: what the week was about, what is still to be done, what comes next."""

from datetime import datetime, timedelta

from schedules import Context, cut, schedule
from storage import calendar, courses, meetings, polls, profiles, tips
from storage.models import Meeting
from storage.timetable import monday

FRIDAY = 4
LONGEST = 560
WEEK = timedelta(weeks=1)


@schedule("Wochenrückblick", foretold=True)
async def wochenrueckblick(ctx: Context) -> str:
    """Only what the bot knows itself; never what people have said to each other (product D.3)."""
    webinar = ctx.meeting
    number = "" if webinar.number is None else f" {webinar.number}"
    verb = "war" if meetings.is_past(ctx.course, webinar, ctx.now) else "ist"
    lines = [f"**Wochenrückblick{number}:** Thema {verb} {meetings.subject(webinar)}."]
    if webinar.materials:
        lines.append(f"Zum Nachlesen: !material{number}")
    lines += [f"Noch offen bis {ctx.when(until)}: {task}" for task, until in await _tasks(ctx)]
    outlook = await _outlook(ctx)
    for line in await _new(ctx):
        if sum(map(len, (*lines, line, outlook))) < LONGEST:
            lines.append(line)
    lines.append(outlook)
    if ctx.now.weekday() >= FRIDAY:
        lines.append("Schönes Wochenende!")
    return "\n".join(lines)


async def _new(ctx: Context) -> list[str]:
    """What people have offered and agreed to share within the week, and what is to vote on."""
    since = ctx.due - WEEK
    news = await profiles.news(ctx.db, ctx.course, since)
    offers = [f"{cut(text, 80)} ({cut(short, 40)})" for short, text in news]
    more = f" und {len(offers) - 3} weitere" if len(offers) > 3 else ""
    count = await tips.count(ctx.db, ctx.course, since)
    poll = await polls.current(ctx.db, ctx.course, ctx.now)
    lines = [f"Neu angeboten: {', '.join(offers[:3])}{more}"] if offers else []
    if count:
        lines.append(f"{'Ein neuer Tipp' if count == 1 else f'{count} neue Tipps'}: !tipps")
    if poll is not None and polls.is_open(poll, ctx.now):
        lines.append(f"Abstimmung bis {ctx.when(poll.closes)}: {polls.about(poll)}")
    return lines


async def _tasks(ctx: Context) -> list[tuple[str, datetime]]:
    """What a past meeting has left to do, and what is to be ready for the next one."""
    found = await meetings.due_tasks(ctx.db, ctx.course, now=ctx.now)
    starts = ctx.course.starts
    timely = [(m, until) for m, until in found if starts(m) <= ctx.now or until <= starts(m)]
    return [(cut(meeting.task), until) for meeting, until in timely[:2]]


async def _outlook(ctx: Context) -> str:
    following = await meetings.upcoming(ctx.db, ctx.course, after=ctx.now)
    if not following:
        return "Das war der letzte Termin. Danke fürs Mitmachen!"
    coming = following[0]
    start = f"{calendar.short(coming.day)}, {calendar.clock(coming.starts)} Uhr"
    what = f"{start}: {meetings.subject(coming)}"
    if pause := await _pause_before(ctx, coming):
        return f"{pause}, weiter geht es am {what}"
    weeks = (monday(coming.day) - monday(ctx.today)).days // 7
    return f"{({0: 'Diese Woche noch', 1: 'Nächste Woche'}).get(weeks, 'Weiter geht es')}, {what}"


async def _pause_before(ctx: Context, coming: Meeting) -> str:
    """The break until then, with its last day."""
    for pause in await courses.breaks(ctx.db, ctx.course, since=ctx.today):
        if pause.first <= coming.day:
            return f"{pause.name} bis {calendar.short(pause.last)}"
    return ""
