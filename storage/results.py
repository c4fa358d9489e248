"""What came out of a poll, in words: to the organisers first, then to everybody."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from storage import approval, calendar, chart, deadlines, decisions, meetings, polls
from storage.chart import Chart
from storage.course_files.course_document import cut
from storage.decisions import Outcome
from storage.models import Course, Meeting, Poll, Topic
from storage.polls import APPROVAL, ELECTION, QUESTION, RUNOFF
from storage.replies import INFO, Post

LONGEST_LIST: Final = 8
NOUNS: Final = {ELECTION: "Abstimmung", RUNOFF: "Stichwahl", QUESTION: "Umfrage"}


def report(found: Outcome) -> str:
    """The turnout, the counts, the places, and what is tied."""
    voters, entitled = found.tally.voters, found.tally.entitled
    kind = {RUNOFF: "Stichwahl", QUESTION: "Umfrage"}.get(found.poll.kind, "Ergebnis")
    lines = [f"**{kind}: {voters} von {entitled} Stimmen**", *_counts(found)]
    return "\n".join(lines[: LONGEST_LIST + 1])


def _counts(found: Outcome) -> list[str]:
    """One line for each number of votes; who has a place has an own one."""
    placed = {topic.number: slot for slot, topic in found.places.items()}
    tied = set(found.tied.numbers) if found.tied else set()
    votes = found.tally.votes
    ranked = sorted(votes, key=lambda n: (-votes[n], n not in placed, n not in tied, n))
    lines = []
    for _, group in groupby(ranked, lambda n: (votes[n], placed.get(n), n in tied)):
        numbers = [*group]
        named = ", ".join(f"{short(found.topics[n])} {votes[n]}" for n in numbers)
        if numbers[0] in placed:
            named += f" – {place(found, placed[numbers[0]])}"
        elif found.tied and numbers[0] in tied:
            named += f" – Gleichstand um {places(found, found.tied.slots)}"
        lines.append(cut(named, 120))
    return lines


def short(topic: Topic) -> str:
    """The name by which people know a topic."""
    return cut(topic.short or topic.title, 40)


def places(found: Outcome, slots: Sequence[str]) -> str:
    """Several slots: "Platz A (Mi 13.01.) und Platz B (Mi 20.01.)"."""
    return " und ".join(place(found, slot) for slot in slots)


def place(found: Outcome, slot: str) -> str:
    """A slot and when it is: "Platz A (Mi 13.01.)"."""
    return f"Platz {slot}{_day(found.dates.get(slot), ' ({})')}"


def _day(meeting: Meeting | None, form: str) -> str:
    return form.format(calendar.short(meeting.day)) if meeting else ""


def undecided(found: Outcome, extension: datetime) -> str:
    """What the organisers can type when the votes alone do not decide."""
    lines = []
    if not found.enough:
        few = f"Nötig wären {found.least}" if found.least > 1 else "Niemand hat abgestimmt"
        lines.append(f"{few}. Verlängern: !umfrage verlaengern bis {typed(extension)}")
    return "\n".join([*lines, f"Entscheiden: {_ways(found)}", "Veröffentlicht wird erst danach."])


def typed(moment: datetime) -> str:
    """A local moment as people type it: "Mo 14.12. 12:00"."""
    return f"{calendar.short(moment.date())} {calendar.clock(moment.time())}"


def _ways(found: Outcome) -> str:
    if found.tied is None:
        slot, topic = next(iter(found.places.items()), ("A", None))
        return f"!platz {slot} {topic.key}" if topic else "!platz"
    slot, numbers = found.tied.slots[0], found.tied.numbers
    ways = ", ".join(f"!platz {slot} {found.topics[number].key}" for number in numbers[:4])
    return f"{ways} oder !stichwahl"


async def obstacle(db: AsyncSession, course: Course, now: datetime) -> str | None:
    """Why the organisers cannot decide on the election at this moment; None if they can."""
    election = await polls.election(db, course)
    if election is None:
        return "In diesem Lehrgang gibt es keine Wahl."
    running = next((p for p in await polls.every(db, course) if polls.is_open(p, now)), None)
    if running and election.key in (running.key, running.election):
        until = course.local(running.closes)
        when = f"{calendar.short(until.date())}, {calendar.clock(until.time())} Uhr"
        return f"Die {NOUNS[running.kind]} läuft noch bis {when}. Gleich beenden: !umfrage ende"
    if election.decided_at:
        return "Das Ergebnis ist schon veröffentlicht. Zurücknehmen: !rueckgaengig"
    if election.closes > now or election.cancelled:
        return "Es ist noch nicht abgestimmt. Beginnen: !umfrage start"
    return None


async def so_far(db: AsyncSession, course: Course, poll: Poll, now: datetime) -> str:
    """The result of a closed poll for the organisers, and what they can do about it."""
    text = report(await decisions.outcome(db, course, poll))
    election = await polls.election(db, course)
    if poll.kind == QUESTION or election is None:
        return text
    if election.decided_at:
        return f"{text}\nVeröffentlicht. Zurücknehmen: !rueckgaengig"
    days = await deadlines.days(db, course)
    found = await decisions.outcome(db, course, election)
    return f"{text}\n{undecided(found, days.after(now))}"


async def publish(db: AsyncSession, course: Course, found: Outcome, now: datetime) -> Post:
    """Bring the election into the programme; the announcement for everybody."""
    await decisions.settle(db, course, found, now)
    text = announcement(found, await meetings.roles(db, course))
    return Post(INFO, text, push=True, chart=picture(found))


def picture(found: Outcome) -> Chart:
    """The votes as bars, with the places that they led to."""
    names = {number: short(topic) for number, topic in found.topics.items()}
    won = {topic.number: place(found, slot) for slot, topic in found.places.items()}
    return chart.of(found.poll.question, found.tally, names, marks=won)


def winners(found: Outcome) -> str:
    """What won, and when: "Verstetigung am Mi 13.01., Social Media am Mi 20.01."."""
    won = ((topic, found.dates.get(slot)) for slot, topic in found.places.items())
    return ", ".join(f"{short(topic)}{_day(meeting, ' am {}')}" for topic, meeting in won)


def announcement(found: Outcome, roles: Mapping[str, str]) -> str:
    """What won, when, and who speaks; `roles` are the names of the speakers by their keys."""
    places = found.places.items()
    spoken = [(roles.get(topic.speaker or "", ""), found.dates.get(slot)) for slot, topic in places]
    leading = ", ".join(f"{cut(role)}{_day(meeting, ' ({})')}" for role, meeting in spoken if role)
    lines = [
        f"**Ergebnis ({found.tally.voters} von {found.tally.entitled}): {winners(found)}**",
        *([f"Es leiten: {leading}"] if leading else []),
        *([approval.RULE] if found.poll.procedure == APPROVAL else []),
        "Danke fürs Mitmachen. Alle Termine: !programm alle",
    ]
    return "\n".join(lines)
