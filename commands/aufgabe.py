"""!aufgabe: what is to be prepared, and until when."""

from commands import Context, command, composed, quoted
from storage import calendar, meetings
from storage import tasks as ticked
from storage.models import Meeting


@command(
    "was vorzubereiten ist",
    example="!aufgabe 2",
    aliases=("aufgaben", "hausaufgabe", "hausaufgaben", "vorbereitung"),
)
async def aufgabe(ctx: Context, termin: Meeting | None = None) -> str:
    """The tasks that are still to be done, by deadline; or the one of a date."""
    if termin is not None:
        return _single(ctx, termin)
    tasks = await meetings.due_tasks(ctx.db, ctx.course, now=ctx.now)
    done = await ticked.done(ctx.db, ctx.person) if ctx.direct and ctx.person else set()
    tasks = [(meeting, at) for meeting, at in tasks if meeting.key not in done]
    due = ctx.course.project_due
    project = f"Projektarbeit abgeben: bis {ctx.when(due)} (!projekt)" if due else None
    if not tasks:
        ahead = due is not None and due >= ctx.now
        return composed("Zurzeit ist keine Aufgabe offen.", project if ahead else None)
    lines = [f"Bis {ctx.when(at)}: {quoted(m.task, 140)}{_papers(m)}" for m, at in tasks[:3]]
    more = f"und {len(tasks) - 3} weitere" if len(tasks) > 3 else None
    tick = "Abhaken: !erledigt" if ctx.direct and ctx.person else None
    return composed("**Offene Aufgaben**", *lines, more, tick)


def _papers(meeting: Meeting) -> str:
    return f" (!material {meeting.number or meeting.key})" if meeting.materials else ""


def _single(ctx: Context, meeting: Meeting) -> str:
    what = f"{meetings.name(meeting)} ({calendar.short(meeting.day)})"
    if not meeting.task:
        return f"Zu {what} gehört keine Aufgabe. Alle offenen: !aufgabe"
    due = f"Bis {ctx.when(meeting.task_due)}" if meeting.task_due else None
    return composed(f"**Aufgabe zu {what}**", f"{quoted(meeting.task, 300)}{_papers(meeting)}", due)
