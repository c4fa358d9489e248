"""!status: what comes next, what is open, and whether all is well."""

from importlib.metadata import version

from commands import Context, command, composed
from storage import calendar, joined, meetings, occurrences, open_points, outbox, speaker_questions
from storage.models import Occurrence
from storage.outbox import DEAD, WAITING
from storage.replies import ROOM_NAMES


@command("was ansteht und ob alles läuft", example="!status", admin=True, ended=True)
async def status(ctx: Context) -> str:
    """Of this course alone; who has joined is known from the rooms."""
    rows = await occurrences.ahead(ctx.db, ctx.course, ctx.now)
    gathered = await joined.joined(ctx.db, ctx.course, ctx.shared)
    return composed(
        "**Was ich als Nächstes sende**",
        "Achtung: angehalten. Wieder senden: !weiter" if ctx.course.stopped else None,
        *[await _post(ctx, row) for row in rows[:3]],
        None if rows else "von selbst nichts mehr",
        await open_points.line(ctx.db, ctx.course, ctx.now),
        gathered.line if gathered else None,
        await _questions(ctx),
        await _delivery(ctx),
        f"Kursbot {version('kursbot')}",
        "Ändern: !pause, !text. Mehr: !vorschau",
    )


async def _post(ctx: Context, row: Occurrence) -> str:
    title, _ = await ctx.foretell(row)
    due = ctx.course.local(row.due)
    place = ROOM_NAMES[occurrences.place(row)]
    return f"{calendar.short(due.date())}, {calendar.clock(due.time())} – {title} ({place})"


async def _questions(ctx: Context) -> str | None:
    coming = await meetings.following(ctx.db, ctx.course, now=ctx.now)
    asked = await speaker_questions.about(ctx.db, ctx.course, coming) if coming else ()
    return f"Fragen an {coming.key}: {len(asked)}" if coming and asked else None


async def _delivery(ctx: Context) -> str:
    waiting = await outbox.count(ctx.db, ctx.course, WAITING)
    dead = await outbox.count(ctx.db, ctx.course, DEAD)
    lost = await occurrences.skipped(ctx.db, ctx.course)
    found = [f"{waiting} warten"] if waiting else []
    found += [f"{dead} unzustellbar"] if dead else []
    found += [f"{lost} ausgelassen"] if lost else []
    return f"Zustellung: {', '.join(found) or 'alles gesendet'}"
