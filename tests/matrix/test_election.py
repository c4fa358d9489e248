"""An election on a real homeserver: in an encrypted room, sixteen people do whatever they can."""

import asyncio
import contextlib
import json
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.demo.course import Times, changed
from bot.homeserver import Homeserver
from bot.participant import Event
from storage import database, polls
from storage.models import Poll
from tests import databases
from tests.matrix.cohort import ORGA, PASSWORD, TALK, Cohort, cohort, late_morning
from tests.matrix.peer import Peer
from tests.matrix.service import eventually
from tests.storage.reference_tally import reference

START = "org.matrix.msc3381.poll.start"
VOTE, STABLE = "org.matrix.msc3381.poll.response", "m.poll.response"
END = "org.matrix.msc3381.poll.end"
ANSWER = re.compile("Gezählt|gezählt|Enthaltung|geschlossen, diese")
SOON, HOURS = timedelta(seconds=2), timedelta(hours=6)


def times(opens: timedelta, closes: timedelta) -> Times:
    """When the poll opens and closes, counted from now."""
    now = datetime.now(UTC)
    start = now.astimezone(late_morning(now)).replace(microsecond=0)
    return Times(late_morning(now), start + opens, start + HOURS, start + closes)


@dataclass
class Election:
    """An open poll: its event as people see it; who typed which vote, in which room and message."""

    course: Cohort
    poll: Event
    typed: list[tuple[str, list[str], str]] = field(default_factory=list)

    @property
    def room(self) -> str:
        return self.course.rooms[TALK]

    async def clicks(self, name: str, *answers: str) -> str:
        return await self.course.people[name].vote(self.room, self.poll.id, answers)

    async def sends(self, name: str, kind: str, link: str, **content: object) -> str:
        """An event about the poll, however forged."""
        relation = {"rel_type": link, "event_id": self.poll.id}
        person = self.course.people[name]
        return await person.send(self.room, kind, {"m.relates_to": relation, **content})

    async def types(self, name: str, text: str, *answers: str, room: str = "") -> str:
        """A vote in words, in the direct chat if nothing else is said; what the bot answers."""
        person, room = self.course.people[name], room or self.course.direct[name]
        event_id = await person.say(room, text)
        answer = await person.wait_for(
            lambda e: (e.room, e.sender) == (room, self.course.bot) and ANSWER.search(e.body)
        )
        self.typed.append((self.course.user_id(name), [*answers], event_id))
        return answer.body

    async def deletes(self, name: str, event_id: str) -> None:
        await self.course.people[name].redact(self.room, event_id)

    async def expected(self, closes: datetime) -> dict[str, set[int]]:
        """What the server's log means by the specification."""
        log = [raw(event) for event in await self.course.timeline(self.room)]
        stamps = {event["event_id"]: event["origin_server_ts"] for event in log}
        for room in self.course.direct.values():
            events = await self.course.timeline(room)
            stamps |= {event.id: milliseconds(event.sent_at) for event in events}
        typed = [(who, answers, stamps[event_id]) for who, answers, event_id in self.typed]
        poll = {"id": self.poll.id, "sender": self.course.bot, "options": [*"1234"], "most": 1}
        poll |= {"opens": 0, "closes": milliseconds(closes)}
        leader = self.course.user_id("leitung")
        return reference(log, poll, typed, lambda user: user == leader)


def raw(event: Event) -> dict:
    """The event as the server has it, but in clear."""
    return {
        "event_id": event.id,
        "type": event.type,
        "sender": event.sender,
        "origin_server_ts": milliseconds(event.sent_at),
        "content": event.content,
        "redacts": event.content.get("redacts"),
    }


def milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


async def counted(course: Cohort) -> tuple[int, dict[int, int]]:
    """The votes as the bot counts them."""
    async with database.opened(course.service.url) as sessions, sessions() as db:
        result = await polls.tally(db, (await db.scalars(select(Poll))).one())
        return result.voters, dict(result.votes)


def swallow(course: Cohort) -> int:
    """Let the bot forget what it has heard about the native poll, as if it had been in a gap."""
    query = "DELETE FROM ballots WHERE type != '' RETURNING id"
    return len(databases.query(course.service.url, query))


def written(course: Cohort, when: Times) -> str:
    """The sample course where everybody has an account."""
    person = '[[person]]\nid = "tn16"'
    return changed(course.course(when), person, mxid=json.dumps(course.user_id("tn16")))


async def opened(course: Cohort, peers: list[Peer]) -> tuple[Election, list]:
    """The poll is open, and everybody sees it."""
    course.service.read(written(course, times(SOON, HOURS)))
    leader = course.people["leitung"]
    poll = await leader.wait_for(lambda e: e.type == START, 30)
    shown = [await peer.wait_for(lambda e: e.type == START, 20) for peer in peers]
    return Election(course, poll), shown


@pytest.mark.long
async def test_sixteen_people_vote_and_the_bot_counts_by_the_specification(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    async with contextlib.AsyncExitStack() as stack:
        course = await stack.enter_async_context(cohort(homeserver, tmp_path, 16, encrypted=True))
        names = ("tn01", "tn02", "tn03")
        people = [Peer(homeserver.base_url, course.user_id(name)) for name in names]
        peers = [await stack.enter_async_context(peer) for peer in people]
        course.service.read(written(course, times(HOURS, 2 * HOURS)))
        await asyncio.gather(course.arrive(), *(peer.login(PASSWORD) for peer in peers))
        election, shown = await opened(course, peers)
        await voted(election, peers, shown)
        await settled(course)
        assert swallow(course) > 10
        closes = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=3)
        when = times(SOON, HOURS)
        when = replace(when, opens=election.poll.sent_at.astimezone(when.zone), closes=closes)
        course.service.read(written(course, replace(when, closes=closes.astimezone(when.zone))))
        leader = course.people["leitung"]
        result = await leader.wait_for(
            lambda e: e.room == course.rooms[ORGA] and "Ergebnis" in e.body, 30
        )
        await late(election)
        expected = await election.expected(closes)
        del expected[leader.user_id]
        votes = Counter(number for chosen in expected.values() for number in chosen)
        assert (len(expected), votes) == (9, {3: 5, 1: 2, 4: 1, 2: 1})
        assert await counted(course) == (9, {n: votes[n] for n in (1, 2, 3, 4)})
        assert "9 von 16" in result.body
        assert await course.service.stop() == 0


async def voted(election: Election, peers: list[Peer], shown: list) -> None:
    """Everybody votes in another way."""
    talk, course = election.room, election.course
    anna, bernd, clara = peers
    await anna.vote(shown[0], ["3"])
    await bernd.vote(shown[1], ["1"])
    await bernd.vote(shown[1], [])  # deselected: no vote
    await election.clicks("tn03", "4")
    await clara.redact(talk, await clara.vote(shown[2], ["1"]))  # back to 4
    assert "Gezählt" in await election.types("tn04", "!stimme 3", "3", room=talk)
    assert "Verstetigung" in await election.types("tn05", "3", "3")
    await election.clicks("tn06", "1")
    assert "Enthaltung" in await election.types("tn06", "!stimme zurück")
    await election.types("tn07", "!stimme verstetigung", "3")
    await election.clicks("tn07", "2")  # the last one
    await election.clicks("tn08", "3")
    await election.clicks("tn08", "9")  # spoiled: no vote
    await election.sends("tn09", STABLE, "m.reference", **{"m.selections": ["3", "1"]})
    clicked = await election.clicks("tn10", "3")
    await election.deletes("tn10", clicked)  # no vote
    end = {END: {}, "org.matrix.msc1767.text": "Schluss", "body": "Schluss"}
    await election.sends("tn11", END, "m.reference", **end)
    await election.clicks("tn11", "1")
    edit = {"m.new_content": {START: {"answers": []}}, "body": "* nichts"}
    await election.sends("tn12", START, "m.replace", **edit)
    await election.clicks("tn12", "1")
    moderated = await election.clicks("tn13", "2")
    await election.deletes("leitung", moderated)  # no vote
    clicked = await election.clicks("tn14", "1")
    new = {"m.new_content": {VOTE: {"answers": ["3"]}}, VOTE: {"answers": ["3"]}}
    relation = {"rel_type": "m.replace", "event_id": clicked}
    await course.people["tn14"].send(talk, VOTE, {"m.relates_to": relation, **new})
    await election.clicks("leitung", "4")  # does not take part


async def settled(course: Cohort) -> None:
    """Wait until the bot has heard everything: the last thing above all."""

    async def heard() -> bool:
        theirs = f"mxid = '{course.user_id('leitung')}' AND CAST(answers AS TEXT) = '[\"4\"]'"
        query = f"SELECT count(*) FROM ballots WHERE {theirs}"
        return databases.query(course.service.url, query) != [(0,)]

    await eventually(heard, 20)


async def late(election: Election) -> None:
    """After the end nothing counts, in whatever way it comes."""
    assert "geschlossen" in await election.types("tn15", "2", "2")
    await election.clicks("tn16", "2")
