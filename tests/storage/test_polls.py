"""What counts as a vote, whoever sends what and when."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from storage import database, polls
from storage.models import (
    Course,
    Network,
    Occurrence,
    OutgoingMessage,
    Person,
    Poll,
    Topic,
)
from storage.tally import VOTES, Heard, Standing, Tally
from tests import databases

OPENS, CLOSES = datetime(2026, 11, 30, 8, tzinfo=UTC), datetime(2026, 12, 11, 11, tzinfo=UTC)
INSIDE = OPENS + timedelta(days=1)
SECOND, MILLISECOND = timedelta(seconds=1), timedelta(milliseconds=1)
KNOWN = (1, 2, 3, 4)
ADA, BEN = "@ada:example.org", "@ben:example.org"


def make_poll(**changes):
    facts = {"course_id": 1, "key": "wahl-1", "question": "?", "slots": ["A", "B"]}
    return Poll(**(facts | {"opens": OPENS, "closes": CLOSES} | changes))


def standings(slots, **votes):
    counted = {int(number[1:]): n for number, n in votes.items()}
    return Tally(sum(counted.values()), 16, counted).standings(slots)


def test_the_sample_has_a_tie_for_the_second_slot():
    assert standings(["A", "B"], _1=4, _2=1, _3=5, _4=4) == [
        Standing((3,), 5, ("A",)),
        Standing((1, 4), 4, ("B",)),
        Standing((2,), 1, ()),
    ]


@pytest.mark.parametrize(
    ("slots", "votes", "shared"),
    [
        (["A", "B"], {"_1": 5, "_2": 4, "_3": 1}, [("A",), ("B",), ()]),
        (["A", "B"], {"_1": 5, "_2": 5, "_3": 1}, [("A", "B"), ()]),
        (["A", "B"], {"_1": 3, "_2": 3, "_3": 3}, [("A", "B")]),
        (["A"], {"_1": 3, "_2": 2, "_3": 2}, [("A",), ()]),
        (["A", "B", "C"], {"_1": 3}, [("A",)]),
        ([], {"_1": 3, "_2": 3}, [()]),
    ],
)
def test_slots_are_shared_out_by_votes(slots, votes, shared):
    assert [standing.slots for standing in standings(slots, **votes)] == shared


def test_a_tie_is_several_topics_for_a_slot():
    assert [s.tied for s in standings(["A", "B"], _1=5, _2=4, _3=4, _4=0)] == [False, True, False]


# ------------------------------------------------------------------ in a course


@dataclass
class Election:
    """A course whose poll is open."""

    sessions: database.Sessions
    course: Course
    poll: Poll

    async def votes(self, event_id, *answers, by=ADA, at=INSIDE):
        async with self.sessions.begin() as db:
            await polls.cast(
                db, self.poll, mxid=by, event_id=event_id, answers=list(answers), at=at
            )

    async def clicks(self, event_id, *answers, by=ADA, at=INSIDE, on="$poll"):
        await self.hears(Heard(event_id, VOTES[0], by, at, on, answers))

    async def hears(self, *heard):
        async with self.sessions.begin() as db:
            for one in heard:
                await polls.hear(db, self.course.id, one)

    async def result(self):
        async with self.sessions.begin() as db:
            return await polls.tally(db, self.poll)

    async def keep(self, *rows):
        async with self.sessions.begin() as db:
            db.add_all(rows)


@pytest.fixture
async def election(tmp_path):
    async with database.opened(databases.of(tmp_path / "kursbot.db")) as sessions:
        async with sessions.begin() as db:
            course = Course(
                key="nk",
                title="Kurs",
                short_title="Kurs",
                timezone="Europe/Berlin",
                begins=date(2026, 11, 2),
                ends=date(2027, 2, 9),
                imported_at=OPENS,
            )
            db.add(course)
            await db.flush()
            here = {"course_id": course.id}
            poll = make_poll(**here)
            network = {
                "kind": "mint_region",
                "state": "NI",
                "area": "",
                "structure": "",
                "host": "",
            }
            db.add(poll)
            db.add(Network(**here, key="watt", name="Wattkante", short="Wattkante", **network))
            for key, mxid in (("tn1", ADA), ("tn2", BEN), ("tn3", None)):
                db.add(Person(**here, key=key, display=key, network="watt", mxid=mxid))
            db.add(
                Person(**here, key="tn4", display="", mxid="@x:example.org", status="ausgeschieden")
            )
            for number in reversed(KNOWN):
                title = f"Thema {number}"
                db.add(Topic(**here, key=f"t{number}", number=number, title=title, short=""))
        yield Election(sessions, course, poll)


def opening(course, event_id, cause="wahl_oeffnet/nk/wahl-1/2026-11-30T09:00"):
    """The poll as it was announced: the text, then the native poll."""
    when = {"anchor": CLOSES, "due": OPENS, "expires": CLOSES, "state": "gesendet"}
    subject = {"schedule": "wahl_oeffnet", "subject": "wahl-1", "room": "austausch", "push": True}
    sent = {"room_id": "!talk", "content": {}, "due": OPENS, "state": "gesendet"}
    return (
        Occurrence(course_id=course.id, cause=cause, **subject, **when),
        OutgoingMessage(cause=cause, event_id="$text", **sent),
        OutgoingMessage(cause=f"{cause}#2", event_id=event_id, **sent),
    )


async def test_a_typed_and_a_native_vote_are_one_persons_vote(election):
    await election.keep(*opening(election.course, "$poll"))
    await election.votes("$1", "3")
    await election.clicks("$2", "1", at=INSIDE + SECOND)
    assert await election.result() == Tally(1, 3, {1: 1, 2: 0, 3: 0, 4: 0})
    await election.votes("$3", "2", at=INSIDE + 2 * SECOND)
    assert await election.result() == Tally(1, 3, {1: 0, 2: 1, 3: 0, 4: 0})


async def test_a_click_counts_as_soon_as_the_poll_is_known_to_be_ours(election):
    await election.clicks("$1", "3")
    assert (await election.result()).voters == 0
    await election.keep(*opening(election.course, "$poll"))
    assert (await election.result()).voters == 1


async def test_a_click_on_another_poll_is_none_of_ours(election):
    await election.keep(*opening(election.course, "$poll"))
    await election.clicks("$1", "3", on="$lunch")
    assert (await election.result()).voters == 0


async def test_two_people_of_one_network_have_two_votes(election):
    await election.votes("$1", "3", by=ADA)
    await election.votes("$2", "3", by=BEN)
    assert await election.result() == Tally(2, 3, {1: 0, 2: 0, 3: 2, 4: 0})


async def test_who_is_not_in_the_course_does_not_count_but_who_has_left_it_since(election):
    await election.votes("$1", "3", by="@eve:example.org")
    await election.votes("$2", "3", by="@x:example.org")
    async with election.sessions.begin() as db:
        assert await polls.turnout(db, election.poll) == (1, 4)


async def test_the_same_event_votes_once(election):
    await election.votes("$1", "3")
    await election.votes("$1", "1", at=INSIDE + SECOND)
    assert (await election.result()).votes == {1: 0, 2: 0, 3: 1, 4: 0}


async def test_options_come_by_number_and_the_poll_by_course(election):
    async with election.sessions.begin() as db:
        topics = await polls.topics(db, election.course)
        assert [topic.number for topic in topics] == [1, 2, 3, 4]
        poll = await polls.current(db, election.course, election.poll.opens)
        assert poll is not None
        assert poll.key == "wahl-1"


async def test_the_native_poll_is_found_by_its_opening(election):
    async with election.sessions.begin() as db:
        assert await polls.native(db, election.poll) is None
    await election.keep(*opening(election.course, "$poll"))
    async with election.sessions.begin() as db:
        cause = await polls.native(db, election.poll)
    assert cause == "wahl_oeffnet/nk/wahl-1/2026-11-30T09:00#2"
