"""What organisers take along as tables, the head first: no more than they may read in the chat."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from storage import (
    calendar,
    decisions,
    feedback,
    meetings,
    networks,
    polls,
    quotes,
    results,
    speaker_questions,
    tips,
)
from storage.decisions import Outcome
from storage.lists.spreadsheet import Cell, Rows
from storage.models import Course, Meeting, Network
from storage.quotes import CONSENTS

FEW = "zu wenige"
"""Instead of a number of answers that would tell who gave them (product C.8)."""

NETWORKS = ["Netzwerk", "Name", "Bundesland", "Gebiet", "Träger", "seit", "bietet", "sucht", "Satz"]


async def ratings(
    db: AsyncSession, course: Course, dates: Sequence[Meeting], now: datetime
) -> Rows:
    """The sums of each webinar, then its sentences: without names, sorted by their letters."""
    rows: list[list[Cell]] = [["Termin", "Datum", "Thema", "Antworten", "Mittel (1 bis 5)", "Satz"]]
    for meeting in (m for m in dates if m.kind == "webinar" and course.ends_at(m) <= now):
        about = _about(meeting)
        found = await feedback.summary(db, course, meeting)
        if found is None:
            rows.append([*about, FEW, "", ""])
            continue
        rows.append([*about, found.count, found.median, ""])
        rows += [[*about, "", "", comment] for comment in found.comments]
    return rows


async def asked(db: AsyncSession, course: Course, dates: Sequence[Meeting]) -> Rows:
    """The questions to webinars, what most want to know first; who asks only if they said so."""
    rows: list[list[Cell]] = [
        ["Termin", "Datum", "Thema", "Nummer", "Frage", "von", "auch gefragt"]
    ]
    for meeting in dates:
        for one in await speaker_questions.about(db, course, meeting):
            rows.append([*_about(meeting), one.number, one.text, one.by, one.raised])
    return rows


async def kept_tips(db: AsyncSession, course: Course) -> Rows:
    """The tips that were agreed to, with the network they come from."""
    return [["Tipp", "von"], *([tip.text, tip.by] for tip in await tips.every(db, course))]


async def voices(db: AsyncSession, course: Course) -> Rows:
    """What may be quoted, as whose words, and what was agreed to."""
    found = await quotes.every(db, course, internal=True)
    return [["Zitat", "von", "erlaubt"], *([q.text, q.by, CONSENTS[q.consent]] for q in found)]


async def counts(db: AsyncSession, course: Course, now: datetime) -> Rows:
    """The sums of all polls that are over; never who voted how (product C.7)."""
    head: list[Cell] = ["Abstimmung", "Schluss", "Nummer", "Antwort", "Stimmen"]
    rows = [[*head, "Platz", "abgestimmt", "stimmberechtigt"]]
    for poll in await polls.every(db, course):
        if poll.closes <= now and not poll.cancelled:
            rows += _counted(course, await decisions.outcome(db, course, poll))
    return rows


def _counted(course: Course, found: Outcome) -> list[list[Cell]]:
    ended = results.typed(course.local(found.poll.closes))
    settled = found.places if found.poll.decided_at else {}
    places = {topic.number: slot for slot, topic in settled.items()}
    return [
        [
            *(found.poll.question, ended, number, topic.title),
            *(found.tally.votes.get(number, 0), places.get(number, "")),
            *(found.tally.voters, found.tally.entitled),
        ]
        for number, topic in found.topics.items()
    ]


async def directory(db: AsyncSession, course: Course) -> Rows:
    """The networks as everybody in the course may see them."""
    every = networks.alphabetically(await networks.every(db, course))
    return [NETWORKS, *map(_network, every)]


def _network(network: Network) -> list[Cell]:
    return [
        *(network.short, network.name, networks.state(network)),
        networks.AREAS.get(network.area, network.area),
        network.host_text or networks.HOSTS.get(network.host, network.host),
        *(network.since or "", ", ".join(network.offers), ", ".join(network.needs)),
        network.sentence,
    ]


def _about(meeting: Meeting) -> list[Cell]:
    return [meeting.key, calendar.with_year(meeting.day), meetings.subject(meeting)]
