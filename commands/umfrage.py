"""!umfrage: organisers ask something, and start, end, extend or call off a vote."""

from datetime import datetime
from typing import Annotated, Final

from commands import Answer, Context, UserError, command, preview, quoted
from storage import calendar, deadlines, drafts, folding, meetings, poll_life, polls, results
from storage.models import Poll
from storage.polls import QUESTION
from storage.replies import TALK, Post
from storage.results import NOUNS

_EXAMPLE: Final = "!umfrage Sie oder du? | Sie | du | bis Fr 12:00"
_TIES: Final = {
    "leitung": "Lehrgangsleitung entscheidet",
    "stichwahl": "Stichwahl",
    "los": "Los entscheidet",
}


@command(
    "etwas fragen, Abstimmungen steuern",
    example=_EXAMPLE,
    phrases={
        "wahl starten": "start",
        "wahl beenden": "ende",
        "wahl verlängern": "verlaengern",
        "wahl abbrechen": "abbrechen",
    },
    admin=True,
)
async def umfrage(
    ctx: Context,
    was: Annotated[str, "Frage | Antwort | Antwort, oder start, ende, verlaengern, abbrechen"] = "",
) -> Answer:
    """Everything is previewed first; the clock then opens, closes and counts."""
    if "|" in was:
        return await _ask(ctx, was)
    verb, _, rest = was.strip().partition(" ")
    match folding.fold_words(verb):
        case "start" | "starten":
            return await _start(ctx, await _meant(ctx, rest))
        case "ende" | "enden" | "beenden":
            return await _end(ctx, await _meant(ctx, rest))
        case "verlaengern":
            key, bis, until = rest.rpartition("bis ")
            return await _extend(ctx, await _meant(ctx, key), until if bis else rest)
        case "abbrechen":
            return await _cancel(ctx, await _meant(ctx, rest))
    raise UserError(
        f"So geht es: {_EXAMPLE}\n"
        "Oder: !umfrage start, !umfrage verlaengern bis Fr 12:00, !umfrage ende, !umfrage abbrechen"
    )


async def _meant(ctx: Context, typed: str) -> Poll:
    """The poll with this key, else the one that it is about at the moment."""
    every = {poll.key: poll for poll in await polls.every(ctx.db, ctx.course)}
    key = typed.strip()
    poll = every.get(key) or await polls.current(ctx.db, ctx.course, ctx.now)
    poll = poll or await polls.election(ctx.db, ctx.course)
    if poll is None:
        raise UserError(f"Es gibt noch keine Abstimmung. Eine neue: {_EXAMPLE}")
    if key and key not in every:
        known = ", ".join(every)
        raise UserError(f"„{quoted(key, 30)}“ kenne ich nicht. Es gibt: {known}")
    return poll


async def _ask(ctx: Context, was: str) -> Answer:
    draft = drafts.read([quoted(part, 120) for part in was.split("|")], ctx.course, ctx.now)
    if fault := draft.fault(ctx.now):
        raise UserError(f"{fault} Es hat sich nichts geändert.\nSo geht es: {_EXAMPLE}")
    until = draft.until or (await deadlines.days(ctx.db, ctx.course)).after(ctx.now)
    await _free(ctx, None, ctx.now, until)
    if ctx.confirmed:
        poll = draft.poll(ctx.course, until, ctx.now)
        await poll_life.question(ctx.db, ctx.course, poll, ctx.now)
        return f"Gestartet: gleich steht die Umfrage im Raum Austausch, bis {ctx.when(until)}."
    answers = ", ".join(f"{n} – {text}" for n, text in enumerate(draft.answers, 1))
    default = "" if draft.until else " (48 Stunden, nur an Werktagen; anders: | bis Fr 12:00)"
    return preview(
        f"umfrage {draft.line(until)}",
        f"**Umfrage starten? {draft.question}**",
        answers,
        f"Raum Austausch, {_votes(draft.votes)} pro Person, Zwischenstand "
        f"{'offen' if draft.disclosed else 'verdeckt'}",
        f"Schluss: {ctx.when(until)}{default}",
        await _doubts(ctx, until),
    )


async def _start(ctx: Context, poll: Poll) -> Answer:
    noun = NOUNS[poll.kind]
    if polls.is_open(poll, ctx.now):
        raise UserError(f"Die {noun} läuft schon, bis {ctx.when(poll.closes)}. Stand: !stand")
    if poll.closes <= max(ctx.now, poll.opens):
        raise UserError(f"Die {noun} ist schon zu Ende. Weiter: {await _further(ctx)}")
    topics = await polls.options(ctx.db, poll)
    if len(topics) < 2:
        raise UserError("Dazu fehlen noch die Themen in der Kursdatei.")
    await _free(ctx, poll, ctx.now, poll.closes)
    if ctx.confirmed:
        await poll_life.start(ctx.db, ctx.course, poll, ctx.now)
        return f"Gestartet: gleich steht sie im Raum Austausch. Schluss: {ctx.when(poll.closes)}."
    slots = "1 Platz" if len(poll.slots) == 1 else f"{len(poll.slots)} Plätze"
    votes = _votes(poll.votes_per_person)
    return preview(
        f"umfrage start {poll.key}",
        f"**{noun} starten?** Raum Austausch, {len(topics)} Themen, {votes}, {slots}",
        f"Schluss: {ctx.when(poll.closes)}",
        _reminders(ctx, poll),
        f"Gleichstand: {_TIES[poll.tie]}",
        await _doubts(ctx, poll.closes, poll),
    )


async def _end(ctx: Context, poll: Poll) -> Answer:
    noun = NOUNS[poll.kind]
    if poll.cancelled:
        raise UserError(f"Die {noun} ist abgebrochen. Doch weiter: {await _further(ctx)}")
    if ctx.now < poll.opens:
        raise UserError(f"Die {noun} beginnt erst {ctx.when(poll.opens)}.")
    if ctx.now >= poll.closes:
        return await results.so_far(ctx.db, ctx.course, poll, ctx.now)
    if ctx.confirmed:
        await poll_life.end(ctx.db, ctx.course, poll, ctx.now)
        return "Beendet. Das Ergebnis kommt gleich hier."
    voted, entitled = await polls.turnout(ctx.db, poll)
    return preview(
        f"umfrage ende {poll.key}",
        f"**{noun} jetzt beenden?** {voted} von {entitled} haben abgestimmt",
        f"Schluss wäre {ctx.when(poll.closes)}",
    )


async def _extend(ctx: Context, poll: Poll, typed: str) -> Answer:
    noun, closes = NOUNS[poll.kind], ctx.when(poll.closes)
    until = deadlines.read(typed, ctx.course, ctx.now)
    election = await polls.election(ctx.db, ctx.course)
    if election and election.decided_at and poll.kind != QUESTION:
        raise UserError("Das Ergebnis ist veröffentlicht. Erst zurücknehmen: !rueckgaengig")
    if poll.sums:
        raise UserError("Wer wie gestimmt hat, ist nicht mehr gespeichert: bitte neu abstimmen.")
    if until is None:
        raise UserError(f"Bis wann? Zum Beispiel: {await _further(ctx)}")
    if until <= max(ctx.now, poll.opens):
        raise UserError(f"{ctx.when(until)} ist zu früh. Es hat sich nichts geändert.")
    if until <= poll.closes:
        raise UserError(f"Schluss ist ohnehin erst {closes}. Gleich beenden: !umfrage ende")
    await _free(ctx, poll, ctx.now, until)
    running = polls.is_open(poll, ctx.now)
    if ctx.confirmed:
        if running:
            text = f"**Die {noun} geht weiter bis {ctx.when(until)}:** {quoted(poll.question, 120)}"
            ctx.also.append(Post(TALK, text, push=True))
        await poll_life.extend(ctx.db, ctx.course, poll, until, ctx.now)
        return f"Verlängert bis {ctx.when(until)}."
    return preview(
        f"umfrage verlaengern {poll.key} bis {until:%Y-%m-%d %H:%M}",
        f"**{noun} verlängern?** Neuer Schluss: {ctx.when(until)}, bisher {closes}",
        await _doubts(ctx, until, poll),
        None if running else "Der Aufruf kommt noch einmal in den Raum Austausch.",
    )


async def _cancel(ctx: Context, poll: Poll) -> Answer:
    noun = NOUNS[poll.kind]
    if poll.closes <= max(ctx.now, poll.opens):
        raise UserError(f"Die {noun} ist schon zu Ende.")
    if ctx.confirmed:
        await poll_life.cancel(ctx.db, ctx.course, poll, ctx.now)
        return f"Abgebrochen. Doch weiter: {await _further(ctx)}"
    voted, _ = await polls.turnout(ctx.db, poll)
    return preview(
        f"umfrage abbrechen {poll.key}",
        f"**{noun} abbrechen?** {quoted(poll.question, 120)}",
        f"Bisher haben {voted} abgestimmt, ausgewertet wird dann nichts.",
    )


async def _free(ctx: Context, poll: Poll | None, begin: datetime, end: datetime) -> None:
    """Two polls at once would leave open what a number means."""
    other = await poll_life.clash(ctx.db, ctx.course, poll, begin, end)
    if other is not None:
        span = f"{ctx.when(other.opens)} bis {ctx.when(other.closes)}"
        raise UserError(f"Da läuft eine andere Abstimmung ({span}); zwei zugleich gehen nicht.")


async def _further(ctx: Context) -> str:
    days = await deadlines.days(ctx.db, ctx.course)
    return f"!umfrage verlaengern bis {results.typed(days.after(ctx.now))}"


async def _doubts(ctx: Context, until: datetime, poll: Poll | None = None) -> str | None:
    days = await deadlines.days(ctx.db, ctx.course)
    slots = set(poll.slots) if poll else set()
    dates = await meetings.every(ctx.db, ctx.course)
    return days.warning(until, [m for m in dates if m.slot in slots and not m.cancelled])


def _reminders(ctx: Context, poll: Poll) -> str | None:
    days = [ctx.course.local(datetime.fromisoformat(text)).date() for text in poll.reminders]
    named = " und ".join(calendar.short(day) for day in days[:4])
    return f"Erinnerung an Nichtwählende: {named} (nur Direktnachricht)" if named else None


def _votes(count: int) -> str:
    return "1 Stimme" if count == 1 else f"{count} Stimmen"
