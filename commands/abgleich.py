"""!abgleich: compare a meeting with the list of the video conference, and confirm who was there."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Final

from commands import Answer, Context, UserError, command, composed, quoted
from storage import attendance, calendar, checkin, meetings, uploads
from storage.attendance import SETTLED, SIGNED_OFF
from storage.lists import comparison, presence
from storage.lists.comparison import Compared, Doubt
from storage.lists.presence import Visit
from storage.models import Attendance, Meeting
from storage.replies import Reply

_NOTHING: Final = (
    "Hier liegt keine neue Liste. Bitte die Teilnahmeliste der Videokonferenz (CSV, Excel) in "
    "diesen Raum hochladen und innerhalb von 15 Minuten !abgleich {} schreiben."
)
_ENTRY: Final = re.compile(r"(\S+):(\d{1,2})")


@command(
    "mit der Videokonferenz abgleichen",
    example="!abgleich w3",
    aliases=("videoliste",),
    admin=True,
)
async def abgleich(
    ctx: Context,
    termin: Meeting,
    liste: Annotated[str, "nichts: die neueste Datei von hier zählt"] = "",
) -> Answer:
    """Names are compared and forgotten: a yes enters keys and units."""
    if ctx.confirmed:
        return await _entered(ctx, termin, liste)
    if ctx.now < ctx.course.starts(termin):
        begin = ctx.when(ctx.course.starts(termin))
        raise UserError(f"{meetings.name(termin)} beginnt erst {begin}.")
    recent = await uploads.recent(ctx.db, ctx.room_id, ctx.sender, ctx.now)
    if not recent:
        raise UserError(_NOTHING.format(termin.key))
    visits = presence.loads(ctx.inside(recent[0], presence.KIND))
    await uploads.use(ctx.db, recent[0])
    found = await comparison.compare(ctx.db, ctx.course, termin, visits)
    return await _shown(ctx, termin, visits, found)


async def _shown(ctx: Context, meeting: Meeting, visits: Sequence[Visit], found: Compared) -> Reply:
    """Who would get how much; forgotten as soon as it is delivered, for there are names in it."""
    own = await _own(ctx, meeting)
    settled = {key: row for key, row in own.items() if row.state in SETTLED}
    new = {key: units for key, units in found.units.items() if key not in settled}
    people = await checkin.members(ctx.db, ctx.course)
    absent = [p.key for p in people if p.key not in found.units and p.key not in settled]
    count = len(found.units) + len(found.doubts)
    text = composed(
        f"**Abgleich {meetings.name(meeting)}, {calendar.short(meeting.day)}: "
        f"{count} {'Person' if count == 1 else 'Personen'} gelesen, noch nichts gespeichert**",
        _other_day(meeting, visits),
        *[_with(meeting, new, found.minutes, units) for units in range(meeting.units, -1, -1)],
        _keys("Nicht in der Liste", absent),
        _keys("Anders als gemeldet", _contradicted(new, own)),
        _keys("Schon bestätigt, bleibt", sorted(settled)),
        *[_doubt(meeting, doubt) for doubt in found.doubts[:3]],
        f"und {len(found.doubts) - 3} weitere unklare Namen" if len(found.doubts) > 3 else None,
        f"Einzeln: !anwesend {meeting.key} {absent[0]} {meeting.units}" if absent else None,
        "So bestätigen: ja oder nein" if new else "Es gibt nichts Neues zu bestätigen.",
    )
    entries = " ".join(f"{key}:{units}" for key, units in sorted(new.items()))
    answers = {"ja": f"abgleich {meeting.key} {entries}"} if new else {}
    return Reply(text, answers=answers, confirms=True, secret=True)


async def _own(ctx: Context, meeting: Meeting) -> dict[str, Attendance]:
    known = await attendance.every(ctx.db, ctx.course)
    return {key: rows[meeting.key] for key, rows in known.items() if meeting.key in rows}


def _other_day(meeting: Meeting, visits: Sequence[Visit]) -> str | None:
    day = presence.day(visits)
    if day is None or day == meeting.day:
        return None
    return f"Achtung: Die Liste ist vom {calendar.short(day)}"


def _with(
    meeting: Meeting, new: Mapping[str, int], minutes: Mapping[str, int], units: int
) -> str | None:
    keys = sorted(key for key, given in new.items() if given == units)
    full = units == meeting.units
    return _keys(f"{units} UE", [k if full else f"{k} ({minutes[k]} min)" for k in keys])


def _contradicted(new: Mapping[str, int], own: Mapping[str, Attendance]) -> list[str]:
    """Who said something else about themselves."""
    return [
        f"{key} ({'abgemeldet' if own[key].state == SIGNED_OFF else f'{own[key].units} UE'})"
        for key, units in sorted(new.items())
        if key in own and own[key].units != units
    ]


def _keys(label: str, keys: Sequence[str]) -> str | None:
    more = f" und {len(keys) - 16} weitere" if len(keys) > 16 else ""
    return f"{label}: {', '.join(keys[:16])}{more}" if keys else None


def _doubt(meeting: Meeting, doubt: Doubt) -> str:
    who = f"vielleicht {' oder '.join(doubt.keys)}." if doubt.keys else "wer ist das?"
    how = f" Wenn ja: !anwesend {meeting.key} {doubt.keys[0]} {doubt.units}" if doubt.keys else ""
    return f"Unklar: „{quoted(doubt.name, 30)}“ ({doubt.minutes} min), {who}{how}"


async def _entered(ctx: Context, meeting: Meeting, typed: str) -> str:
    """What was previewed; what somebody has confirmed meanwhile stays."""
    own = await _own(ctx, meeting)
    there = {person.key for person in await checkin.members(ctx.db, ctx.course)}
    entries = {key: int(units) for key, units in _ENTRY.findall(typed)}
    settled = {key for key, row in own.items() if row.state in SETTLED}
    new = {key: entries[key] for key in entries if key in there - settled}
    await attendance.confirm_all(ctx.db, ctx.course, meeting, new, (ctx.sender, ctx.now))
    open_ = sorted(there - settled - new.keys())
    counts = [(u, sum(u == given for given in new.values())) for u in range(meeting.units, -1, -1)]
    return composed(
        f"**{meetings.name(meeting)}, {calendar.short(meeting.day)}: bestätigt.**",
        ", ".join(f"{units} UE: {count}" for units, count in counts if count),
        _keys("Noch offen", open_),
        f"Eintragen: !anwesend {meeting.key} {open_[0]} 0" if open_ else None,
    )
