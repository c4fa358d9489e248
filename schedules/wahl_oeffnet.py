"""A vote begins, or goes on: what there is to choose from, and how."""

from schedules import Context, cut, schedule
from storage import calendar, meetings, polls
from storage.models import Poll
from storage.polls import APPROVAL, QUESTION, RUNOFF
from storage.replies import Ballot

LONGEST_LIST = 8


@schedule("Beginn der Abstimmung")
async def wahl_oeffnet(ctx: Context) -> Ballot:
    """A text that can be voted on by typing, and a native poll to click on."""
    poll, topics = ctx.poll, await polls.options(ctx.db, ctx.poll)
    options = {topic.number: topic.short or topic.title for topic in topics}
    shown = list(options.items())[:LONGEST_LIST]
    more = len(options) - len(shown)
    lines = [
        f"**{_called(ctx)}: {cut(poll.question, 120)}**",
        *(f"{number} – {cut(label, 40)}" for number, label in shown),
        *([f"und {more} weitere: {polls.about(poll)}"] if more else []),
        await _won(ctx),
        f"Schluss: {ctx.when(poll.closes)}. Die letzte Stimme zählt.",
        _how(poll, [*options]),
        "Wer hier im Raum abstimmt, tut es offen: Die anderen können die Stimme sehen. "
        "Verdeckt geht es direkt bei mir, die Lehrgangsleitung sieht dann nur Summen.",
    ]
    text = "\n".join(filter(None, lines))
    return Ballot(text, poll.question, options, poll.votes_per_person, poll.interim_visible)


def _called(ctx: Context) -> str:
    kind = {QUESTION: "Umfrage", RUNOFF: "Stichwahl"}.get(ctx.poll.kind, "Abstimmung")
    return f"{kind} verlängert" if ctx.poll.reopened else kind


async def _won(ctx: Context) -> str:
    """Which dates the winners get."""
    dates = await meetings.every(ctx.db, ctx.course)
    days = [m.day for m in dates if m.slot in ctx.poll.slots and not m.cancelled]
    named = " und ".join(f"am {calendar.short(day)}" for day in days[:3])
    return f"Die meisten Stimmen entscheiden, was {named} drankommt." if named else ""


def _how(poll: Poll, numbers: list[int]) -> str:
    """An example that is an option, but not always the first."""
    if not numbers:
        return ""
    example = numbers[len(numbers) // 2]
    if poll.votes_per_person > 1 and len(numbers) > 1:
        most = "Alle Themen, die passen"
        if poll.procedure != APPROVAL:
            most = f"Bis zu {poll.votes_per_person} Stimmen"
        return f"{most}: !stimme {numbers[0]} {example} schreiben oder unten antippen."
    return (
        f"Abstimmen: !stimme {example} schreiben, unten antippen oder mir direkt die Zahl schicken."
    )
