"""!link: how to get into the webinar, without asking back."""

from typing import Annotated

from commands import Context, command, composed, quoted
from storage import calendar, meetings
from storage.models import Meeting


@command(
    "Zugang zum Webinar",
    example="!link",
    aliases=("zoom", "einwahl", "zugang", "zugangslink", "einwahldaten", "kenncode", "videolink"),
)
async def link(ctx: Context, termin: Annotated[str, "Nummer oder Tag"] = "") -> str:
    """The way into the named date, else into the running or next one."""
    meeting = await _meant(ctx, termin)
    if meeting is None:
        return "Es ist kein weiterer Termin geplant, deshalb gibt es keinen Zugang. Fragen: !orga"
    head = quoted(meetings.short_title(meeting), 90)
    when = ctx.when(ctx.course.starts(meeting))
    if meeting.cancelled:
        return f"**{head}: {when}, entfällt.**\nDie nächsten Termine: !programm"
    if not meeting.link and not meeting.phone:
        return composed(
            await _cancelled_today(ctx, termin),
            f"**{head}: {when}**",
            "Der Zugang ist noch nicht hinterlegt. Bitte kurz vorher noch einmal: !link",
            "Eilig? !orga technik",
        )
    return composed(
        await _cancelled_today(ctx, termin),
        f"**{head}: {when}**",
        meeting.link.strip(),
        f"Kenncode: {quoted(meeting.code)}" if meeting.code else None,
        f"Per Telefon: {quoted(meeting.phone, 100)}" if meeting.phone else None,
        "Klappt nicht? !orga technik",
    )


async def _meant(ctx: Context, termin: str) -> Meeting | None:
    """A word that fits no single date, like "bitte", is ignored: the link is always urgent."""
    if termin:
        found = await meetings.matching(ctx.db, ctx.course, termin, ctx.today)
        if len(found) == 1:
            return found[0]
    return await meetings.following(ctx.db, ctx.course, now=ctx.now)


async def _cancelled_today(ctx: Context, termin: str) -> str | None:
    dates = await meetings.every(ctx.db, ctx.course)
    gone = [m for m in dates if m.cancelled and m.day == ctx.today and not termin]
    if not gone:
        return None
    return f"{meetings.name(gone[0])} heute, {calendar.short(ctx.today)}, entfällt. Als Nächstes:"
