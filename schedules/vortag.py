"""The day before: when, what about, what to bring."""

from schedules import Context, cut, schedule
from storage import calendar, meetings, occurrences
from storage.replies import ORGA, Post


@schedule("Hinweis am Vortag", foretold=True)
async def vortag(ctx: Context) -> str:
    """The same text serves when it comes late: it names the day as seen from when it is sent."""
    meeting = ctx.meeting
    if not meeting.link:
        ctx.also.append(Post(ORGA, _no_link(ctx), push=True))
    day = calendar.day_phrase(meeting.day, ctx.today)
    hours = calendar.span(meeting.starts, meeting.ends)
    lines = [f"**{day[0].upper()}{day[1:]}, {hours}:** {meeting.topic}"]
    if (
        meeting.task
        and (until := meeting.task_due)
        and ctx.now < until <= ctx.course.starts(meeting)
    ):
        lines.append(f"Bis {ctx.when(until)}: {cut(meeting.task, 300)}")
    return "\n".join([*lines, await _access(ctx)])


async def _access(ctx: Context) -> str:
    """When the link will be posted, if that is still to come."""
    gleich = await occurrences.announced(ctx.db, ctx.course, "gleich", ctx.meeting.key)
    if gleich is None or gleich.due <= ctx.now:
        return "Zugang: !link"
    local = ctx.course.local(gleich.due)
    day = calendar.relative(local.date(), ctx.today) or f"am {calendar.short(local.date())}"
    return f"Der Zugang kommt {day} um {calendar.clock(local.time())} Uhr oder jetzt mit !link."


def _no_link(ctx: Context) -> str:
    return (
        f"Für {meetings.name(ctx.meeting)} ({calendar.short(ctx.meeting.day)}) fehlt der Zugang. "
        f"Bitte nachtragen: !neuerlink {ctx.meeting.key} und die Adresse"
    )
