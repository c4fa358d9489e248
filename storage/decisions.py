"""From the count to the programme: which topic gets which slot, and how that is taken back."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage import meetings, occurrences, overrides, polls
from storage.models import Course, Meeting, Occurrence, Poll, Topic
from storage.polls import Standing, Tally


@dataclass(frozen=True)
class Outcome:
    """What came out of a poll so far, by numbers of topics and by slots.

    `places` are the slots that are settled, by votes or by a decision; `tied` compete for the next
    ones. With too few votes, not `enough`, nothing is settled by votes alone.
    """

    poll: Poll
    tally: Tally
    topics: Mapping[int, Topic]
    dates: Mapping[str, Meeting]
    places: Mapping[str, Topic]
    tied: Standing | None

    @property
    def enough(self) -> bool:
        """Whether as many voted as must."""
        return self.tally.voters >= self.least

    @property
    def least(self) -> int:
        """How many must vote."""
        return max(self.poll.minimum, 1)

    @property
    def clear(self) -> bool:
        """Whether the votes alone decide."""
        return self.enough and self.tied is None


async def outcome(
    db: AsyncSession, course: Course, poll: Poll, decision: Mapping[str, str] | None = None
) -> Outcome:
    """The result of a poll. What somebody decided goes first, the votes share out what is left.

    Another `decision` than that of the poll shows what it would lead to.
    """
    decision = poll.decision if decision is None else decision
    tally = await polls.tally(db, poll)
    topics = {topic.number: topic for topic in await polls.options(db, poll)}
    named = {topic.key: topic for topic in topics.values()}
    decided = {slot: named[key] for slot, key in decision.items() if key in named}
    taken = {topic.number for topic in decided.values()}
    votes = {number: count for number, count in tally.votes.items() if number not in taken}
    chosen = tuple(number for number in tally.selected if number not in taken)
    rest = replace(tally, votes=votes, selected=chosen)
    standings = rest.standings([slot for slot in poll.slots if slot not in decided])
    won = {s.slots[0]: topics[s.numbers[0]] for s in standings if s.slots and not s.tied}
    places = won | decided
    return Outcome(
        poll=poll,
        tally=tally,
        topics=topics,
        dates={m.slot: m for m in await meetings.every(db, course) if m.slot and not m.cancelled},
        places={slot: places[slot] for slot in poll.slots if slot in places},
        tied=next((standing for standing in standings if standing.tied), None),
    )


def placed(decision: Mapping[str, str], slot: str, topic: Topic) -> dict[str, str]:
    """The decision which gives the slot to the topic, wherever that stood before."""
    return {s: key for s, key in decision.items() if key != topic.key} | {slot: topic.key}


def draw(poll: Poll, tied: Standing, topics: Mapping[int, Topic]) -> str:
    """Let the lot decide between tied topics; the seed with which everybody can repeat that.

    The keys in alphabetical order each get the next `random()` of Python's `random.Random(seed)`,
    and the slots go to the lowest ones.
    """
    seed = f"{poll.key} {poll.closes.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    lots = random.Random(seed)
    by_key = sorted((topics[number] for number in tied.numbers), key=lambda topic: topic.key)
    for slot, topic in zip(tied.slots, sorted(by_key, key=lambda _: lots.random()), strict=False):
        poll.decision = placed(poll.decision, slot, topic)
    return seed


async def settle(db: AsyncSession, course: Course, found: Outcome, now: datetime) -> None:
    """Bring an election into the programme: topics and speakers of its slots, and the wishes."""
    for slot, topic in found.places.items():
        if slot in found.dates:
            meeting = found.dates[slot]
            speakers = [topic.speaker] if topic.speaker else []
            overrides.put(meeting, topic=topic.title, speakers=speakers)
            meeting.sequence += 1
    placed = {topic.number for topic in found.places.values()}
    for number, topic in found.topics.items():
        topic.wished = None if number in placed else found.tally.votes[number]
    found.poll.decision = {slot: topic.key for slot, topic in found.places.items()}
    found.poll.decided_at = now
    await occurrences.plan(db, course, now)


async def undo(db: AsyncSession, course: Course, found: Outcome, now: datetime) -> None:
    """Take the last decision back, and out of the programme if it was there."""
    for meeting in found.dates.values() if found.poll.decided_at else ():
        if meeting.slot in found.poll.slots and "topic" in meeting.filed:
            overrides.restore(meeting, "topic", "speakers")
            meeting.sequence += 1
    for topic in found.topics.values():
        topic.wished = None
    found.poll.decision, found.poll.decided_at = {}, None
    await occurrences.plan(db, course, now)


async def reminded(db: AsyncSession, found: Outcome) -> bool:
    """Whether something was already said about one of the slots as they were decided."""
    keys = [m.key for slot, m in found.dates.items() if slot in found.poll.slots]
    query = select(Occurrence.id).where(
        Occurrence.course_id == found.poll.course_id,
        Occurrence.subject.in_(keys),
        Occurrence.state == occurrences.SENT,
        Occurrence.due >= found.poll.decided_at,
    )
    return bool(await db.scalar(select(exists(query))))
