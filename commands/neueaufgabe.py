"""!neueaufgabe: what is to be prepared for a meeting."""

import re
from datetime import datetime
from typing import Annotated, Final

from commands import Answer, Context, UserError, announced, command, composed, quoted
from storage import calendar, changes, deadlines, meetings
from storage.models import Meeting

_UNTIL: Final = re.compile(r"\s*\|?\s*\bbis\s+(?P<until>[^|]{2,30})$", re.I)


@command(
    "Aufgabe zu einem Termin stellen",
    example="!aufgabe w5 Angebot skizzieren bis Di 8.12. 18:00",
    aliases=("aufgabe",),
    admin=True,
)
async def neueaufgabe(
    ctx: Context, termin: Meeting, text: Annotated[str, "die Aufgabe, „bis …“, oder „keine“"] = ""
) -> Answer:
    """Without a deadline it is due at the meeting itself; "keine" takes it away."""
    which = f"{meetings.name(termin)} ({calendar.short(termin.day)})"
    if not text:
        now = quoted(termin.task, 300) or "keine Aufgabe"
        return f"{which}: {now}\nÄndern: {neueaufgabe.example}"
    if meetings.is_past(ctx.course, termin, ctx.now) and not termin.task:
        raise UserError(f"{which} ist schon vorbei. Aufgabe besser zum nächsten Termin stellen.")
    task, until = _read(ctx, text)
    if until and until <= ctx.now:
        raise UserError(f"{ctx.when(until)} ist schon vorbei. Es hat sich nichts geändert.")
    due = f"bis {ctx.when(until)}" if until else f"zum Termin, {calendar.short(termin.day)}"
    shown = f"{task} ({due})" if task else "Die Aufgabe entfällt."
    if not ctx.confirmed:
        typed = f" bis {until:%Y-%m-%d %H:%M}" if until else ""
        return await announced(
            ctx,
            [termin],
            f"neueaufgabe {termin.key} {task or 'keine'}{typed}",
            f"**Aufgabe zu {which}?**",
            f"bisher: {quoted(termin.task, 140)}" if termin.task else None,
            f"neu: {shown}",
        )
    wanted = [(termin, {"task": task, "task_due": until})]
    saying = (composed(f"**Aufgabe zu {which}**", shown), ctx.answer)
    posts, said = await changes.told(ctx.db, ctx.course, wanted, saying, ctx.now)
    ctx.also.extend(posts)
    return f"Eingetragen: {shown}\n{said}"


def _read(ctx: Context, text: str) -> tuple[str, datetime | None]:
    """The task and its deadline, if the last words are one."""
    found = _UNTIL.search(text)
    until = deadlines.read(found["until"], ctx.course, ctx.now) if found else None
    task = quoted(text[: found.start()] if found and until else text, 300)
    return ("", None) if task.casefold() == "keine" else (task, until)
