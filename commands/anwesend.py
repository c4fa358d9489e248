"""!anwesend: who was at a meeting, and what organisers make of it."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final

from commands import Answer, Context, UserError, command, composed, quoted
from storage import attendance, audit, calendar, checkin, folding, meetings, people
from storage.attendance import CONFIRMED, SETTLED, SIGNED_OFF
from storage.models import Attendance, Meeting, Person
from storage.replies import Reply

_ALL: Final = ("alle", "alles")
_MADE_UP: Final = "nachgeholt"


@command(
    "Anwesenheit bestätigen und ändern",
    example="!anwesend w3",
    aliases=("anwesenheit",),
    admin=True,
)
async def anwesend(
    ctx: Context,
    termin: Meeting | None = None,
    was: Annotated[str, "„alle“, oder Kennung und UE: tn10 2; auch: tn10 nachgeholt"] = "",
) -> Answer:
    """The list, and a yes confirms it; single entries are corrected at once."""
    meeting = termin or await _latest(ctx)
    known = await attendance.every(ctx.db, ctx.course)
    own = {key: rows[meeting.key] for key, rows in known.items() if meeting.key in rows}
    if not was or folding.fold_words(was) in _ALL:
        return await (_all if ctx.confirmed else _listed)(ctx, meeting, own)
    if ctx.now < ctx.course.starts(meeting):
        raise UserError(f"{_name(meeting)} beginnt erst {_begin(ctx, meeting)}.")
    return await _corrected(ctx, meeting, own, was.split())


async def _latest(ctx: Context) -> Meeting:
    """The last date that has begun, else the first."""
    dates = [m for m in await meetings.every(ctx.db, ctx.course) if not m.cancelled]
    begun = [m for m in dates if ctx.course.starts(m) <= ctx.now]
    if not dates:
        raise UserError("Es sind noch keine Termine eingetragen.")
    return begun[-1] if begun else dates[0]


def _name(meeting: Meeting) -> str:
    """The days of kick-off and closing have no numbers."""
    day = "" if meeting.number is not None else f" ({calendar.short(meeting.day)})"
    return f"{meetings.name(meeting)}{day}"


def _begin(ctx: Context, meeting: Meeting) -> str:
    return ctx.when(ctx.course.starts(meeting))


async def _listed(ctx: Context, meeting: Meeting, own: Mapping[str, Attendance]) -> Reply:
    found = await checkin.roster(ctx.db, ctx.course, meeting)
    said = [row for row in own.values() if row.state not in SETTLED]
    begun = ctx.course.starts(meeting) <= ctx.now
    less = [p.key for p in found.present if own[p.key].units < meeting.units]
    partly = [f"{key} {own[key].units} UE" for key in less]
    settled = len(own) - len(said)
    how = f"Als volle {meeting.units} UE bestätigen? ja"
    text = composed(
        f"**{_name(meeting)}: Check-in {len(found.present)} von {found.size}**",
        _keys("Abgemeldet", found.signed_off),
        _keys("Nicht dabei", found.absent),
        f"Nur zum Teil dabei: {', '.join(partly)}" if partly else None,
        _keys("Ohne Meldung", found.silent),
        f"Schon bestätigt: {settled}" if settled else None,
        ("Wie gemeldet bestätigen? ja" if partly else how) if said and begun else None,
        f"Beginn: {_begin(ctx, meeting)}" if not begun else None,
        f"Einzeln: !anwesend {meeting.key} {_someone(found)} {meeting.units}" if begun else None,
        "Bitte mit der Teilnahmeliste der Videokonferenz abgleichen." if begun else None,
    )
    return Reply(
        text,
        answers={"ja": f"anwesend {meeting.key} alle"} if said and begun else {},
        confirms=True,
    )


def _keys(label: str, people: Sequence[Person]) -> str | None:
    return f"{label}: {', '.join(person.key for person in people)}" if people else None


def _someone(found: checkin.Roster) -> str:
    people = [*found.silent, *found.absent, *found.signed_off, *found.present]
    return people[0].key if people else "tn01"


async def _all(ctx: Context, meeting: Meeting, own: Mapping[str, Attendance]) -> str:
    """What people said about themselves holds; who said nothing stays open."""
    said = [row for row in own.values() if row.state not in SETTLED]
    there = sum(row.units > 0 for row in said)
    off = sum(row.state == SIGNED_OFF for row in said)
    for row in said:
        await attendance.confirm(ctx.db, _entry(ctx, meeting, row.person, row.units))
    found = await checkin.roster(ctx.db, ctx.course, meeting)
    return composed(
        f"**{meetings.name(meeting)}, {calendar.short(meeting.day)}: bestätigt.**",
        f"Anwesend: {there}",
        f"Abgemeldet, ohne UE: {off}" if off else None,
        _keys("Noch offen", found.silent),
        f"Eintragen: !anwesend {meeting.key} {found.silent[0].key} 0" if found.silent else None,
        "Liste für die IHK: !export",
    )


async def _corrected(
    ctx: Context, meeting: Meeting, own: Mapping[str, Attendance], words: Sequence[str]
) -> str:
    made_up = folding.fold_words(words[-1]) == _MADE_UP
    names = list(words[:-1] if made_up else words)
    last = names.pop() if names and names[-1].isdecimal() and names[-1].isascii() else None
    units = int(last[:3]) if last else meeting.units if made_up else None
    people = await _meant(ctx, names)
    if not people or units is None:
        raise UserError(f"So geht es: !anwesend {meeting.key} tn10 {meeting.units}")
    if units > meeting.units:
        raise UserError(f"{_name(meeting)} zählt höchstens {meeting.units} UE.")
    before = {key: f"{row.units} UE" for key, row in own.items()}
    for person in people:
        entry = _entry(ctx, meeting, person.key, units)
        entry.made_up = made_up
        await attendance.confirm(ctx.db, entry)
    changed = [f"{p.key} (bisher {before.get(p.key, 'ohne Meldung')})" for p in people[:12]]
    line = f"!anwesend {meeting.key} {' '.join(words)}"
    await audit.note(ctx.db, ctx.course, ctx.sender, line, ctx.now)
    how = ", nachgeholt" if made_up else ""
    return composed(
        f"**{_name(meeting)}: {units} von {meeting.units} UE bestätigt{how}.**",
        ", ".join(changed),
    )


async def _meant(ctx: Context, names: Sequence[str]) -> list[Person]:
    """By key or network, several at once; raises UserError when one is nobody."""
    members = await checkin.members(ctx.db, ctx.course)
    found = []
    for name in (name.strip(",;") for name in names[:40]):
        hits = people.called(members, name)
        if len(hits) != 1:
            raise UserError(f"„{quoted(name, 30)}“ kenne ich nicht. Es hat sich nichts geändert.")
        found += hits
    return found


def _entry(ctx: Context, meeting: Meeting, person: str, units: int) -> Attendance:
    return Attendance(
        course_id=ctx.course.id,
        person=person,
        meeting=meeting.key,
        units=units,
        state=CONFIRMED,
        by=ctx.sender,
        at=ctx.now,
    )
