"""!abmelden: say that one cannot come, or that one can after all; nobody needs a reason."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final

from commands import Answer, Context, UserError, choice, command, composed, quoted
from storage import attendance, calendar, folding, meant, meetings
from storage.attendance import SETTLED, SIGNED_OFF, Account
from storage.models import Attendance, Meeting, Person
from storage.replies import ORGA, Post, Reply, Whisper

_BACK: Final = frozenset({"zurueck", "zuruecknehmen", "zurueckziehen", "doch"})


@command(
    "für einen Termin abmelden",
    example="!abmelden Mi 02.12.",
    aliases=("absagen", "abmeldung"),
    phrases={"doch dabei": "zurück"},
    discreet=True,
    ended=False,
)
async def abmelden(
    ctx: Context, termin: Annotated[str, "der Termin, oder „zurück“"] = ""
) -> Answer:
    """Of what is typed only the date is read: a reason is neither kept nor repeated (product C)."""
    if ctx.person is None:
        raise UserError("Abmelden können sich nur die Teilnehmenden. Fragen: !orga")
    said = await _said(ctx, ctx.person, termin)
    if ctx.direct:
        return said
    ctx.also.append(Whisper(ctx.sender, said.text, said.answers, said.confirms))
    return "Das kläre ich direkt, hier im Raum steht davon nichts."


async def _said(ctx: Context, person: Person, termin: str) -> Reply:
    """What the person hears, in private: how tight it gets is nobody else's business."""
    own = await attendance.entries(ctx.db, ctx.course, person)
    words = [word for word in termin.split() if folding.fold_words(word) not in _BACK]
    named = await _named(ctx, " ".join(words))
    if len(words) < len(termin.split()):
        return await _back(ctx, person, own, named)
    if len(named) > 1:
        lines = {f"abmelden {m.key}": _name(m) for m in named}
        return choice(" ".join(words), lines, "Terminen")
    meeting = named[0] if named else await meetings.following(ctx.db, ctx.course, now=ctx.now)
    if meeting is None:
        raise UserError("Es ist kein weiterer Termin geplant. Was war: !programm alle")
    if refusal := _refused(ctx, meeting, own.get(meeting.key)):
        return Reply(refusal)
    account = await attendance.account(ctx.db, ctx.course, person, now=ctx.now)
    if ctx.confirmed:
        return await _signed_off(ctx, person, meeting, account)
    return _asked(meeting, account)


async def _named(ctx: Context, text: str) -> Sequence[Meeting]:
    """The dates that the words fit, those to come if there are any; a reason is passed over."""
    if not text:
        return ()
    found = await meetings.matching(ctx.db, ctx.course, text, ctx.today)
    if not found and meant.is_named(text):
        raise UserError(
            "Dazu finde ich keinen Termin. Für den nächsten: !abmelden\n"
            f"Für einen anderen: {abmelden.example}"
        )
    coming = [m for m in found if not meetings.is_past(ctx.course, m, ctx.now)]
    return coming or found[-1:]


def _refused(ctx: Context, meeting: Meeting, entry: Attendance | None) -> str:
    """Why there is nothing to sign off from; empty if there is."""
    if meeting.cancelled:
        return f"{_name(meeting)} entfällt, eine Abmeldung ist nicht nötig."
    if entry is not None and entry.state in SETTLED:
        return f"{_name(meeting)} ist schon bestätigt. Stimmt das nicht? !orga"
    if meetings.is_past(ctx.course, meeting, ctx.now):
        return f"{_name(meeting)} ist schon vorbei. Nicht dabei gewesen? Dann: „war nicht da“"
    if entry is not None and entry.state == SIGNED_OFF:
        return (
            f"Die Abmeldung für {calendar.short(meeting.day)} ist vermerkt. Doch dabei? "
            f"!abmelden zurück\nEin anderer Termin: {abmelden.example}"
        )
    return ""


def _asked(meeting: Meeting, account: Account) -> Reply:
    left = account.margin - _at_stake(meeting)
    tight = f"Achtung: Die nötigen {account.required} UE sind damit nicht mehr erreichbar. !orga"
    text = composed(
        f"**Für {calendar.short(meeting.day)} abmelden?** Das sind {meeting.units} UE.",
        tight if left < 0 else f"Danach bleiben {left} UE Reserve.",
        "Ja oder Nein reicht. Einen Grund brauche ich nicht.",
        "Die Folien gibt es danach mit !material.",
    )
    return Reply(text, answers={"ja": f"abmelden {meeting.key}"}, confirms=True)


def _at_stake(meeting: Meeting) -> int:
    return meeting.units if meeting.mandatory else 0


async def _signed_off(ctx: Context, person: Person, meeting: Meeting, account: Account) -> Reply:
    entry = Attendance(
        course_id=ctx.course.id,
        person=person.key,
        meeting=meeting.key,
        units=0,
        state=SIGNED_OFF,
        by=ctx.sender,
        at=ctx.now,
    )
    await attendance.report(ctx.db, entry)
    lost = account.margin < _at_stake(meeting)
    warning = f"\nAchtung: {account.required} UE sind damit nicht mehr erreichbar." if lost else ""
    ctx.also.append(Post(ORGA, f"Abmeldung für {_name(meeting)}: {_who(person)}{warning}"))
    return Reply(
        f"Abgemeldet für {_name(meeting)} Die Lehrgangsleitung weiß Bescheid.\n"
        "Doch dabei? !abmelden zurück"
    )


async def _back(
    ctx: Context, person: Person, own: Mapping[str, Attendance], named: Sequence[Meeting]
) -> Reply:
    """Take back the sign-off from the named date, else from the next one."""
    dates = named or await meetings.upcoming(ctx.db, ctx.course, after=ctx.now)
    off = [m for m in dates if m.key in own and own[m.key].state == SIGNED_OFF]
    if not off:
        return Reply(f"Dafür gibt es keine Abmeldung. Abmelden: {abmelden.example}")
    await attendance.withdraw(ctx.db, own[off[0].key])
    ctx.also.append(Post(ORGA, f"Doch dabei, {_name(off[0])}: {_who(person)}"))
    return Reply(f"Schön, die Abmeldung für {_name(off[0])} ist zurückgenommen.")


def _who(person: Person) -> str:
    return f"{person.key} ({quoted(person.display, 60)})"


def _name(meeting: Meeting) -> str:
    return f"{quoted(meetings.short_title(meeting), 80)}, {calendar.short(meeting.day)}"
