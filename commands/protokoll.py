"""!protokoll: who of the organisers changed what, and when."""

from typing import Annotated

from commands import Answer, Context, command, composed, page, quoted
from storage import audit, calendar
from storage.models import Action
from storage.replies import Reply


@command("wer wann was bestätigt hat", example="!protokoll", admin=True, ended=True)
async def protokoll(
    ctx: Context, seite: Annotated[str, "die Seite, zum Beispiel 2"] = ""
) -> Answer:
    """The latest first, in pages."""
    actions = await audit.every(ctx.db, ctx.course)
    if not actions:
        return "Bisher steht nichts im Protokoll. Hier erscheint, was mit ja bestätigt wurde."
    lines = [_line(ctx, action) for action in actions]
    wanted = seite.rpartition(" ")[2]
    number = int(wanted) if wanted.isdecimal() and len(wanted) < 5 else 1
    first, last = page(lines, number, size=8)
    more = last < len(lines)
    text = composed(
        f"**Protokoll** ({first + 1} bis {last} von {len(lines)}, das Neueste zuerst)",
        *lines[first:last],
        "Weiter: !mehr" if more else f"Aufbewahrt wird es {ctx.course.log_kept_days} Tage.",
    )
    return Reply(text, answers={"mehr": f"protokoll {number + 1}"} if more else {})


def _line(ctx: Context, action: Action) -> str:
    at = ctx.course.local(action.at)
    who = action.mxid.removeprefix("@").partition(":")[0]
    when = f"{calendar.short(at.date())} {calendar.clock(at.time())}"
    return f"{when}, {quoted(who, 30)}: {quoted(action.line, 90)}"
