"""!themen: the elective topics and how to vote for them."""

from collections.abc import Sequence
from typing import Final

from commands import Context, command, composed, quoted
from storage import calendar, meetings, polls
from storage.models import Meeting, Poll, Topic

_NUMERALS: Final = ("Kein", "Ein", "Zwei", "Drei", "Vier", "Fünf", "Sechs", "Sieben", "Acht")


@command(
    "Wahlthemen und Abstimmung",
    example="!themen",
    aliases=("wahlthemen", "wahlthema", "theme", "thema"),
)
async def themen(ctx: Context) -> str:
    """The topics by number, the slots they are for, and what can be done now."""
    poll = await _poll(ctx)
    topics = await (polls.options(ctx.db, poll) if poll else polls.topics(ctx.db, ctx.course))
    if not topics:
        return "In diesem Lehrgang stehen keine Wahlthemen an. Alle Termine: !programm alle"
    dates = await meetings.every(ctx.db, ctx.course)
    slots = [m for m in dates if poll and m.slot in poll.slots and not m.cancelled]
    shown = [f"{topic.number} – {quoted(_title(topic), 45)}" for topic in topics]
    return composed(
        f"**{_counted(len(topics), 'Wahlthema', 'Wahlthemen')}{_slots(poll, slots)}**",
        *(shown if len(shown) < 9 else ["; ".join(shown)]),
        _state(ctx, poll, topics) if poll else None,
        _decided(slots),
        _wishes(topics),
    )


async def _poll(ctx: Context) -> Poll | None:
    """The runoff while it is on, else the election."""
    current = await polls.current(ctx.db, ctx.course, ctx.now)
    if current and current.kind == polls.RUNOFF and polls.is_open(current, ctx.now):
        return current
    return await polls.election(ctx.db, ctx.course)


def _counted(count: int, one: str, many: str) -> str:
    return f"{_numeral(count)} {one if count == 1 else many}"


def _numeral(count: int) -> str:
    return _NUMERALS[count] if count < len(_NUMERALS) else str(count)


def _title(topic: Topic) -> str:
    """The longer name where it begins with the short one, else the short one."""
    longer = topic.title.startswith(topic.short) or not topic.short
    return topic.title if longer else topic.short


def _slots(poll: Poll | None, slots: Sequence[Meeting]) -> str:
    if poll is None or not poll.slots:
        return ""
    days = [f"{m.day:%d.%m.}" for m in slots]
    counted = f"{_numeral(len(poll.slots)).lower()} Plätze" if poll.slots[1:] else "ein Platz"
    return f", {counted}" + (f" ({' und '.join(days)})" if 0 < len(days) < 5 else "")


def _decided(slots: Sequence[Meeting]) -> str | None:
    known = [m for m in slots if not meetings.is_open(m)]
    shown = ", ".join(f"{quoted(m.topic, 45)} ({calendar.short(m.day)})" for m in known)
    return f"Entschieden: {shown}" if known else None


def _wishes(topics: Sequence[Topic]) -> str | None:
    """What was voted on and found no slot, by votes."""
    wished = sorted((t for t in topics if t.wished is not None), key=lambda t: -(t.wished or 0))
    shown = ", ".join(quoted(topic.short or topic.title, 45) for topic in wished)
    return f"Weitere Wünsche: {shown}" if shown else None


def _state(ctx: Context, poll: Poll, topics: Sequence[Topic]) -> str | None:
    closes = ctx.when(poll.closes)
    if poll.decided_at:
        return None
    if ctx.now >= poll.closes:
        return "Die Abstimmung ist geschlossen. Das Ergebnis kommt in den Raum Ankündigungen."
    if ctx.now < poll.opens:
        return f"Abstimmung ab {ctx.when(poll.opens)}, bis {closes}. Ich melde mich dann."
    votes = _counted(poll.votes_per_person, "Stimme", "Stimmen").replace("Ein ", "Eine ")
    return (
        f"{votes} pro Person, bis {closes}: !stimme {topics[-1].number}\n"
        "Verdeckt geht auch: mir direkt die Zahl schreiben. Wie es steht: !stand"
    )
