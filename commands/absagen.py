"""!absagen: call a meeting off."""

from typing import Annotated

from commands import Answer, Context, UserError, announced, command, quoted
from storage import calendar, change_notices, changes, meetings, moving
from storage.models import Meeting

_ARTICLES = {"webinar": "Das Webinar", "auftakt": "Der Auftakt", "abschluss": "Der Abschluss"}


@command("einen Termin absagen", example="!absagen w5", admin=True)
async def absagen(
    ctx: Context,
    termin: Meeting,
    text: Annotated[str, "was alle lesen sollen, ohne den Grund"] = "",
) -> Answer:
    """The units that count shrink with it (product A.2); a reason is nobody's business."""
    name, values = meetings.name(termin), {"cancelled": True}
    if termin.cancelled:
        raise UserError(f"{name} ist schon abgesagt. Ersatztermin: !verschieben {termin.key} …")
    if ctx.course.ends_at(termin) <= ctx.now:
        raise UserError(f"{name} ist schon vorbei, das bleibt so stehen.")
    what = _ARTICLES.get(termin.kind, "Der Termin")
    own = quoted(text, 300)
    said = own or f"{what} am {termin.day:%d.%m.} entfällt. Wir melden uns mit einem Ersatztermin."
    if ctx.confirmed:
        change = await changes.make(ctx.db, ctx.course, [(termin, values)], ctx.now)
        notice = f"**Absage: {meetings.short_title(termin)}**\n{said}"
        posts, how = await change_notices.tell(ctx.db, ctx.course, change, notice, ctx.answer)
        ctx.also.extend(posts)
        return f"Abgesagt: {name} ({calendar.short(termin.day)}).\n{how}"
    dates = await meetings.every(ctx.db, ctx.course)
    ill = any(word in own.casefold() for word in ("krank", "gesundheit", "verletzt"))
    return await announced(
        ctx,
        [termin],
        f"absagen {termin.key} {own}".strip(),
        f"**{name} ({calendar.short(termin.day)}) absagen?**",
        moving.units(ctx.course, dates, termin, values),
        f"Mit Ersatztermin: !verschieben {termin.key} …",
        f"Text für alle: „{said}“",
        "Achtung: Krankheit gehört nicht in die Ansage, besser: verhindert." if ill else None,
        f"Text ändern: !absagen {termin.key} und dann der neue Text",
    )
