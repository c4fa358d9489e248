"""When the time for feedback is over: what was said, to the organisers."""

from schedules import Context, cut, schedule
from storage import feedback

ROOM = 450  # characters that fit below the sums


@schedule("Auswertung der Rückmeldungen")
async def feedback_auswertung(ctx: Context) -> str | None:
    """Sums and sentences without names; nothing while that would tell who said what."""
    found = await feedback.summary(ctx.db, ctx.course, ctx.meeting)
    if found is None:
        return None
    lines, room = list[str](), ROOM
    for comment in found.comments:
        line = f"– „{cut(comment)}“"
        room -= len(line) + 1
        if room > 0 and len(lines) < 8:
            lines.append(line)
    more = len(found.comments) - len(lines)
    rest = [f"und {more} weitere: !feedback"] if more else []
    return "\n".join([feedback.told(ctx.meeting, found), *lines, *rest])
