"""!thema: a meeting is about something else."""

from typing import Annotated

from commands import Answer, Context, UserError, announced, command, composed, quoted
from storage import calendar, changes, meetings
from storage.models import Meeting


@command("Thema eines Termins ändern", example="!thema w5 Angebote gemeinsam planen", admin=True)
async def thema(ctx: Context, termin: Meeting, text: Annotated[str, "das neue Thema"]) -> Answer:
    """Who speaks stays, until somebody says otherwise."""
    which = f"{meetings.name(termin)} ({calendar.short(termin.day)})"
    old, new = quoted(termin.topic, 150), quoted(text, 150)
    if meetings.is_open(termin):
        raise UserError(f"Das Thema von {which} wird gewählt. Entscheiden: !platz {termin.slot} …")
    if meetings.is_past(ctx.course, termin, ctx.now):
        raise UserError(f"{which} ist schon vorbei, das bleibt so stehen.")
    if not new or new == old:
        raise UserError(f"Das ist schon das Thema von {which}. Es hat sich nichts geändert.")
    lines = [f"bisher: {old}", f"neu: **{new}**"]
    if not ctx.confirmed:
        return await announced(
            ctx,
            [termin],
            f"thema {termin.key} {new}",
            f"**Thema von {which} ändern?**",
            *lines,
            f"Wer es leitet, bleibt. Ändern: !referent {termin.key} …",
        )
    wanted = [(termin, {"topic": new, "speakers": [*termin.speakers]})]
    saying = (composed(f"**Programmänderung: {which}**", *lines), ctx.answer)
    posts, said = await changes.told(ctx.db, ctx.course, wanted, saying, ctx.now)
    ctx.also.extend(posts)
    return f"Geändert: {which} – {new}\n{said}"
