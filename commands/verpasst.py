"""!verpasst: the essentials for whoever is new or cannot read older messages."""

from datetime import timedelta

from commands import Context, command, composed, quoted
from storage import meetings, polls


@command(
    "das Wichtigste in Kürze",
    example="!verpasst",
    aliases=("aktuell", "neu hier", "ich bin neu hier", "zusammenfassung"),
)
async def verpasst(ctx: Context) -> str:
    """What comes next, what is to be done, what was, and what is put to the vote."""
    tasks = await meetings.due_tasks(ctx.db, ctx.course, now=ctx.now)
    soon = ctx.now + timedelta(days=14)
    return composed(
        "**Das Wichtigste in Kürze**",
        await _next(ctx),
        *(f"Aufgabe bis {ctx.when(at)}: {quoted(m.task, 90)}" for m, at in tasks[:2] if at <= soon),
        await _past(ctx),
        await _poll(ctx),
        "Ältere Beiträge im Raum bleiben auf neuen Geräten manchmal unlesbar. "
        "Ich wiederhole alles gern: !programm, !material, !themen",
    )


async def _next(ctx: Context) -> str:
    meeting = await meetings.following(ctx.db, ctx.course, now=ctx.now)
    if meeting is None:
        return "Es ist kein weiterer Termin geplant."
    subject, start = quoted(meetings.subject(meeting), 60), ctx.course.starts(meeting)
    if start <= ctx.now:
        return f"Läuft gerade: {subject}. Zugang: !link"
    kind = "Nächstes Webinar" if meeting.kind == "webinar" else "Nächster Termin"
    return f"{kind}: {ctx.when(start)}, {subject}"


async def _past(ctx: Context) -> str | None:
    """What was, by name; the last ones if there is too much of it."""
    over = await meetings.held(ctx.db, ctx.course, before=ctx.now)
    if not over:
        return None
    names = dict.fromkeys(_name(meeting.kind, meetings.subject(meeting)) for meeting in over)
    shown = list(names)[-4:]
    ready = [m for m in over if m.materials or m.folder][-2:]
    papers = ", ".join(f"!material {m.number or m.key}" for m in ready)
    dots = "… " if len(names) > len(shown) else ""
    return f"Bisher: {dots}{', '.join(shown)}" + (f" ({papers})" if papers else "")


def _name(kind: str, subject: str) -> str:
    return "Auftakt" if kind == "auftakt" else quoted(subject, 45)


async def _poll(ctx: Context) -> str | None:
    poll = await polls.current(ctx.db, ctx.course, ctx.now)
    if poll is None or ctx.now >= poll.closes:
        return None
    if ctx.now < poll.opens:
        return f"Ab {ctx.when(poll.opens)}: Abstimmung über die Wahlthemen"
    asked = quoted(poll.question, 60) if poll.kind == polls.QUESTION else "die Wahlthemen"
    return f"Abstimmung über {asked} bis {ctx.when(poll.closes)}: {polls.about(poll)}"
