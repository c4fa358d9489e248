"""!erledigt: tick off a task in one's own list."""

from collections.abc import Sequence

from commands import Answer, Context, UserError, command, quoted
from storage import meetings, tasks
from storage.models import Meeting, Person
from storage.replies import Reply


@command(
    "eigene Aufgabe abhaken",
    example="!erledigt 2",
    aliases=("aufgabe erledigt", "aufgabe fertig", "abhaken"),
    ended=False,
)
async def erledigt(ctx: Context, termin: Meeting | None = None) -> Answer:
    """The task of a date, else the only one that is open; said again, it is open again."""
    if ctx.person is None or not ctx.direct:
        raise UserError("Abhaken geht nur unter vier Augen: bitte mir direkt !erledigt schreiben.")
    done = await tasks.done(ctx.db, ctx.person)
    if termin is not None:
        return await _turn(ctx, ctx.person, termin, done)
    due = await meetings.due_tasks(ctx.db, ctx.course, now=ctx.now)
    left = [meeting for meeting, _ in due if meeting.key not in done]
    if not left:
        return "Zurzeit ist keine Aufgabe offen. Alles dazu: !aufgabe"
    return await _turn(ctx, ctx.person, left[0], done) if len(left) == 1 else _which(left)


async def _turn(ctx: Context, person: Person, meeting: Meeting, done: set[str]) -> str:
    if not meeting.task:
        raise UserError(f"Zu {meetings.name(meeting)} gehört keine Aufgabe. Alle: !aufgabe")
    what = f"{meetings.name(meeting)}: {quoted(meeting.task, 120)}"
    number = meeting.number or meeting.key
    if meeting.key in done:
        await tasks.untick(ctx.db, person, meeting)
        return f"Wieder offen: {what}"
    await tasks.tick(ctx.db, person, meeting)
    return f"**Erledigt:** {what}\nNur hier vermerkt. Zurück: !erledigt {number}"


def _which(left: Sequence[Meeting]) -> Reply:
    shown = {str(number): meeting for number, meeting in enumerate(left[:8], 1)}
    lines = [f"{number} – {quoted(m.task, 60)}" for number, m in shown.items()]
    text = "\n".join(["**Welche Aufgabe ist erledigt?**", *lines, "Bitte mit der Zahl antworten."])
    return Reply(text, answers={n: f"erledigt {m.key}" for n, m in shown.items()})
