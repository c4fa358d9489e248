"""!ansage: organisers say something to everybody, at once or later."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Annotated, Final

from commands import Answer, Context, UserError, command, composed, preview, quoted
from storage import announcements, calendar, checkin, courses, deadlines, folding, silence, standing
from storage.replies import EVERYBODY, INFO, LATER, ROOM_NAMES, TALK, Place, Post

LONGEST: Final = 380
_ROOMS: Final = {"info": INFO, "ankuendigungen": INFO, "ansagen": INFO, "austausch": TALK}
_NOW: Final = ("sofort", "jetzt")
_EVERYBODY: Final = re.compile(r"\s*(?<![\w@])@room\b[:,]?", re.I)
_UNCALLED: Final = (
    "@room lasse ich weg: Wer ansagt und der Bot brauchen dafür im Raum das Recht, alle zu "
    "benachrichtigen."
)
_EXAMPLE: Final = "!ansage info Mi 10:00 Bitte Kurzmeldung mitbringen."


@dataclass(frozen=True)
class _Draft:
    """Where, when (None: at once) and what.

    `calls` if everybody is to be notified; `called` if that was asked for, be it allowed or not.
    """

    place: Place
    due: datetime | None
    text: str
    called: bool
    calls: bool = False

    @property
    def said(self) -> str:
        """What is posted."""
        return f"{EVERYBODY}\n{self.text}" if self.calls else self.text


@command("etwas ansagen, sofort oder später", example=_EXAMPLE, admin=True)
async def ansage(
    ctx: Context,
    text: Annotated[str, "der Text; davor Raum und Zeit, oder „liste“, „weg 1“"] = "",
) -> Answer:
    """Shown first as it will look; nothing goes out without a yes."""
    verb, _, rest = folding.fold_words(text).partition(" ")
    if verb in ("", "liste") and not rest:
        return await _listed(ctx)
    if verb == "weg" and (not rest or rest.isdecimal()):
        return await _cancelled(ctx, int(rest[:3] or "1"))
    draft = _read(ctx, text)
    room_id = await standing.room_of(ctx.db, ctx.course.id, draft.place)
    if room_id is None:
        name = ROOM_NAMES[draft.place]
        raise UserError(f"Im Raum {name} bin ich noch nicht. Bitte erst dorthin einladen.")
    draft = replace(draft, calls=draft.called and ctx.may_call(room_id, ctx.sender))
    return await (_decided if ctx.confirmed else _shown)(ctx, draft)


def _read(ctx: Context, typed: str) -> _Draft:
    """A time counts behind the name of a room only: other texts begin with "Morgen", too."""
    words = typed.split(maxsplit=1)
    place, due, text = _ROOMS.get(folding.fold_words(words[0])), None, typed
    if place is not None:
        due, text = _timed(ctx, words[1] if words[1:] else "")
    said = [quoted(line, LONGEST + 1) for line in _EVERYBODY.sub("", text).splitlines()]
    text = composed(*said, limit=2 * LONGEST).strip()
    if not text:
        raise UserError(f"Da fehlt noch der Text. So geht es zum Beispiel: {_EXAMPLE}")
    if len(text) > LONGEST or len(said) > 6:
        raise UserError(f"Bitte kürzer: höchstens {LONGEST} Zeichen und 6 Zeilen.")
    if due and due <= ctx.now:
        raise UserError("Das liegt in der Vergangenheit. Es hat sich nichts geändert.")
    return _Draft(place or INFO, due, text, _EVERYBODY.search(typed) is not None)


def _timed(ctx: Context, text: str) -> tuple[datetime | None, str]:
    """The time at the beginning, if there is one, and what follows."""
    tokens = list(re.finditer(r"\S+", text))[:6]
    if tokens and folding.fold_words(tokens[0][0]) in _NOW:
        return None, text[tokens[0].end() :].lstrip()
    for number, token in enumerate(tokens):
        clock = calendar.read_time(token[0]) if re.search(r"\d[:.]\d\d$", token[0]) else None
        hour = token[0].casefold() == "uhr" and number > 0
        due = deadlines.read(text[: token.end()], ctx.course, ctx.now) if clock or hour else None
        if due is not None:
            return due, re.sub(r"(?i)^\s*uhr\b[:,]?", "", text[token.end() :]).lstrip()
    return None, text


async def _shown(ctx: Context, draft: _Draft) -> Answer:
    count = len(await checkin.members(ctx.db, ctx.course))
    when = f"{draft.due:%Y-%m-%d %H:%M}" if draft.due else _NOW[0]
    quiet = await _rested(ctx, draft.due or ctx.now)
    still = quiet != (draft.due or ctx.now)
    go = f"{'trotzdem ' if still else ''}{ctx.when(draft.due) if draft.due else 'sofort'}"
    later = f"{calendar.clock(quiet.time())} – später" if still else "14:00 – später"
    room = ROOM_NAMES[draft.place]
    return preview(
        f"ansage {draft.place} {when} {draft.said}",
        f"**Vorschau für {room} ({count} Personen, mit Benachrichtigung):**",
        draft.said,
        _UNCALLED if draft.called and not draft.calls else None,
        f"Achtung: Ruhezeit bis {ctx.when(quiet)}." if still else None,
        asks=f"Senden? ja – {go}, {later}, nein",
        also=(LATER,),
    )


async def _decided(ctx: Context, draft: _Draft) -> str:
    """At once, at the time that was in the preview, or at the one that was answered."""
    due, why = draft.due, ""
    if ":" in ctx.answer:
        day = (draft.due or ctx.now).date()
        hour, minute = map(int, ctx.answer.split(":"))
        due = calendar.at(day, time(hour, minute), ctx.course.zone)
        if due <= ctx.now:
            due = calendar.at(day + timedelta(days=1), time(hour, minute), ctx.course.zone)
        wanted, due = due, await _rested(ctx, due)
        why = "" if due == wanted else f" Um {calendar.clock(wanted.time())} Uhr ist Ruhezeit."
    room = ROOM_NAMES[draft.place]
    if due is None:
        ctx.also.append(Post(draft.place, draft.said, push=True, everyone=draft.calls))
        return f"Gesendet im Raum {room}."
    await announcements.plan(ctx.db, ctx.course, draft.place, draft.said, (due, ctx.event_id))
    return f"Geplant für den Raum {room}: {ctx.when(due)}.{why}\nZurücknehmen: !ansage liste"


async def _rested(ctx: Context, moment: datetime) -> datetime:
    """The moment itself, or the end of quiet hours and breaks that it lies in."""
    local = ctx.course.local(moment)
    breaks = await courses.breaks(ctx.db, ctx.course, since=local.date())
    rested = silence.after_quiet(ctx.course, local)
    return silence.after_breaks(ctx.course, breaks, rested)


async def _listed(ctx: Context) -> str:
    planned = await announcements.waiting(ctx.db, ctx.course)
    if not planned:
        return f"Es ist keine Ansage geplant. Eine neue zum Beispiel: {_EXAMPLE}"
    lines = [
        f"{number} – {ctx.when(one.due)} ({ROOM_NAMES[Place(one.room)]}): {quoted(one.text, 60)}"
        for number, one in enumerate(planned[:5], 1)
    ]
    more = f"und {len(planned) - 5} weitere" if len(planned) > 5 else None
    return composed("**Geplante Ansagen**", *lines, more, "Zurücknehmen: !ansage weg 1")


async def _cancelled(ctx: Context, number: int) -> Answer:
    planned = await announcements.waiting(ctx.db, ctx.course)
    if not 1 <= number <= len(planned):
        raise UserError("Diese Ansage gibt es nicht. Was geplant ist: !ansage liste")
    one = planned[number - 1]
    if ctx.confirmed:
        await announcements.cancel(ctx.db, one)
        return "Zurückgenommen. Was noch geplant ist: !ansage liste"
    asked = f"**Ansage {ctx.when(one.due)} zurücknehmen?**"
    return preview(f"ansage weg {number}", asked, quoted(one.text, 300))
