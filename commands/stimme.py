"""!stimme: vote for elective topics, change the vote or withdraw it."""

import re
from collections.abc import Sequence
from typing import Annotated, Final

from commands import Context, UserError, command, quoted
from storage import folding, polls
from storage.models import Poll, Topic
from storage.replies import DIRECT, TALK

_WITHDRAW: Final = frozenset(
    "zurueck zurueckziehen zuruecknehmen enthalten enthaltung enthalte loeschen keine".split()
)
_NUMERALS: Final = ("null", "eins", "zwei", "drei", "vier", "fuenf", "sechs", "sieben", "acht")


@command(
    "für ein Wahlthema stimmen",
    example="!stimme 3",
    aliases=("abstimmen", "stimmen", "wählen", "vote"),
    phrases={"enthalten": "enthalten", "enthaltung": "enthalten", "ich enthalte mich": "enthalten"},
    late=True,
    ended=False,
)
async def stimme(
    ctx: Context, wahl: Annotated[str, "Zahl oder Name des Themas, oder „zurück“"] = ""
) -> str:
    """One ballot by number or name; the last one before the end counts, as the server got it."""
    poll = await _open_poll(ctx)
    topics = await polls.options(ctx.db, poll)
    if not topics:
        raise UserError("Zur Abstimmung fehlen noch die Themen. Fragen: !orga")
    chosen = [] if folding.fold_words(wahl) in _WITHDRAW else _chosen(wahl, topics, poll)
    await polls.cast(
        ctx.db,
        poll,
        mxid=ctx.sender,
        event_id=ctx.event_id,
        answers=[str(topic.number) for topic in chosen],
        at=ctx.sent,
    )
    return _thanks(ctx, poll, chosen)


async def _open_poll(ctx: Context) -> Poll:
    """The poll this vote is in time for, by the server's clock; raises UserError if too late."""
    poll = await polls.current(ctx.db, ctx.course, ctx.sent)
    if poll is None:
        raise UserError("Zurzeit gibt es keine Abstimmung. Termine und Themen: !programm")
    if ctx.person is None:
        raise UserError("Abstimmen können nur die Teilnehmenden. Wie es steht: !stand")
    if ctx.place not in (DIRECT, TALK):
        raise UserError("Hier zählt keine Stimme: bitte im Raum Austausch oder mir direkt.")
    if ctx.sent < poll.opens:
        raise UserError(f"Die Abstimmung beginnt {ctx.when(poll.opens)}. Worum es geht: !themen")
    if poll.cancelled:
        raise UserError("Diese Abstimmung wurde abgebrochen, es zählt keine Stimme.")
    if ctx.sent >= poll.closes or poll.counted is not None:
        where = "Austausch" if poll.kind == polls.QUESTION else "Ankündigungen"
        raise UserError(
            f"Die Abstimmung ist seit {_closed(ctx, poll)} geschlossen, "
            "diese Stimme zählt leider nicht mehr.\n"
            f"Das Ergebnis steht bald im Raum {where}."
        )
    return poll


def _closed(ctx: Context, poll: Poll) -> str:
    moment = ctx.course.local(poll.closes)
    return f"{moment:%H:%M} Uhr" if moment.date() == ctx.today else ctx.when(moment)


def _chosen(wahl: str, topics: Sequence[Topic], poll: Poll) -> list[Topic]:
    """The topics meant by number or by name; raises UserError when not all of them are clear."""
    numbers = [topic.number for topic in topics]
    valid = " oder ".join(filter(None, (", ".join(map(str, numbers[:-1])), str(numbers[-1]))))
    about = f"Mehr: {polls.about(poll)}"
    words = folding.fold_words(wahl).split()
    typed = [int(word) for word in words if word.isdecimal()]
    typed += [_NUMERALS.index(word) for word in words if word in _NUMERALS]
    if not set(typed) <= set(numbers):
        raise UserError(f"Zur Wahl stehen {valid}. Es hat sich nichts geändert. {about}")
    named = _named(wahl, topics)
    found = [topic for topic in topics if topic.number in typed] or named
    if not found or not {topic.number for topic in named} <= {topic.number for topic in found}:
        which = "Welche Antwort" if poll.kind == polls.QUESTION else "Welches Thema"
        raise UserError(f"{which}? Bitte {valid}, zum Beispiel !stimme {numbers[-1]}")
    if len(found) > poll.votes_per_person:
        most = poll.votes_per_person
        limit = "nur eine Stimme" if most == 1 else f"höchstens {most} Stimmen"
        raise UserError(f"Es gibt {limit} pro Person, bitte {valid}. Es hat sich nichts geändert.")
    return found


def _named(wahl: str, topics: Sequence[Topic]) -> list[Topic]:
    """The one topic that the words name, else one for each part of an enumeration."""
    named: dict[str, list[Topic]] = {}
    for topic in topics:
        for known in {folding.fold_words(text) for text in (topic.short, topic.title, topic.key)}:
            named.setdefault(known, []).append(topic)
    named.pop("", None)
    for parts in ([wahl], re.split(r"[,;+]|\bund\b", wahl[:300])):
        found = [folding.look_up(part, named) for part in parts]
        if all(len(hits) == 1 for hits in found):
            return [topic for topic in topics if [topic] in found]
    return []


def _thanks(ctx: Context, poll: Poll, chosen: Sequence[Topic]) -> str:
    until, about = ctx.when(poll.closes), polls.about(poll)
    if not chosen:
        return f"Gut, das zählt als Enthaltung. Abstimmen geht weiter bis {until}: {about}"
    if not ctx.direct:
        return "Gezählt. Danke! Wer lieber verdeckt abstimmt: mir direkt schreiben."
    shown = ", ".join(f"{t.number} – {quoted(t.short or t.title, 60)}" for t in chosen)
    return (
        f"Stimme gezählt: **{shown}**. Danke!\n"
        f"Ändern geht bis {until}: einfach neue Zahl schicken.\n"
        "Hinweis: Die Lehrgangsleitung sieht nur die Summen."
    )
