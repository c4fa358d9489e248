"""!termin: a date that the course file does not know, and away with it again."""

from datetime import time
from typing import Annotated, Final

from commands import Answer, Context, UserError, announced, command, composed, quoted
from storage import change_notices, changes, meetings, moving, people
from storage.models import Change, Meeting
from storage.moving import Slot

_EXAMPLE: Final = "!termin neu Do 17.12. 16:00 bis 17:00 Offene Sprechstunde"


@command("Termin ergänzen oder wieder streichen", example=_EXAMPLE, admin=True)
async def termin(
    ctx: Context, was: Annotated[str, "„neu“ oder „weg“"], text: Annotated[str, "Zeit und Thema"]
) -> Answer:
    """It is offered in addition: for the certificate it does not count."""
    if was.casefold() in ("neu", "neuer"):
        return await _new(ctx, text)
    if was.casefold() in ("weg", "streichen"):
        return await _away(ctx, text)
    raise UserError(f"So geht es: {_EXAMPLE}\nWieder weg: !termin weg t1")


async def _new(ctx: Context, text: str) -> Answer:
    dates = await meetings.every(ctx.db, ctx.course)
    usual = meetings.usual(dates)
    hours = usual[1:] if usual else (time(10), time(11, 30))
    words = text.split()
    slot, topic = None, ""
    for size in range(min(len(words), 8), 0, -1):
        slot = moving.read(" ".join(words[:size]), Slot(ctx.today, *hours), ctx.course, ctx.today)
        if slot:
            topic = quoted(" ".join(words[size:]), 150)
            break
    if slot is None or not topic or moving.starts(ctx.course, slot) <= ctx.now:
        raise UserError(f"Es fehlt ein Tag, der noch kommt, oder das Thema. So geht es: {_EXAMPLE}")
    taken = {m.key for m in dates}
    key = next(f"t{number}" for number in range(1, 1_000) if f"t{number}" not in taken)
    meeting = Meeting(
        course_id=ctx.course.id,
        key=key,
        kind="termin",
        day=slot.day,
        starts=slot.starts,
        ends=slot.ends,
        units=0,
        topic=topic,
        mandatory=False,
    )
    if ctx.confirmed:
        change = await changes.add(ctx.db, ctx.course, meeting, ctx.now)
        title = f"**Neuer Termin: {slot.told}**"
        return await _said(ctx, change, composed(title, topic, "Neu: !kalender"), f"Termin {key}")
    doubts = await moving.doubts(ctx.db, ctx.course, meeting, slot)
    return await announced(
        ctx,
        [],
        f"termin neu {slot.typed} {topic}",
        f"**Neuer Termin {key}?** {slot.told}",
        topic,
        "Freiwillig: zählt nicht für die Präsenzzeit.",
        *[f"Achtung: {doubt}" for doubt in doubts],
        f"Ansage an {await people.count(ctx.db, ctx.course)} Personen. Zugang: !neuerlink {key} …",
    )


async def _away(ctx: Context, text: str) -> Answer:
    dates = {m.key.casefold(): m for m in await meetings.every(ctx.db, ctx.course)}
    meeting = dates.get(text.strip().casefold())
    if meeting is None or not changes.of_chat(meeting):
        raise UserError("Streichen kann ich nur Termine aus dem Chat. Andere: !absagen w5")
    if ctx.course.starts(meeting) <= ctx.now:
        raise UserError("Der Termin ist schon gewesen, er bleibt stehen.")
    slot, topic = moving.of(meeting), quoted(meeting.topic, 150)
    if ctx.confirmed:
        change = await changes.remove(ctx.db, ctx.course, meeting, ctx.now)
        return await _said(ctx, change, f"**Entfällt: {slot.told}**\n{topic}", "Gestrichen")
    return await announced(
        ctx,
        [],
        f"termin weg {meeting.key}",
        f"**Termin {meeting.key} streichen?** {slot.told}",
        topic,
    )


async def _said(ctx: Context, change: Change, text: str, done: str) -> str:
    posts, said = await change_notices.tell(ctx.db, ctx.course, change, text, ctx.answer)
    ctx.also.extend(posts)
    return f"{done}: {said}"
