"""!referent: who leads a webinar."""

from commands import Context, command, composed, exists, quoted
from storage import calendar, meetings
from storage.models import Meeting


@command(
    "wer ein Webinar leitet",
    example="!referent 3",
    aliases=("referentin", "referenten", "dozent", "dozentin", "dozenten"),
)
async def referent(ctx: Context, termin: Meeting | None = None) -> str:
    """The roles of the speakers of a date, of the next one if none is named."""
    meeting = termin or await meetings.following(ctx.db, ctx.course, now=ctx.now)
    if meeting is None:
        return "Es ist kein weiterer Termin geplant. Ein früherer: !referent 1"
    roles = await meetings.speakers(ctx.db, ctx.course, meeting)
    what = f"{meetings.name(meeting)} ({calendar.short(meeting.day)})"
    if meeting.cancelled:
        return f"{what} entfällt. Die nächsten Termine: !programm"
    if not roles:
        elected = "Das Thema wird gewählt: !themen" if meetings.is_open(meeting) else None
        return composed(f"Für {what} ist noch niemand eingetragen.", elected)
    return composed(
        f"{what}: {', '.join(quoted(role, 80) for role in roles)}.",
        _ask(ctx, meeting),
    )


def _ask(ctx: Context, meeting: Meeting) -> str | None:
    if meetings.is_past(ctx.course, meeting, ctx.now):
        return "Noch eine Frage dazu? !orga und dann die Frage."
    return f"Frage vorab einreichen: {'!frage …' if exists('frage') else '!orga …'}"
