"""!programm: what is coming up, everything, or one date in detail."""

import re
from collections.abc import Sequence
from typing import Annotated, Final

from commands import Answer, Context, UserError, choice, command, composed, page, quoted
from storage import calendar, courses, folding, meetings, programme
from storage.models import Meeting
from storage.replies import Reply

_EVERYTHING: Final = frozenset(
    "alle alles gesamt ganz ganze ganzes komplett liste termine webinare themen".split()
)
_POLITE: Final = re.compile(r"(?:\W*\b(?:bitte|danke|mal)\b)+\W*$", re.I)
_COMING: Final = 5


@command(
    "Termine und Themen",
    example="!programm 5",
    aliases=("plan", "termin", "termine", "webinar", "webinare", "themenplan", "kursplan"),
    phrases={"alle termine": "alle", "alle webinare": "alle", "ganzes programm": "alle"},
)
async def programm(
    ctx: Context, wahl: Annotated[str, "Nummer, Tag oder Thema, oder „alle“"] = ""
) -> Answer:
    """The next dates; with "alle" the whole course, with a number, day or topic one date."""
    wahl = _POLITE.sub("", wahl)
    said, _, number = re.sub(r" ?\bseite (\d+)$", r"|\1", folding.fold_words(wahl)).partition("|")
    dates = await meetings.every(ctx.db, ctx.course)
    if not dates:
        return "Es sind noch keine Termine eingetragen. Fragen: !orga"
    if not said and not number:
        return await _coming(ctx, dates)
    if _EVERYTHING.issuperset(said.split()):
        return _everything(ctx, dates, int(number or 1))
    found = await meetings.matching(ctx.db, ctx.course, wahl, ctx.today)
    if not found:
        raise UserError(f"„{quoted(wahl)}“ passt zu keinem Termin. Alle Termine: !programm alle")
    if len(found) > 1:
        labels = {f"programm {m.key}": f"{calendar.short(m.day)} {m.topic}" for m in found}
        return choice(wahl, labels, "Terminen")
    return await _detail(ctx, found[0])


async def _coming(ctx: Context, dates: Sequence[Meeting]) -> str:
    """The next five entries, breaks among them."""
    usual = meetings.usual(dates)
    ahead = [m for m in dates if not meetings.is_past(ctx.course, m, ctx.now)]
    if not any(not m.cancelled for m in ahead):
        return "Alle Termine sind vorbei. Zum Nachlesen: !programm alle"
    next_ones = meetings.together(ahead)[:_COMING]
    entries = [(group[0].day, programme.line(group, usual)) for group in next_ones]
    for pause in await courses.breaks(ctx.db, ctx.course, since=ctx.today):
        name, last = quoted(pause.name), f"{pause.last:%d.%m.}"
        begun = pause.first <= ctx.today
        span = f"bis {last}" if begun else f"vom {pause.first:%d.%m.} bis {last}"
        entries.append((pause.first, f"{name} {span}"))
    shown = [line for _, line in sorted(entries, key=lambda entry: entry[0])]
    return composed(
        f"**Nächste Termine**{programme.usually(usual)}",
        *shown[:_COMING],
        "Alle Termine: !programm alle",
        "In den Kalender: !kalender",
    )


def _everything(ctx: Context, dates: Sequence[Meeting], number: int) -> Reply:
    """All that is still to come, page by page; what is over in one line."""
    usual = meetings.usual(dates)
    ahead = [m for m in dates if not meetings.is_past(ctx.course, m, ctx.now)] or dates
    over = [m for m in dates[: dates.index(ahead[0])] if not m.cancelled]
    lines = [programme.line(group, usual) for group in meetings.together(ahead)]
    first, last = page(lines, number)
    more = last < len(lines)
    text = composed(
        f"**Programm**{programme.usually(usual)}",
        _over(over) if first == 0 and over else None,
        *lines[first:last],
        "Weiter: !mehr" if more else None,
    )
    return Reply(text, answers={"mehr": f"programm alle seite {number + 1}"} if more else {})


def _over(dates: Sequence[Meeting]) -> str:
    names = [programme.name(group) for group in meetings.together(dates)]
    whole = f"Erledigt: {', '.join(names)}"
    return whole if len(whole) <= 120 else f"Erledigt: {len(dates)} Termine, zuletzt {names[-1]}"


async def _detail(ctx: Context, meeting: Meeting) -> str:
    roles = await meetings.speakers(ctx.db, ctx.course, meeting)
    past = meetings.is_past(ctx.course, meeting, ctx.now)
    ahead = not past and not meeting.cancelled
    due = f" (bis {ctx.when(meeting.task_due)})" if meeting.task_due else ""
    span = calendar.span(meeting.starts, meeting.ends)
    return composed(
        f"**{quoted(meetings.title(meeting), 120)}**",
        "Dieser Termin entfällt." if meeting.cancelled else None,
        f"{calendar.short(meeting.day)}, {span} ({meeting.units} UE)",
        f"Mit: {', '.join(quoted(role) for role in roles)}" if roles else None,
        "Das Thema wird gewählt: !themen" if meetings.is_open(meeting) else None,
        f"Frage vorab: {quoted(meeting.prompt, 140)}" if meeting.prompt and ahead else None,
        f"Aufgabe: {quoted(meeting.task, 120)}{due}"
        if meeting.task and not meeting.cancelled
        else None,
        f"Hinweis: {quoted(meeting.note, 100)}" if meeting.note else None,
        _material(meeting, past),
    )


def _material(meeting: Meeting, past: bool) -> str | None:
    if meeting.materials or meeting.folder:
        return f"Material: !material {meeting.number or meeting.key}"
    if meeting.cancelled or meeting.kind != "webinar":
        return None
    return "Material liegt noch nicht bereit." if past else "Material folgt nach dem Webinar."
