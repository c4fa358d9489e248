"""Ten thousand people vote, and the result is there before anybody asks for it."""

import time
from datetime import UTC, datetime

from sqlalchemy import insert, select

from storage import polls
from storage.models import Ballot, Person, Poll

VOTERS, SECONDS = 10_000, 2.0
VOTE = "org.matrix.msc3381.poll.response"


async def people_vote(chat, poll_event):
    """Half of them click, half of them type; every tenth has changed their mind before."""
    course = chat.course.id
    at = datetime(2026, 12, 1, 9, tzinfo=UTC)
    everybody = [f"@p{n}:x.org" for n in range(VOTERS)]
    here = {"course_id": course, "filed": {}}
    people = [here | {"key": m, "display": m, "mxid": m} for m in everybody]
    votes = []
    for n, mxid in enumerate(everybody * 2):
        if n >= VOTERS and n % 10:
            continue
        native = {"type": VOTE, "about": poll_event, "poll": None}
        way = native if n % 2 else {"type": "", "about": "", "poll": "wahl-1"}
        answers = [str(1 + n % 4 if n < VOTERS else 3)]
        facts = {"course_id": course, "mxid": mxid, "event_id": f"$b{n}", "answers": answers}
        votes.append(facts | way | {"at": at, "edit": False, "power": False})
    async with chat.sessions.begin() as db:
        await db.execute(insert(Person), people)
        await db.execute(insert(Ballot), votes)


async def test_ten_thousand_votes_are_counted_and_closed_in_two_seconds(chat):
    await chat.loads()
    await chat.clock_strikes("2026-11-30 09:00")
    number = next(n for n, said in enumerate(chat.said, 1) if said.type.endswith("poll.start"))
    await people_vote(chat, f"$sent{number}")
    before = time.process_time()
    said = await chat.clock_strikes("2026-12-11 12:00:05")
    seconds = time.process_time() - before
    assert "10000 von 10016" in said
    assert seconds < SECONDS, f"{seconds:.1f} s"
    async with chat.sessions() as db:
        poll = (await db.scalars(select(Poll))).one()
        tally = await polls.tally(db, poll)
    # every tenth, all of them with odd numbers of a topic, has gone over to the third
    assert tally.votes == {1: 2_000, 2: 2_500, 3: 3_000, 4: 2_500}
