"""Before the count, the server is asked again; when it is away, nobody waits for long."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from nio import EncryptionError

import schedules
from bot import striking
from bot.matrix.recount import SEALED, UNSURE, Recount
from bot.matrix.state import Room, Rooms
from bot.matrix.sync import Reader
from bot.obstacles import Broken, Forbidden, Unreachable
from bot.striking import Outside
from storage import occurrences, polls

BOT, LEAD = "@kursbot:chat.example.org", "@leitung-ihk:chat.example.org"
VOTE = "org.matrix.msc3381.poll.response"
PAGE = 2


@dataclass
class Server:
    """What the server knows of one room: events by id, and which were deleted."""

    user_id: str = BOT
    events: dict[str, dict] = field(default_factory=dict)
    trouble: list[Exception] = field(default_factory=list)
    asked: int = 0

    async def relations(self, room_id, event_id, start=""):
        """Newest first, a few a page, as Synapse does."""
        self._ask()
        found = [e for e in [*self.events.values()][::-1] if event_id in str(e["content"])]
        at = int(start or 0)
        more = {"next_batch": str(at + PAGE)} if at + PAGE < len(found) else {}
        return {"chunk": found[at : at + PAGE]} | more

    async def call(self, method, *path):
        self._ask()
        if path[-1] not in self.events:
            raise Forbidden("HTTP 404")
        return self.events[path[-1]]

    def _ask(self):
        self.asked += 1
        if self.trouble:
            raise self.trouble.pop(0)

    def delete(self, name, by):
        because = {"event_id": f"{name}-gone", "sender": by, "origin_server_ts": 1}
        self.events[name] |= {"content": {}, "unsigned": {"redacted_because": because}}


class NoKeys:
    """There is no key for anything."""

    def unseal(self, room_id, event):
        raise EncryptionError


@dataclass
class Stage:
    """The sample course with its poll open, and a server that is asked before it is counted."""

    chat: object
    server: Server
    poll: str
    recount: Recount

    def clicks(self, name, by, *answers, kind=VOTE):
        """A vote that the server has, whether or not the bot has heard of it."""
        relation = {"rel_type": "m.reference", "event_id": self.poll}
        self.server.events[name] = {
            "event_id": name,
            "type": kind,
            "sender": f"@{by}:chat.example.org",
            "origin_server_ts": int(self.chat.now.timestamp() * 1000),
            "content": {"m.relates_to": relation, VOTE: {"answers": [*answers]}},
        }

    async def hears(self, *names):
        """The bot hears of these while they happen."""
        room, now = self.chat.room("austausch"), self.chat.now
        events = [self.server.events[name] for name in names]
        await self.chat.intake.take([*self.recount.reader.understood(room, events, now)], {})

    async def closes(self):
        """What the organisers get to know when the clock strikes, and the votes that count."""
        self.chat.at("2026-12-11 12:00:05")
        before = len(self.chat.said)
        struck = (self.chat.sessions, schedules.discover(), self.chat.now, Outside(self.recount))
        await striking.strike(*struck)
        await self.chat.deliver()
        told = [s.body for s in self.chat.said[before:] if s.room == self.chat.room("orga")]
        async with self.chat.sessions() as db:
            tally = await polls.tally(db, (await polls_of(db, self.chat.course))[0])
        return told, {n: votes for n, votes in tally.votes.items() if votes}


async def polls_of(db, course):
    found = await occurrences.timetable(db, course)
    return found.polls


@pytest.fixture
async def stage(chat):
    await chat.loads()
    await chat.clock_strikes("2026-11-30 09:00")
    number = next(n for n, s in enumerate(chat.said, 1) if s.type.endswith("poll.start"))
    chat.at("2026-12-01 09:00")
    room = Room(chat.room("austausch"))
    create = {"type": "m.room.create", "state_key": "", "sender": LEAD}
    room.apply(create | {"content": {"room_version": "12"}})
    server, rooms = Server(), Rooms({room.room_id: room})
    reader = Reader(server, NoKeys(), rooms, None, chat.intake, lambda: chat.now, lambda: None)
    poll = f"$sent{number}"
    found = Stage(chat, server, poll, Recount(reader, patience=0.5))
    server.events[poll] = {"event_id": poll, "type": "start", "sender": BOT, "content": {}}
    return found


async def test_what_a_gap_has_swallowed_is_counted(stage):
    for number in range(1, 8):
        stage.clicks(f"$v{number}", f"tn0{number}", "3")
    await stage.hears("$v1", "$v2")
    told, votes = await stage.closes()
    assert votes == {3: 7}
    assert not [text for text in told if text.startswith("Hinweis")]


async def test_a_swallowed_deletion_takes_the_vote_back(stage):
    stage.clicks("$v1", "tn01", "3")
    stage.clicks("$v2", "tn02", "1")
    await stage.hears("$v1", "$v2")
    stage.server.delete("$v2", "@tn02:chat.example.org")
    _, votes = await stage.closes()
    assert votes == {3: 1}


async def test_a_vote_that_the_server_has_forgotten_stays(stage):
    stage.clicks("$v1", "tn01", "3")
    await stage.hears("$v1")
    del stage.server.events["$v1"]
    _, votes = await stage.closes()
    assert votes == {3: 1}


async def test_a_deleted_poll_has_no_clicks(stage):
    stage.clicks("$v1", "tn01", "3")
    await stage.hears("$v1")
    await stage.chat.says("!stimme 1", by="tn02")
    stage.server.delete(stage.poll, LEAD)
    _, votes = await stage.closes()
    assert votes == {1: 1}
    assert stage.server.asked == 1


async def test_a_server_that_is_back_soon_is_waited_for(stage):
    stage.recount.patience = 10.0
    stage.clicks("$v1", "tn01", "3")
    stage.server.trouble = [Unreachable("away"), Broken("HTTP 500")]
    told, votes = await stage.closes()
    assert votes == {3: 1}
    assert UNSURE not in told


@pytest.mark.parametrize("trouble", [Unreachable, Broken, Forbidden])
async def test_without_the_server_what_is_there_is_counted(stage, trouble):
    await stage.chat.says("!stimme 3", by="tn01")
    stage.server.trouble = [trouble("away") for _ in range(100)]
    if trouble is Forbidden:  # the poll itself may be forgotten, its answers may not
        stage.server.relations = stage.server.call
    told, votes = await stage.closes()
    assert votes == {3: 1}
    assert told[-1] == UNSURE


async def test_answers_that_nobody_can_read_are_told(stage):
    stage.clicks("$v1", "tn01", "3")
    stage.clicks("$v2", "tn02", kind="m.room.encrypted")
    stage.clicks("$v3", "tn03", kind="m.room.encrypted")
    told, votes = await stage.closes()
    assert votes == {3: 1}
    assert told[-1] == SEALED.format("2 Stimmen", "sind sie")


async def test_only_the_end_of_a_poll_asks_the_server(stage):
    await striking.strike(
        stage.chat.sessions,
        schedules.discover(),
        stage.chat.now + timedelta(days=2),
        Outside(stage.recount),
    )
    assert stage.server.asked == 0
