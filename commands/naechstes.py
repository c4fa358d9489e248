"""!naechstes: the next date, what it is about and what to bring."""

from commands import Context, command, composed, quoted
from storage import meetings


@command(
    "der nächste Termin",
    example="!nächstes",
    aliases=("nächstes", "nächster", "nächste", "next", "wann"),
)
async def naechstes(ctx: Context) -> str:
    """The running date, else the next one that is not cancelled."""
    meeting = await meetings.following(ctx.db, ctx.course, now=ctx.now)
    if meeting is None:
        return "Es ist kein weiterer Termin geplant. Was war: !programm alle"
    start = ctx.course.starts(meeting)
    kind = "Nächstes Webinar" if meeting.kind == "webinar" else "Nächster Termin"
    head = f"{kind}: {ctx.when(start)}"
    if start <= ctx.now:
        head = f"Läuft gerade: {meetings.name(meeting)}, noch bis {meeting.ends:%H:%M} Uhr"
    tasks = await meetings.due_tasks(ctx.db, ctx.course, now=ctx.now)
    due = [f"bis {ctx.when(at)}: {quoted(m.task, 120)}" for m, at in tasks if at <= start]
    return composed(
        f"**{head}**",
        f"Thema: {quoted(meeting.topic, 120)}",
        *(f"Bitte vorbereiten {task}" for task in due[:2]),
        "Zugang: !link",
    )
