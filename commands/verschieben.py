"""!verschieben: put a meeting on another day or time."""

from typing import Annotated

from commands import Answer, Context, UserError, announced, command, composed
from storage import calendar, change_notices, changes, meetings, moving, people
from storage.models import Meeting
from storage.moving import Slot


@command("einen Termin verschieben", example="!verschieben w4 Do 3.12. 10:00", admin=True)
async def verschieben(
    ctx: Context, termin: Meeting, wann: Annotated[str, "der neue Tag, die neue Uhrzeit"]
) -> Answer:
    """What speaks against it is a warning; one that was called off takes place again."""
    old = moving.of(termin)
    new = moving.read(wann, old, ctx.course, ctx.today)
    if new is None:
        raise UserError(
            f"Das verstehe ich nicht, oder Tag und Datum passen nicht zusammen. So geht es: "
            f"{verschieben.example}"
        )
    if ctx.course.starts(termin) <= ctx.now and not termin.cancelled:
        raise UserError(f"{meetings.name(termin)} hat schon stattgefunden, das bleibt so stehen.")
    values = moving.values(ctx.course, termin, new)
    if all(getattr(termin, name) == value for name, value in values.items()):
        raise UserError(f"{meetings.name(termin)} ist schon am {old.told}. Es bleibt dabei.")
    if moving.starts(ctx.course, new) <= ctx.now:
        day = calendar.with_year(new.day)
        raise UserError(f"{day} ist schon vorbei. Es hat sich nichts geändert.")
    if not ctx.confirmed:
        return await _preview(ctx, termin, new)
    change = await changes.make(ctx.db, ctx.course, [(termin, values)], ctx.now)
    text = composed(
        f"**Terminänderung: {meetings.short_title(termin)}**",
        f"alt: {old.told}",
        f"neu: **{new.told}**",
        "Neue Kalenderdatei: !kalender",
    )
    posts, said = await change_notices.tell(ctx.db, ctx.course, change, text, ctx.answer)
    ctx.also.extend(posts)
    return f"Verschoben: {meetings.name(termin)} ist jetzt am {new.told}.\n{said}"


async def _preview(ctx: Context, meeting: Meeting, new: Slot) -> Answer:
    values = moving.values(ctx.course, meeting, new)
    dates = await meetings.every(ctx.db, ctx.course)
    count = await moving.moved_posts(ctx.db, ctx.course, [(meeting, values)], ctx.now)
    off = " (abgesagt)" if meeting.cancelled else ""
    return await announced(
        ctx,
        [meeting],
        f"verschieben {meeting.key} {new.typed}",
        f"**{meetings.name(meeting)} verschieben?**",
        f"alt: {moving.of(meeting).told}{off}",
        f"neu: {new.told}",
        moving.units(ctx.course, dates, meeting, values),
        *[f"Achtung: {doubt}" for doubt in await moving.doubts(ctx.db, ctx.course, meeting, new)],
        f"Folgen: {moving.reset(count)}, Ansage an {await people.count(ctx.db, ctx.course)} "
        "Personen, neue Kalenderdatei.",
    )
