"""!da: check in to a meeting, or say afterwards whether one was there."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final

from commands import Answer, Context, UserError, command, quoted
from storage import attendance, calendar, checkin, folding, meetings
from storage.attendance import REPORTED, SETTLED
from storage.checkin import Window
from storage.models import Attendance, Meeting
from storage.replies import ORGA, Post, Reaction, Whisper

_THERE: Final = frozenset({"war", "gewesen", "vergessen"})
_NOT: Final = frozenset({"nicht", "gefehlt"})


@command(
    "Check-in zum Termin",
    example="!da",
    aliases=("hier", "anwesend", "bin da", "ich bin da", "da bin ich", "bin anwesend"),
    phrases={"war da": "war", "war dabei": "war", "war nicht da": "nicht"},
    late=True,
    ended=False,
)
async def da(
    ctx: Context, termin: Annotated[str, "„war“ oder „nicht“, wenn es vorbei ist"] = ""
) -> Answer:
    """What counts is when the server got it; a room hears nothing but that it has arrived."""
    if ctx.person is None:
        raise UserError("Der Check-in ist für die Teilnehmenden. Fragen: !orga")
    windows = await checkin.windows(ctx.db, ctx.course)
    own = await attendance.entries(ctx.db, ctx.course, ctx.person)
    said = folding.fold_words(termin).split()
    found = await _meant(ctx, windows, own, said)
    entry = own.get(found.meeting.key)
    if entry is None or entry.state not in SETTLED:
        entry = await _kept(ctx, found, entry, said)
    there = entry.units > 0 or not found.meeting.units
    on_time = there and entry.at is not None and found.holds(entry.at)
    if ctx.direct:
        return _told(ctx, found, entry, on_time)
    if not on_time:
        ctx.also.append(Whisper(ctx.sender, _told(ctx, found, entry, on_time)))
    return Reaction("👍")


async def _meant(
    ctx: Context, windows: Sequence[Window], own: Mapping[str, Attendance], said: Sequence[str]
) -> Window:
    """The meeting that is named, else the one that is on or was lately; raises UserError."""
    if not windows:
        raise UserError("In diesem Kurs gibt es keinen Check-in. Fragen: !orga")
    words = [word for word in said if word not in _THERE | _NOT]
    named = await _named(ctx, " ".join(words))
    if named is not None:
        recent = (w for w in windows if w.meeting.key == named.key and w.recent(ctx.sent))
        found = next(recent, None)
    elif len(words) < len(said):
        found = checkin.spoken_of(windows, own, ctx.sent)
    else:
        found = checkin.open_now(windows, ctx.sent)
    if found is None:
        raise UserError(_closed(ctx, windows, own))
    return found


async def _named(ctx: Context, text: str) -> Meeting | None:
    """Words that fit no single date are ignored: nobody needs to spell while a webinar begins."""
    found = await meetings.matching(ctx.db, ctx.course, text, ctx.today) if text else []
    return found[0] if len(found) == 1 else None


def _closed(ctx: Context, windows: Sequence[Window], own: Mapping[str, Attendance]) -> str:
    if now := next((w for w in windows if w.holds(ctx.sent)), None):
        return f"Dafür ist kein Check-in offen. Für {_name(now.meeting)} ist er es: !da"
    lately = checkin.spoken_of(windows, own, ctx.sent)
    lines = ["Gerade ist kein Check-in offen."]
    if coming := next((w for w in windows if w.opens > ctx.sent), None):
        day = calendar.day_phrase(coming.opens.date(), ctx.today)
        lines = [f"Gerade ist kein Check-in offen. Der nächste: {day}, {coming.hours}."]
    if ctx.direct and lately is not None and lately.meeting.key not in own:
        lines.append(f"{_name(lately.meeting)} vergessen? Dann: „war da“ oder „war nicht da“.")
    return "\n".join(lines)


async def _kept(
    ctx: Context, found: Window, before: Attendance | None, said: Sequence[str]
) -> Attendance:
    """The entry as it is now: nobody loses by checking in twice, or too late."""
    meeting, over = found.meeting, ctx.sent >= ctx.course.ends_at(found.meeting)
    units = meeting.units
    if not _NOT.isdisjoint(said):
        units = 0
    elif not (over or not _THERE.isdisjoint(said) or found.holds(ctx.sent)):
        units = checkin.late_units(ctx.course, meeting, ctx.sent)
    if before is not None and before.units >= units > 0:
        return before
    assert ctx.person is not None
    entry = Attendance(
        course_id=ctx.course.id,
        person=ctx.person.key,
        meeting=meeting.key,
        units=units,
        state=REPORTED,
        by=ctx.sender,
        at=ctx.sent,
    )
    await attendance.report(ctx.db, entry)
    if units and not found.holds(ctx.sent):
        ctx.also.append(Post(ORGA, _note(ctx, meeting, units)))
    return entry


def _note(ctx: Context, meeting: Meeting, units: int) -> str:
    """What organisers compare with the list of the video conference."""
    who = "" if ctx.person is None else f"{ctx.person.key} ({quoted(ctx.person.display, 60)})"
    if units < meeting.units:
        clock = calendar.clock(ctx.sent.time())
        return f"{_name(meeting)}: {who} ist seit {clock} Uhr da, {units} von {meeting.units} UE."
    return f"{_name(meeting)}: {who} war da, Check-in vergessen."


def _told(ctx: Context, found: Window, entry: Attendance, on_time: bool) -> str:
    meeting = found.meeting
    counted = f"{entry.units} von {meeting.units} UE"
    if entry.state in SETTLED:
        return f"{_name(meeting)} ist schon bestätigt: {counted}. Stimmt das nicht? !orga"
    if entry.units < min(1, meeting.units):
        return f"Notiert: {_name(meeting)} ohne Teilnahme. Doch dabei gewesen? Dann: „war da“"
    at = ctx.course.local(entry.at or ctx.sent)
    present = f"Vermerkt: **anwesend um {calendar.clock(at.time())} Uhr**"
    if on_time:
        return f"{present}. Viel Freude!\nDie Lehrgangsleitung bestätigt die Liste."
    which = f"({meetings.name(meeting)}, {calendar.short(meeting.day)})"
    noted = f"Ich habe der Lehrgangsleitung notiert: „war da, Check-in vergessen“ {which}"
    if entry.units < meeting.units:
        noted = f"{present}, das sind anteilig {counted}. Die Lehrgangsleitung weiß Bescheid"
    return (
        f"Der Check-in war von {found.hours} offen.\n"
        f"{noted}; sie gleicht es mit der Videokonferenz ab."
    )


def _name(meeting: Meeting) -> str:
    return f"{quoted(meetings.short_title(meeting), 80)}, {calendar.short(meeting.day)}"
