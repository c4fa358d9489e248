"""!tauschen: let two meetings change places."""

from commands import Answer, Context, UserError, announced, command, composed
from storage import change_notices, changes, meetings, moving, people
from storage.models import Meeting
from storage.moving import Slot


@command("zwei Termine tauschen", example="!tauschen w5 w6", admin=True)
async def tauschen(ctx: Context, termin: Meeting, mit: Meeting) -> Answer:
    """Each takes the day and the start of the other; what belongs to it goes along."""
    both = [termin, mit]
    if termin is mit:
        raise UserError(f"Das ist zweimal derselbe Termin. So geht es: {tauschen.example}")
    for meeting in both:
        if meeting.cancelled or ctx.course.starts(meeting) <= ctx.now:
            state = "ist abgesagt" if meeting.cancelled else "hat schon stattgefunden"
            raise UserError(f"{meetings.name(meeting)} {state}, tauschen geht nicht.")
    slots = [moving.swapped(termin, mit), moving.swapped(mit, termin)]
    if None in slots:
        raise UserError("Einer der beiden würde dann über Mitternacht dauern. Es bleibt dabei.")
    new = [slot for slot in slots if slot]
    wanted = [(m, moving.values(ctx.course, m, s)) for m, s in zip(both, new, strict=True)]
    if not ctx.confirmed:
        count = await moving.moved_posts(ctx.db, ctx.course, wanted, ctx.now)
        return await announced(
            ctx,
            both,
            f"tauschen {termin.key} {mit.key}",
            "**Zwei Termine tauschen?**",
            *_lines(both, new),
            f"Folgen: {moving.reset(count)}, Ansage an {await people.count(ctx.db, ctx.course)} "
            "Personen, neue Kalenderdatei.",
        )
    lines = _lines(both, new)
    change = await changes.make(ctx.db, ctx.course, wanted, ctx.now)
    text = composed("**Terminänderung: zwei Termine tauschen**", *lines, "Neu: !kalender")
    posts, said = await change_notices.tell(ctx.db, ctx.course, change, text, ctx.answer)
    ctx.also.extend(posts)
    return composed("Getauscht:", *lines, said)


def _lines(dates: list[Meeting], slots: list[Slot]) -> list[str]:
    """Written before the change: each with its new moment."""
    return [f"{meetings.short_title(m)}: neu {s.told}" for m, s in zip(dates, slots, strict=True)]
